package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/internal/metrics"
	"rongxin/transforms"
	"rongxin/warehouse/model"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/run"
)

// verifyReport is what the verb tells of a run.
type verifyReport struct {
	RunID      string         `json:"run_id"`
	Equal      bool           `json:"equal"`
	Tables     int            `json:"tables"`
	Files      int            `json:"files"`
	Repeated   bool           `json:"repeated"`        // false: what it was computed from is no longer whole
	Anchor     int64          `json:"anchor"`          // journal entry with the digest of the manifest; 0: never published
	Entries    int64          `json:"journal_entries"` // 0: the chain is broken
	Mismatches []run.Mismatch `json:"mismatches"`
	Changed    []run.Mismatch `json:"changed"` // this program and its rules against those of the run
}

func (a *app) verifyCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "verify RUN",
		Short: "Prove a run: check every file's digest, compute it again from its batches, and compare",
		Long: `Checks each file of the run against the manifest, the manifest against the entry
of the audit chain that published the run, and the chain entry by entry. Then it
computes the whole run again, in a folder of its own, from the batches, rules and
models that the run names and keeps, and compares the digest of every table, the
outcome of every check and every list. It reports every mismatch at once.

The run keeps its rules and models, so this holds years later. What this program
has otherwise by now (rules in force, models, contracts, engine) is named beside
the result; it does not change it. RUN may be CURRENT.`,
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
			report, err := a.verify(cmd.Context(), r)
			if err == nil || len(report.Mismatches) > 0 {
				a.told.Set(metrics.VerifyMismatches, float64(len(report.Mismatches)))
			}
			if len(report.Mismatches) > 0 {
				err = errors.Join(fmt.Errorf("run %s %w in %d places", r.ID, errDiffers, len(report.Mismatches)), err)
			} else if err != nil {
				return err
			}
			return errors.Join(a.finish(report, report.print), err)
		},
	}
}

// verify looks at all that proves a run. A mismatch stops nothing but what
// cannot be done with it.
func (a *app) verify(ctx context.Context, r *run.Run) (verifyReport, error) {
	report := verifyReport{RunID: r.ID, Tables: len(r.Manifest.Tables), Files: len(r.Manifest.Files),
		Mismatches: []run.Mismatch{}, Changed: []run.Mismatch{}}
	add := func(list ...run.Mismatch) { report.Mismatches = append(report.Mismatches, list...) }
	var err error
	if report.Entries, err = a.verifyJournal(ctx); err != nil {
		add(run.Mismatch{Kind: "journal", Name: "chain", Detail: err.Error()})
	}
	anchor, list, err := a.checkPublication(ctx, r)
	if err != nil {
		add(run.Mismatch{Kind: "journal", Name: "publications", Detail: err.Error()})
	}
	report.Anchor = anchor
	add(list...)
	add(r.CheckFiles()...)

	own, err := transforms.Models()
	if err != nil {
		return report, err
	}
	plan, list := r.Plan(a.cfg.Home, own)
	add(list...)
	if report.Repeated = len(list) == 0; report.Repeated {
		again, err := a.repeat(ctx, plan)
		if errors.Is(err, run.ErrCheck) {
			add(run.Mismatch{Kind: "check", Name: "repetition", Detail: err.Error()})
		} else if err != nil {
			return report, fmt.Errorf("run %s: repetition: %w", r.ID, err)
		} else {
			add(run.Compare(&r.Manifest, &again)...)
			report.Changed = append(report.Changed, run.CompareEngines(&r.Manifest, &again)...)
		}
	}
	report.Changed = append(report.Changed, a.changedSince(r, plan)...)
	report.Equal = len(report.Mismatches) == 0
	return report, nil
}

// repeat computes a run again beside the home.
func (a *app) repeat(ctx context.Context, plan run.Plan) (run.Manifest, error) {
	scratch, err := os.MkdirTemp("", "rongxin-verify-*")
	if err != nil {
		return run.Manifest{}, err
	}
	defer os.RemoveAll(scratch)
	cfg := a.build()
	cfg.Runs, cfg.Full = scratch, true
	again, err := run.Build(ctx, cfg, plan, model.List)
	if err != nil {
		return run.Manifest{}, err
	}
	return again.Manifest, nil
}

