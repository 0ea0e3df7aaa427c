package ingest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	watchEvery = 10 * time.Millisecond
	maxMessage = 16 << 20 // bytes of a line from the child
)

// inChild has a task done by a process of its own. A process that is stopped by
// its limits or breaks down says something about the file, which is refused; one
// that is killed from outside, or cannot be started, says something about this
// machine.
func (l *Lander) inChild(ctx context.Context, t *task) (outcome, error) {
	small := *t
	small.Workers = min(t.Workers, max(1, childMemory/2/workerMemory))
	job, err := json.Marshal(&small)
	if err != nil {
		return outcome{}, err
	}
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	timer := time.AfterFunc(limitsOf(t).Wall, func() { stop(errTime) })
	defer timer.Stop()

	cmd := exec.CommandContext(running, l.cfg.Child[0], l.cfg.Child[1:]...)
	cmd.Env = []string{}                                  // what is set for us is not for it
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt reaches us, and it through us
	stderr := &head{limit: 4096}
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe() // open until it ends: it ends when this closes
	if err != nil {
		return outcome{}, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return outcome{}, err
	}
	if err := cmd.Start(); err != nil {
		return outcome{}, fmt.Errorf("start the process that reads extracts: %w", err)
	}
	go watchMemory(running, cmd.Process.Pid, func() { stop(errMemory) })
	go stdin.Write(job) // a child that does not read is found by what it says
	last, readErr := l.listen(stdout)
	waitErr := cmd.Wait()
	switch {
	case last != nil && waitErr == nil && last.Refusal != nil:
		return *last.Outcome, last.Refusal
	case last != nil && waitErr == nil && last.Error != "":
		return outcome{}, errors.New(last.Error)
	case last != nil && waitErr == nil:
		return *last.Outcome, nil
	}
	if ctx.Err() != nil {
		return outcome{}, ctx.Err()
	}
	if code := blame(context.Cause(running), cmd.ProcessState, limitsOf(t), string(stderr.kept)); code != "" {
		return outcome{}, t.refuse(stopped(code))
	}
	return outcome{}, fmt.Errorf("the process that reads extracts ended early: %w", errors.Join(waitErr, readErr))
}

// listen passes on progress and returns the last message, nil when there is none.
func (l *Lander) listen(stdout io.Reader) (*message, error) {
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, maxMessage)
	for lines.Scan() {
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return nil, err
		}
		if m.Outcome != nil {
			return &m, nil
		}
		if l.cfg.Progress != nil {
			l.cfg.Progress(m.Rows, m.Bytes)
		}
	}
	return nil, lines.Err()
}

// blame says what in the file ended a process, or "" when it was not the file.
func blame(cause error, state *os.ProcessState, l limits, stderr string) RefusalCode {
	switch {
	case errors.Is(cause, errMemory):
		return LimitMemory
	case errors.Is(cause, errTime):
		return LimitTime
	}
	status, ok := state.Sys().(syscall.WaitStatus)
	switch {
	case !ok:
		return ""
	case strings.Contains(stderr, "out of memory"), strings.Contains(stderr, "cannot allocate memory"):
		return LimitMemory
	case status.Signaled() && state.UserTime()+state.SystemTime() > l.CPU-time.Second:
		return LimitTime
	case strings.Contains("\n"+stderr, "\npanic: "), strings.Contains("\n"+stderr, "\nfatal error: "):
		return ReaderFailed
	case status.Signaled():
		switch status.Signal() {
		case syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGABRT, syscall.SIGILL, syscall.SIGFPE, syscall.SIGSYS:
			return ReaderFailed
		}
	}
	return ""
}

// watchMemory calls exceeded when a process holds more than it may. Where the
// system does not show that, the process's own limits have to do.
func watchMemory(ctx context.Context, pid int, exceeded func()) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if residentBytes(pid) > childMemory {
			exceeded()
			return
		}
	}
}

// residentBytes of a process, or 0 when they are not to be known.
func residentBytes(pid int) int64 {
	statm, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(statm)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// head keeps the first bytes written to it and swallows the rest.
type head struct {
	kept  []byte
	limit int
}

func (h *head) Write(b []byte) (int, error) {
	h.kept = append(h.kept, b[:min(max(0, h.limit-len(h.kept)), len(b))]...)
	return len(b), nil
}
