package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

func (a *app) verifyCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "verify RUN",
		Short: "Prove a run: check every file's digest, compute it again from its batches, and compare",
		Long: `Checks each file of the run against the manifest, then computes the whole run
again from the batches, rules and models of this program in a folder of its own
and compares the content digest of every table. A rule or model that is not the
one the run used is named. The audit chain is checked entry by entry. RUN may be CURRENT.`,
		Example: "  rongxin verify CURRENT --threads 1",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id := args[0]
			if id == "CURRENT" {
				id = ""
			}
			r, err := run.Open(a.cfg.Home, id)
			if err != nil {
				return err
			}
			if err := r.CheckFiles(); err != nil {
				return err
			}
			mismatches, err := a.repeat(cmd.Context(), r)
			if err != nil {
				return err
			}
			entries, err := a.verifyJournal(cmd.Context())
			if err != nil {
				return err
			}
			result := map[string]any{"run_id": r.ID, "journal_entries": entries, "tables": len(r.Manifest.Tables),
				"files": len(r.Manifest.Files), "mismatches": mismatches, "equal": len(mismatches) == 0}
			if err := a.finish(result, func(w io.Writer) { printVerify(w, r, mismatches, entries) }); err != nil {
				return err
			}
			if len(mismatches) > 0 {
				return fmt.Errorf("run %s: the repetition %w in %d places", r.ID, errDiffers, len(mismatches))
			}
			return nil
		},
	}
}

// repeat computes a run again beside the home and compares.
func (a *app) repeat(ctx context.Context, r *run.Run) ([]run.Mismatch, error) {
	day, err := credit.ParseDate(r.Manifest.AsOf)
	if err != nil {
		return nil, err
	}
	landed, err := landing.List(a.cfg.Home)
	if err != nil {
		return nil, err
	}
	batches, err := r.BatchesOf(landed)
	if err != nil {
		return nil, err
	}
	var previous *run.Run
	if r.Manifest.Previous != "" {
		if previous, err = run.Open(a.cfg.Home, r.Manifest.Previous); err != nil {
			return nil, err
		}
	}
	plan, err := a.planOf(a.cfg.Rules, day, batches, previous)
	if err == nil {
		err = a.checkDatasets(plan)
	}
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "rongxin-verify-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	cfg := a.build()
	cfg.Runs, cfg.Export = scratch, nil
	again, err := run.Build(ctx, cfg, plan, model.List)
	if err != nil {
		return nil, err
	}
	return run.Compare(&r.Manifest, &again.Manifest), nil
}

// verifyJournal checks the audit chain from its first entry to its last.
func (a *app) verifyJournal(ctx context.Context) (entries int64, err error) {
	s, err := a.ops(ctx)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	if err := s.VerifyJournal(ctx); err != nil {
		return 0, fmt.Errorf("audit chain %w: %w", errDiffers, err)
	}
	entries, _, err = s.Head(ctx)
	return entries, err
}

func printVerify(w io.Writer, r *run.Run, mismatches []run.Mismatch, entries int64) {
	for _, m := range mismatches {
		fmt.Fprintf(w, "differs: %s %s: %.12s then, %.12s now\n", m.Kind, m.Name, m.Want, m.Got)
	}
	if len(mismatches) == 0 {
		fmt.Fprintf(w, "run %s: %d tables computed again, all digests equal; %d files as written\n",
			r.ID, len(r.Manifest.Tables), len(r.Manifest.Files))
	}
	fmt.Fprintf(w, "audit chain: %d entries, unbroken\n", entries)
}
