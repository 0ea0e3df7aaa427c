package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"rongxin/warehouse/query/shell"
)

// interact has a person ask: the shell goes on after mistakes and Ctrl-C, and
// ends with \q, Ctrl-D, or when it is told to.
func (a *app) interact(ctx context.Context, s *shell.Shell) (err error) {
	ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	path, err := a.historyFile()
	if err != nil {
		return err
	}
	history, err := shell.OpenHistory(path)
	if err != nil {
		return err
	}
	s.Stop = false
	s.Cancel = func(ctx context.Context) (context.Context, context.CancelFunc) {
		return signal.NotifyContext(context.WithoutCancel(ctx), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	}
	terminal := shell.NewTerminal(s, history, ended.Done())
	defer func() { err = errors.Join(err, terminal.Close()) }()
	s.Keep = func(line string) {
		if err := terminal.Keep(line); err != nil {
			fmt.Fprintln(s.Err, err)
		}
	}
	fmt.Fprintf(s.Err, "%s; \\d lists them, \\? helps, \\q leaves\n", s.Greeting())
	if err := s.Loop(ctx, terminal); err != nil {
		return err
	}
	if ended.Err() != nil {
		return context.Canceled
	}
	fmt.Fprintln(a.out)
	return nil
}

// historyFile is the one that is set, or that of the user.
func (a *app) historyFile() (string, error) {
	if a.cfg.SQLHistory != "" {
		return a.cfg.SQLHistory, nil
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "rongxin", "sql_history"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%w: sql_history: %w: name a file, or /dev/null for none", errConfig, err)
	}
	return filepath.Join(home, ".local", "state", "rongxin", "sql_history"), nil
}

// elapsed shows how long a statement has been running, on a terminal and after
// two seconds. The engine's driver does not tell how far it is.
func (a *app) elapsed() (done func()) {
	if !isTerminal(a.err) {
		return func() {}
	}
	begun, end, ended := a.now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		shown := false
		for {
			select {
			case <-tick.C:
				if n := int(a.now().Sub(begun).Seconds()); n >= 2 {
					shown = true
					fmt.Fprintf(a.err, "\r%d s, Ctrl-C ends it\x1b[K", n)
				}
			case <-end:
				if shown {
					fmt.Fprint(a.err, "\r\x1b[K")
				}
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(end); <-ended })
}
