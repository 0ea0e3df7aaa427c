// Package crash breaks a program on purpose, for tests. It runs the program
// under strace, kills it or fails it at a chosen system call, and replays what
// the program did to its files against power cuts.
//
// A kill leaves what the system calls before it did. A power cut leaves less:
// of what was not flushed, any part may be gone. So a kill is tried for real and
// a power cut on a model of the disk, which is strict: a file keeps its content
// only from its fsync on, and a name stands only from the fsync of its directory
// on, parents included. Names within a directory appear and vanish in the order
// in which they were made; a rename is whole.
package crash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// A Program is a command line that is run again and again.
type Program struct {
	Args []string
	Dir  string
	Env  []string
}

// calls are the system calls that change files, and those that begin or end the
// work on one.
var calls = []string{
	"openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "renameat", "renameat2", "rename",
	"unlinkat", "unlink", "rmdir", "mkdirat", "mkdir", "linkat", "symlinkat", "fchmod", "fchmodat", "flock", "close",
	"copy_file_range", "sendfile", "fallocate", "truncate", "writev", "pwritev", "pwritev2",
}

// An Ending is how a process ended under strace.
type Ending struct {
	Killed   bool
	ExitCode int
	Stdout   string
	Stderr   string
	Log      string // strace's, whole
}

// strace runs the program with arguments for strace before it.
func (p Program) strace(ctx context.Context, log func() (string, error), args ...string) (Ending, error) {
	if _, err := exec.LookPath("strace"); err != nil {
		return Ending{}, errors.New("strace is needed for this test: apt-get install strace")
	}
	cmd := exec.CommandContext(ctx, "strace", append(append([]string{"-f", "-qq", "-e", "signal=none"}, args...), p.Args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.Dir, p.Env, &stdout, &stderr
	err := cmd.Run()
	end := Ending{ExitCode: cmd.ProcessState.ExitCode(), Stdout: stdout.String(), Stderr: stderr.String()}
	end.Killed = end.ExitCode < 0 || end.ExitCode == 128+9 // strace ends as its program ended
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		return end, err
	}
	if strings.Contains(end.Stderr, "strace: ") {
		return end, fmt.Errorf("strace: %s", end.Stderr)
	}
	end.Log, err = log()
	return end, err
}
