package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rongxin/warehouse/ops"
)

// A sitting is the program on a pseudo-terminal, and a person at it.
type sitting struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd

	mu     sync.Mutex
	output []byte
	read   int // up to here the person has read
}

// sit starts the program on a terminal of 100 columns.
func sit(t *testing.T, env []string, args ...string) *sitting {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	noError(t, err)
	noError(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	noError(t, err)
	noError(t, unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 100}))
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	noError(t, err)
	program, err := os.Executable()
	noError(t, err)
	cmd := exec.Command(program, args...)
	cmd.Env = append(append(os.Environ(), "RONGXIN_TEST_AS_PROGRAM=1", "TERM=xterm"), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	noError(t, cmd.Start())
	noError(t, slave.Close())
	s := &sitting{t: t, master: master, cmd: cmd}
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := master.Read(buffer)
			s.mu.Lock()
			s.output = append(s.output, buffer[:n]...)
			s.mu.Unlock()
			if err != nil {
				return // the program has left
			}
		}
	}()
	t.Cleanup(func() { cmd.Process.Kill(); master.Close() })
	return s
}

// types sends keys.
func (s *sitting) types(keys string) {
	s.t.Helper()
	if _, err := s.master.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// sees waits for a text on the screen, after all that was seen before.
func (s *sitting) sees(text string) {
	s.t.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		s.mu.Lock()
		at := bytes.Index(s.output[s.read:], []byte(text))
		if at >= 0 {
			s.read += at + len(text)
		}
		s.mu.Unlock()
		if at >= 0 {
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.t.Fatalf("%q is not seen after:\n%s\nbut:\n%q", text, s.output[:s.read], s.output[s.read:])
}

// leaves waits for the end of the program and returns its exit code.
func (s *sitting) leaves() int {
	s.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	select {
	case err := <-ended:
		if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
			s.t.Fatal(err)
		}
	case <-time.After(time.Minute):
		s.t.Fatal("does not leave")
	}
	return s.cmd.ProcessState.ExitCode()
}

const prompt = "rongxin> "

// A person sits at the shell: completes, goes wrong, gives up, cancels, comes
// back to what was asked before, and leaves. All that was asked is registered.
func askOnTerminal(t *testing.T, home string) {
	history := filepath.Join(t.TempDir(), "new", "history")
	answer := filepath.Join(t.TempDir(), "answer.xlsx")
	env := []string{"RONGXIN_HOME=" + home, "RONGXIN_KEYS=" + home + ".keys", "RONGXIN_ACTOR=analyst", "RONGXIN_SQL_HISTORY=" + history}

	s := sit(t, env, "sql", "--purpose", "试用")
	s.sees("as of " + asOf)
	s.sees(prompt)
	s.types("select count(*) as 名单 from lists.superv\t\n")
	s.sees("lists.supervision")
	s.types(";\r")
	s.sees("(1 rows)")
	s.sees(prompt)

	s.types("select supervision_class from\rlists.nothing;\r") // over two lines, and wrong
	s.sees("...> ")
	s.sees("Catalog Error")
	s.sees(prompt)
	s.types("select 'given up'\r")
	s.sees("...> ")
	s.types("\x03")
	s.sees(prompt)

	begun := time.Now()
	s.types("select sum(a.range * b.range) from range(10000000) a, range(1000000) b;\r")
	s.sees("s, Ctrl-C ends it")
	s.types("\x03")
	s.sees("cancelled")
	if took := time.Since(begun); took > 50*time.Second {
		t.Errorf("cancelling took %s", took)
	}
	s.sees(prompt)
	s.types("\\o " + answer + "\r")
	s.sees(prompt)
	s.types("select '福州' as city;\r")
	s.sees("xlsx, 1 rows")
	s.sees(prompt)
	s.types("\x1b[A\r") // the line before
	s.sees("福州")
	s.sees("(1 rows)")
	s.sees(prompt)
	s.types("select * from overlay.subject_classes limit 1;\r") // wider than the terminal
	s.sees("[1]")
	s.sees("(1 rows)")
	s.sees(prompt)
	s.types("select '350102199003071234';\r")
	s.sees("(1 rows)")
	s.sees(prompt)
	s.types("\x04")
	if code := s.leaves(); code != exitDone {
		t.Errorf("leaves with %d", code)
	}

	info, err := os.Stat(history)
	noError(t, err)
	if info.Mode() != fs.FileMode(0o600) {
		t.Errorf("the history has mode %s", info.Mode())
	}
	kept, err := os.ReadFile(history)
	noError(t, err)
	if !strings.Contains(string(kept), "select supervision_class from lists.nothing;\n") || strings.Contains(string(kept), "350102199003071234") || strings.Contains(string(kept), "given up") {
		t.Errorf("the history holds:\n%s", kept)
	}
	if info, err := os.Stat(answer); err != nil || info.Mode() != fs.FileMode(0o600) {
		t.Errorf("the answer: %v", err)
	}
	registered := registeredQueries(t, home)
	for _, text := range []string{"lists.nothing", "range(10000000)", "answer.xlsx", "试用"} {
		if !strings.Contains(registered, text) {
			t.Errorf("%q is not in the register:\n%s", text, registered)
		}
	}

	// A second sitting remembers, and ends when it is told to.
	s = sit(t, env, "sql")
	s.sees(prompt)
	s.types("\x12nothing")
	s.sees("lists.nothing")
	s.types("\x03")
	s.sees(prompt)
	noError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	if code := s.leaves(); code != exitTemporary {
		t.Errorf("leaves with %d when told to", code)
	}
}

// registeredQueries are the lines of the register that tell of sql.
func registeredQueries(t *testing.T, home string) string {
	t.Helper()
	a := &app{cfg: Config{Home: home}}
	store, err := a.ops(t.Context())
	noError(t, err)
	defer store.Close()
	var b strings.Builder
	for e, err := range store.Entries(t.Context(), ops.EntryFilter{Action: "sql"}) {
		noError(t, err)
		fmt.Fprintf(&b, "%s %s\n", e.Purpose, e.Detail)
	}
	return b.String()
}
