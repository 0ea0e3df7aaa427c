package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A contest measures contenders on one input.
type contest struct {
	name, title string
	prepare     func(context.Context, job) error // makes the input
	contenders  []contender                      // the first is the yardstick
	goals       []goal
}

// A contender does one piece of work. What it says is kept with its time.
type contender struct {
	name, title string
	run         func(context.Context, job) (said string, err error)
	times       int // so many times the rows of the contest; 0 is once
}

// of tells that a contender's input has so many times the rows of the contest.
func (c contender) of(times int) contender {
	c.times = times
	return c
}

// A job is where a contender finds its input and leaves its output.
type job struct {
	dir  string // of the input, kept for all contenders
	out  string // empty at the start of each run
	rows int    // of the input
}

func newJob(dir string, rows int) job { return job{dir, filepath.Join(dir, "out"), rows} }

func (j job) path(name string) string { return filepath.Join(j.dir, name) }

const prepareRun = "prepare"

// child is the process of one run.
func (c contest) child(ctx context.Context, run string, j job) error {
	if run == prepareRun {
		return c.prepare(ctx, j)
	}
	for _, contender := range c.contenders {
		if contender.name == run {
			said, err := contender.run(ctx, j)
			fmt.Print(said)
			return err
		}
	}
	return fmt.Errorf("no contender %q", run)
}

// hold runs the contest and prints its table and goals.
func (c contest) hold(w io.Writer, rows, rounds int) error {
	dir, err := os.MkdirTemp("", "rongxin-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	j := newJob(dir, rows)
	// In a process of its own: a child's peak counts what its parent held.
	if _, err := c.once(prepareRun, j); err != nil {
		return err
	}
	r := results{}
	for range rounds {
		for _, contender := range c.contenders {
			s, err := c.once(contender.name, j)
			if err != nil {
				return fmt.Errorf("%s: %w", contender.name, err)
			}
			r[contender.name] = append(r[contender.name], s)
		}
	}
	c.print(w, j, rounds, r)
	return nil
}

// once runs a contender as a process, so that its peak memory is its own: that of
// the largest of the processes it consists of.
func (c contest) once(run string, j job) (sample, error) {
	if err := errors.Join(os.RemoveAll(j.out), os.MkdirAll(j.out, 0o755)); err != nil {
		return sample{}, err
	}
	cmd := exec.Command(os.Args[0], "-contest", c.name, "-run", run, "-dir", j.dir, "-rows", strconv.Itoa(j.rows), "-each", strconv.Itoa(recordsEach))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, os.Stderr
	start := time.Now()
	err := cmd.Run()
	elapsed := time.Since(start)
	if err != nil {
		return sample{}, err
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return sample{}, errors.New("this system does not tell the memory of a process")
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return sample{elapsed.Seconds(), cpu.Seconds(), float64(usage.Maxrss) / 1024, strings.TrimSpace(said.String())}, nil
}
