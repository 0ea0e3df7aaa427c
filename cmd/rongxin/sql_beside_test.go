package main

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// One small city for what takes a process of its own.
func TestQuestions(t *testing.T) {
	home, _ := landedCity(t, "60")
	mustRun(t, home, "run", "--as-of", asOf)
	t.Run("on a terminal", func(t *testing.T) { askOnTerminal(t, home) })
	t.Run("beside a run", func(t *testing.T) { askBesideRun(t, home) })
}

// A question that takes long and a run that is made and published do not wait for
// each other, and short questions are answered all the while.
func askBesideRun(t *testing.T, home string) {
	program, err := os.Executable()
	noError(t, err)
	long := exec.Command(program, "--home", home, "--threads", "1", "sql", "select sum(a.range * b.range) from range(10000000) a, range(1000000) b, run.parameters")
	long.Env = append(os.Environ(), "RONGXIN_TEST_AS_PROGRAM=1")
	noError(t, long.Start())
	ended := make(chan error, 1)
	go func() { ended <- long.Wait() }()
	t.Cleanup(func() { long.Process.Kill() })
	for until := time.Now().Add(time.Minute); !strings.Contains(registeredQueries(t, home), "run.parameters"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the long question is not registered")
		}
	}

	made := make(chan int, 1)
	go func() {
		code, _, _ := rongxin(t, home, "run", "--as-of", "2026-07-01")
		made <- code
	}()
	for asked := 0; ; asked++ {
		select {
		case code := <-made:
			if code != exitDone || asked == 0 {
				t.Errorf("the run ends with %d, after %d questions", code, asked)
			}
			select {
			case err := <-ended:
				t.Fatalf("the long question has ended: %v", err)
			default:
			}
			if out := mustRun(t, home, "sql", "--format", "csv", "select as_of from run.parameters"); !strings.HasSuffix(out, "2026-07-01\n") {
				t.Errorf("the new run is not what is read: %s", out)
			}
			noError(t, long.Process.Signal(os.Interrupt))
			exit := new(exec.ExitError)
			if err := <-ended; !errors.As(err, &exit) || exit.ExitCode() != exitTemporary {
				t.Errorf("the long question, interrupted: %v", err)
			}
			return
		default:
			mustRun(t, home, "sql", "select supervision_class, count(*) from overlay.subject_classes group by 1")
		}
	}
}
