package crash

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Kill runs the program and kills it as some thread of it enters the named
// system call for the nth time. Killed is false when none got so far.
func (p Program) Kill(ctx context.Context, call string, n int) (Ending, error) {
	return p.inject(ctx, call, "signal=KILL", n)
}

// Fail runs the program and lets the named call fail with an error such as
// ENOSPC, when some thread of it enters the call for the nth time. The log
// tells "(INJECTED)" when it did.
func (p Program) Fail(ctx context.Context, call, errno string, n int) (Ending, error) {
	return p.inject(ctx, call, "error="+errno, n)
}

func (p Program) inject(ctx context.Context, call, what string, n int) (Ending, error) {
	dir, err := os.MkdirTemp("", "crash-*")
	if err != nil {
		return Ending{}, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "log")
	return p.strace(ctx, func() (string, error) {
		log, err := os.ReadFile(file)
		return string(log), err
	}, "-y", "-s", "0", "-o", file, "-e", "trace="+call,
		"-e", "inject="+call+":"+what+":when="+strconv.Itoa(n))
}

// Injected reports whether an error was really given to the program.
func (e Ending) Injected() bool { return strings.Contains(e.Log, "(INJECTED)") }

// Last is the call that a killed program entered last and did not come back
// from.
func (e Ending) Last() string {
	lines := strings.Split(strings.TrimSpace(e.Log), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.Contains(lines[i], "= ?") || strings.Contains(lines[i], "<unfinished ...>") {
			return lines[i]
		}
	}
	return lines[len(lines)-1]
}
