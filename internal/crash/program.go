//go:build linux && amd64

package crash

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Program is a command line that is run again and again.
type Program struct {
	Args []string
	Dir  string
	Env  []string
	Root string // only calls on what lies below it are seen
}

// An Ending is how a program ended.
type Ending struct {
	ExitCode int // -1 when it was killed
	Stdout   string
	Stderr   string
	Calls    []Call // on what lies below the root, in the order of their ends
}

// A Verdict says what becomes of a call that is about to be made.
type Verdict struct {
	Kill  bool          // the process that makes it is killed
	Errno syscall.Errno // it fails so instead of being made
}

// Run runs the program and all processes it starts, and asks of each call
// before it is made. The nth call has n from 1.
func (p Program) Run(judge func(n int, c Call) Verdict) (Ending, error) {
	// Every ptrace request has to come from the thread that started the program.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	stdout, err := os.CreateTemp("", "crash-stdout-*")
	if err != nil {
		return Ending{}, err
	}
	defer discard(stdout)
	stderr, err := os.CreateTemp("", "crash-stderr-*")
	if err != nil {
		return Ending{}, err
	}
	defer discard(stderr)
	cmd := exec.Command(p.Args[0], p.Args[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.Dir, p.Env, stdout, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		return Ending{}, fmt.Errorf("crash: %s: %w", p.Args[0], err)
	}
	t := tracer{root: p.Root, main: cmd.Process.Pid, stdout: stdout.Name(), judge: judge, made: map[int]Call{}, failing: map[int]syscall.Errno{}}
	if err := t.follow(); err != nil {
		return Ending{}, errors.Join(err, cmd.Process.Kill())
	}
	t.end.Stdout, t.end.Stderr = content(stdout), content(stderr)
	return t.end, nil
}

func discard(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}

func content(f *os.File) string {
	data, err := os.ReadFile(f.Name())
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// tracer follows the threads of a program from stop to stop.
type tracer struct {
	root, stdout string
	main         int // process
	judge        func(int, Call) Verdict
	entered      int                   // calls so far
	made         map[int]Call          // by thread: the call it is in
	failing      map[int]syscall.Errno // by thread: what its call shall end with
	end          Ending
}

const followed = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK |
	unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL

func (t *tracer) follow() error {
	var status unix.WaitStatus
	if _, err := unix.Wait4(t.main, &status, unix.WALL, nil); err != nil {
		return err
	}
	if err := unix.PtraceSetOptions(t.main, followed); err != nil {
		return err
	}
	for thread := t.main; ; {
		signal := 0
		if status.Stopped() {
			var err error
			if signal, err = t.stopped(thread, status); err != nil && !errors.Is(err, unix.ESRCH) {
				return err
			}
			if err := unix.PtraceSyscall(thread, signal); err != nil && !errors.Is(err, unix.ESRCH) {
				return err
			}
		} else if thread == t.main {
			t.end.ExitCode = -1
			if status.Exited() {
				t.end.ExitCode = status.ExitStatus()
			}
		}
		var err error
		for {
			thread, err = unix.Wait4(-1, &status, unix.WALL|unix.WNOTHREAD, nil)
			if !errors.Is(err, unix.EINTR) {
				break
			}
		}
		if errors.Is(err, unix.ECHILD) {
			return nil // all have ended
		}
		if err != nil {
			return err
		}
	}
}

// stopped looks at a thread that stands, and returns the signal to go on with.
func (t *tracer) stopped(thread int, status unix.WaitStatus) (signal int, err error) {
	switch sig := status.StopSignal(); {
	case sig == unix.SIGTRAP|0x80:
		return 0, t.call(thread)
	case sig == unix.SIGTRAP, sig == unix.SIGSTOP:
		return 0, nil // a new thread or program, or its first stop
	default:
		return int(sig), nil
	}
}
