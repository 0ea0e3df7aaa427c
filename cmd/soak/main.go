// Command soak shows that delivery loses nothing, doubles nothing and keeps the
// order, however often the sender is killed and however badly the platform
// behaves.
//
// A made-up city of enterprises changes from day to day. Each day is published
// to the stand-in platform, which fails as it is told to, by senders that are
// killed (SIGKILL) at chosen points of a request, while they plan, or at any
// moment, and some of which are stopped until another has taken over and then
// let go on. Sender and platform are processes of their own; the sender is the
// real publisher over the real store. When a day has come through it is
// reconciled, and the platform's own record of every effect is held against the
// changes of the city.
//
//	go run ./cmd/soak -records 1000000 -kills 500
//
// prints one figure a line on stdout, and its progress on stderr. It exits 1 when
// a figure that must be 0 is not.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"rongxin/warehouse/ops/opstest"
)

// role is set in the processes that soak starts: sender or platform.
const role = "RONGXIN_SOAK_ROLE"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	if part := os.Getenv(role); part != "" {
		return play(ctx, part, args[0], out)
	}
	var p plan
	var store, by string
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.IntVar(&p.Records, "records", 1_000_000, "records of the first day")
	flags.IntVar(&p.Kills, "kills", 500, "how often the sender is killed")
	flags.IntVar(&p.Stops, "stops", 20, "how often it is stopped until another has taken over")
	flags.IntVar(&p.Days, "days", 4, "days at least")
	flags.IntVar(&p.Batch, "batch", 500, "records of a batch")
	flags.StringVar(&p.Faults, "faults", "", "what the platform does wrong (default: 30 % of all that it can)")
	flags.Uint64Var(&p.Seed, "seed", 1, "of city, kills and faults")
	flags.StringVar(&by, "transport", "rest", "how batches travel: rest; exchange, with TEST_POSTGRES_DSN set; or drop")
	flags.StringVar(&store, "store", "sqlite", "operations store: sqlite, or postgres with TEST_POSTGRES_DSN set")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return inPlace(store, func(dir, place string) error {
		way, end, err := newRoute(by, dir)
		if err != nil {
			return err
		}
		p.Store, p.Route, p.Faults = place, way, cmp.Or(p.Faults, thirtyPercent[by])
		figures, err := p.soak(ctx, progress)
		return errors.Join(err, figures.print(out), end())
	})
}

// thirtyPercent is faults of every kind, by transport. Garbage in a table of
// feedback stays there until a person removes it.
var thirtyPercent = map[string]string{
	"rest":     "refuse=8%,timeout_after_taking=4%,cut=6%,garbage=4%,slow=3%,twice=3%,lose_receipt=2%,delay=20ms",
	"exchange": "refuse=10%,timeout_after_taking=6%,cut=6%,slow=3%,twice=3%,lose_receipt=2%,delay=20ms",
	"drop":     "refuse=8%,timeout_after_taking=4%,cut=6%,garbage=4%,slow=3%,twice=3%,lose_receipt=2%,delay=20ms",
}

// inPlace gives do a folder and a place for a store, and removes both.
func inPlace(store string, do func(dir, place string) error) (err error) {
	dir, err := os.MkdirTemp("", "soak-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	switch store {
	case "sqlite":
		return do(dir, dir+"/ops.db")
	case "postgres":
		place, drop, err := opstest.Schema()
		if err != nil {
			return err
		}
		return errors.Join(do(dir, place), drop())
	}
	return fmt.Errorf("store %q: want sqlite or postgres", store)
}

// play is what a started process does.
func play(ctx context.Context, part, job string, out io.Writer) error {
	switch part {
	case "sender":
		var s sender
		if err := json.Unmarshal([]byte(job), &s); err != nil {
			return err
		}
		return s.send(ctx, out)
	case "platform":
		var p stand
		if err := json.Unmarshal([]byte(job), &p); err != nil {
			return err
		}
		return p.serve(ctx, out)
	}
	return fmt.Errorf("no role %q", part)
}
