// Command proof holds the judgement of the models against independent seconds
// and prints what it found, one figure a line:
//
//	differential   random enterprises, judged by the models and by evaluators/reference
//	incremental    days of change, each run made from the one before and in full
//	relations      enterprises and changed twins: what a change may and may not do
//	mutants        slips in the SQL of judgement, each of which must show
//
// It ends with an error at the first part that does not hold. The short form of each runs
// with the tests; scripts/check-rules.sh runs all of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

// options say how much is tried.
type options struct {
	rules       string // folder of the rule files
	part        string // only this one; empty: all
	seed        uint64
	enterprises int
	cases       int // of each relation
	mutants     int // about how many are tried; 0: all
	workers     int // engines at work, one thread each
	out         io.Writer
}

func main() {
	o := options{out: os.Stdout}
	flag.StringVar(&o.rules, "rules", "evaluators/rules", "folder of the rule files")
	flag.StringVar(&o.part, "part", "", "only this part: differential, incremental, relations or mutants")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of everything random")
	flag.IntVar(&o.enterprises, "enterprises", 1_000_000, "random enterprises of the differential proof")
	flag.IntVar(&o.cases, "cases", 10_000, "enterprises that each relation is tried on")
	flag.IntVar(&o.mutants, "mutants", 0, "about how many mutants are tried; 0: all")
	flag.IntVar(&o.workers, "workers", runtime.NumCPU(), "engines at work, one thread each")
	flag.Parse()
	debug.SetGCPercent(400) // most of what is made lives as long as its batch
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
	parts := []struct {
		name string
		run  func(context.Context, []rulebook) error
	}{{"differential", o.differential}, {"incremental", o.incremental}, {"relations", o.relate}, {"mutants", o.mutate}}
	for _, part := range parts {
		if o.part != "" && o.part != part.name {
			continue
		}
		start := time.Now()
		if err := part.run(ctx, books); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		fmt.Fprintf(o.out, "%s: %s\n\n", part.name, time.Since(start).Round(time.Second))
	}
	return nil
}

func (o options) figure(name string, value any) { fmt.Fprintf(o.out, "figure %s=%v\n", name, value) }
