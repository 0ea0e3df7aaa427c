package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/warehouse/run"
)

func (a *app) runsPruneCmd() *cobra.Command {
	var asOf func() (credit.Date, error)
	var reason string
	var dry bool
	cmd := &cobra.Command{
		Use:   "prune --reason TEXT",
		Short: "Remove the runs that the rule retention no longer keeps",
		Long: `Removes runs whose time is over by the rule retention of the day: a published one
after three years, others sooner. The published run stays, so does the run before
each that is kept, without which that one could not be verified, and whatever cannot
be read. What landed is never removed. Each removal is registered before it happens,
with the reason. --dry-run only names them. Nothing to remove is exit code 99.`,
		Example: "  rongxin runs prune --dry-run\n  rongxin runs prune --reason 年度清理",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !dry && reason == "" {
				return fmt.Errorf("%w: --reason is required, it is registered; --dry-run only names what would go", errUsage)
			}
			day, err := asOf()
			if err != nil {
				return err
			}
			if day > credit.DateOf(a.now()) && !dry {
				return fmt.Errorf("%w: --as-of %s is to come; what is kept today is not removed today", errUsage, day)
			}
			return a.prune(cmd.Context(), day, reason, dry)
		},
	}
	asOf = a.asOfFlag(cmd, "the day on which their time must be over")
	f := cmd.Flags()
	f.StringVar(&reason, "reason", "", "why, for the register")
	f.BoolVar(&dry, "dry-run", false, "name them, remove nothing")
	return cmd
}

func (a *app) prune(ctx context.Context, day credit.Date, reason string, dry bool) error {
	lines, err := a.runLines(ctx, day)
	if err != nil {
		return err
	}
	report := struct {
		AsOf   string    `json:"as_of"`
		DryRun bool      `json:"dry_run"`
		Runs   []runLine `json:"runs"`
		Bytes  int64     `json:"bytes"`
	}{AsOf: day.String(), DryRun: dry, Runs: []runLine{}}
	var gone []run.Standing
	var ids []string
	for _, l := range lines {
		if l.expired(day) {
			report.Runs, report.Bytes = append(report.Runs, l), report.Bytes+l.OwnBytes
			gone, ids = append(gone, l.standing), append(ids, l.RunID)
		}
	}
	if len(gone) == 0 {
		return fmt.Errorf("%w: on %s every run is still kept", errNothing, day)
	}
	if !dry {
		if err := a.register(ctx, "runs.prune", "", "", map[string]any{"runs": ids, "reason": reason}); err != nil {
			return err
		}
		if err := a.remove(ctx, gone); err != nil {
			return err
		}
	}
	return a.finish(report, func(w io.Writer) {
		printRunLines(w, report.Runs)
		if fmt.Fprintf(w, "%d runs, %.1f MB", len(gone), float64(report.Bytes)/1e6); dry {
			fmt.Fprint(w, " would be")
		}
		fmt.Fprintln(w, " removed")
	})
}

// remove takes runs away while no backup is being made of them.
func (a *app) remove(ctx context.Context, gone []run.Standing) (err error) {
	s, err := a.ops(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	release, err := s.Lock(houseLock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	return run.Remove(a.cfg.Home, gone)
}
