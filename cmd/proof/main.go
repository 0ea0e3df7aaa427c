// Command proof holds the judgement of the models against independent seconds
// and prints what it found, one figure a line:
//
//	differential   random enterprises, judged by the models and by evaluators/reference
//	incremental    days of change, each run made from the one before and in full
//
// It ends with an error at the first difference. The short form of each runs
// with the tests; scripts/check-rules.sh runs all of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
)

// options say how much is tried.
type options struct {
	rules       string // folder of the rule files
	seed        uint64
	enterprises int
	workers     int // engines at work, one thread each
	out         io.Writer
}

func main() {
	o := options{out: os.Stdout}
	flag.StringVar(&o.rules, "rules", "evaluators/rules", "folder of the rule files")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of everything random")
	flag.IntVar(&o.enterprises, "enterprises", 1_000_000, "random enterprises of the differential proof")
	flag.IntVar(&o.workers, "workers", runtime.NumCPU(), "engines at work, one thread each")
	flag.Parse()
	if err := o.prove(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
		os.Exit(1)
	}
}

func (o options) prove(ctx context.Context) error {
	books, err := rulebooks(o.rules)
	if err != nil {
		return err
	}
	return errors.Join(o.timed("differential", func() error { return o.differential(ctx, books) }),
		o.timed("incremental", func() error { return o.incremental(ctx, books) }))
}

// timed runs a part and says how long it took.
func (o options) timed(name string, part func() error) error {
	start := time.Now()
	if err := part(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Fprintf(o.out, "%s: %s\n", name, time.Since(start).Round(time.Second))
	return nil
}

func (o options) figure(name string, value any) { fmt.Fprintf(o.out, "figure %s=%v\n", name, value) }