// checkPublication holds the manifest against each journal entry that published
// the run, and CURRENT against the last one of any run. It returns the number of
// the run's last such entry.
func (a *app) checkPublication(ctx context.Context, r *run.Run) (anchor int64, list []run.Mismatch, err error) {
	digest, err := r.ManifestDigest()
	if err != nil {
		return 0, nil, err
	}
	digest = credit.MaskPersonal(digest) // as the journal does with all it is told
	s, err := a.ops(ctx)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	last := ""
	for entry, err := range s.Entries(ctx, ops.EntryFilter{Action: actionPublish}) {
		if err != nil {
			return 0, nil, err
		}
		if last = entry.Run; entry.Run != r.ID {
			continue
		}
		var told publication
		if err := json.Unmarshal(entry.Detail, &told); err != nil {
			return 0, nil, err
		}
		anchor = entry.Seq
		if told.Manifest != digest {
			list = append(list, run.Mismatch{Kind: "manifest", Name: "manifest.json", Want: told.Manifest, Got: digest,
				Detail: fmt.Sprintf("not the one that journal entry %d published", entry.Seq)})
		}
	}
	current, err := run.Open(a.cfg.Home, "")
	switch {
	case errors.Is(err, run.ErrNoRun) && last == "":
		return anchor, list, nil
	case err != nil:
		list = append(list, run.Mismatch{Kind: "file", Name: "CURRENT", Detail: err.Error()})
	case current.ID != last:
		list = append(list, run.Mismatch{Kind: "file", Name: "CURRENT",
			Detail: fmt.Sprintf("names run %s, and the journal published %s last: publish one again with: rongxin run --as-of DATE", current.ID, last)})
	}
	return anchor, list, nil
}

// changedSince names what this program would do otherwise: rules in force that
// are not the run's, and, by the rules that the run keeps, its datasets, rule
// tables and models.
func (a *app) changedSince(r *run.Run, plan run.Plan) []run.Mismatch {
	broken := func(kind, name string, err error) run.Mismatch {
		return run.Mismatch{Kind: kind, Name: name, Detail: err.Error()}
	}
	var list []run.Mismatch
	now, err := a.planOf(a.cfg.Rules, plan.AsOf, plan.Batches, plan.Previous)
	if err != nil {
		list = append(list, broken("rule", "in force on "+plan.AsOf.String(), err))
	} else {
		list = append(list, run.CompareSources(plan, now)...)
	}
	kept := filepath.Join(r.SourceDir(), "evaluators", "rules")
	own, err := a.planOf(kept, plan.AsOf, plan.Batches, plan.Previous)
	if err != nil {
		return append(list, broken("rule", "kept by the run", err))
	}
	return append(list, run.ComparePlans(plan, own)...)
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

func (r verifyReport) print(w io.Writer) {
	for _, m := range r.Mismatches {
		fmt.Fprintf(w, "differs: %s\n", m)
	}
	for _, m := range r.Changed {
		fmt.Fprintf(w, "changed since: %s\n", m)
	}
	switch {
	case r.Equal:
		fmt.Fprintf(w, "run %s: %d tables computed again, all digests equal; %d files as written\n", r.RunID, r.Tables, r.Files)
	case !r.Repeated:
		fmt.Fprintf(w, "run %s: not computed again, for what it was computed from is no longer whole\n", r.RunID)
	}
	if r.Anchor > 0 {
		fmt.Fprintf(w, "manifest: published as entry %d of the audit chain\n", r.Anchor)
	} else {
		fmt.Fprintln(w, "manifest: never published, so the audit chain does not vouch for it")
	}
	if r.Entries > 0 {
		fmt.Fprintf(w, "audit chain: %d entries, unbroken\n", r.Entries)
	}
}
