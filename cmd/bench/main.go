// Command bench prints how fast landing is, as ratios against a yardstick that
// runs on the same input in the same call, and how much memory it takes, each
// beside the figure it must reach and the one it aims at.
//
// Every contender runs in a process of its own, by turns, for some rounds; the
// median counts, since the seconds of a shared machine mean little. Processor
// time stands beside elapsed time, and a ratio has passed when both have.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"

	"rongxin/pipelines/ingest"
)

// contests in the order they are run. A new source has its contest in a file of
// its own and a line here.
var contests = []contest{
	penalties,
	registrations,
	growth,
	allBad,
	equalBytes,
	decoding,
	codeCheck,
	sheets,
	lists,
	tables[0],
	tables[1],
	exchanging,
	delivering,
	encoding,
	reconciling,
	drawing,
	assigning,
	evaluate,
	incremental,
	buckets,
}

// byName are the contests that are held only when asked for.
var byName = []contest{large, explaining}

func main() {
	var only, run, dir string
	var rows, rounds int
	flag.StringVar(&only, "contest", "", "run this one only")
	flag.IntVar(&rows, "rows", 300_000, "rows of the input")
	flag.IntVar(&rounds, "rounds", 5, "how often each contender runs")
	flag.IntVar(&recordsEach, "each", recordsEach, "records in force of each enterprise, where enterprises are judged")
	flag.StringVar(&run, "run", "", "internal: be this contender, then exit")
	flag.StringVar(&dir, "dir", "", "internal: the folder of the input")
	flag.Parse()
	if err := bench(context.Background(), only, run, dir, rows, rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, only, run, dir string, rows, rounds int) error {
	chosen := contests
	if only != "" {
		all := slices.Concat(contests, byName)
		i := slices.IndexFunc(all, func(c contest) bool { return c.name == only })
		if i < 0 {
			return fmt.Errorf("no contest %q", only)
		}
		chosen = all[i : i+1]
	}
	switch run {
	case "":
	case judgeRun:
		return ingest.ServeChild(os.Stdin, os.Stdout)
	default:
		return chosen[0].child(ctx, run, newJob(dir, rows))
	}
	for _, c := range chosen {
		if err := c.hold(os.Stdout, rows, rounds); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}
