package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"rongxin/evaluators/draw/dossier"
	"rongxin/internal/credit"
	"rongxin/warehouse/ops"
)

func (a *app) drawCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "draw",
		Short: "Draw subjects for inspection so that anyone can draw them again",
		Long: `A draw is a directory of public files, made in steps. Each step names the digests
of those before it and is entered in the audit chain.

  plan      candidates, exclusions and quotas, from a published list
  commit    fixes them; the digest it prints is published before any seed exists
  pledge    binds witnesses to their contributions beforehand, where there are some
  reveal    takes the seed from outside and draws
  assign    draws the inspectors of what is drawn
  merge     makes one visit of the draws of several departments
  publish   closes the directory for the public
  verify    repeats all of it from the directory alone
  form      the workbook in which a department fills in what it found
  results   what came back, and the clock of its publication

docs/draw.md is the procedure to the last byte.`,
	}
	cmd.AddCommand(a.drawPlanCmd(), a.drawCommitCmd(), a.drawPledgeCmd(), a.drawRevealCmd(), a.drawAssignCmd(), a.drawMergeCmd(), a.drawPublishCmd(), a.drawVerifyCmd(),
		a.drawFormCmd(), a.drawResultsCmd())
	return cmd
}

// drawActions are the entries of the audit chain that belong to the steps.
var drawActions = map[string]string{
	dossier.PlanFile:     "draw.plan",
	dossier.CommitFile:   "draw.commit",
	dossier.PledgesFile:  "draw.pledge",
	dossier.SeedFile:     "draw.reveal",
	dossier.AssignFile:   "draw.assign",
	dossier.ManifestFile: "draw.publish",
}

// recorder enters steps of a draw into the audit chain.
func (a *app) recorder(ctx context.Context, detail map[string]string) dossier.Recorder {
	return func(e dossier.Event) error {
		all := map[string]string{"file": e.File, "sha256": e.SHA256}
		maps.Copy(all, detail)
		return a.register(ctx, drawActions[e.File], e.RunID, e.DrawID, all)
	}
}

// stamp is who takes a step, and when.
func (a *app) stamp() dossier.Stamp { return dossier.NewStamp(a.now(), a.cfg.Actor) }

// drawLock keeps other processes from taking the same draw's seed until its
// release.
func (a *app) drawLock(ctx context.Context, drawID string) (release func() error, err error) {
	s, err := a.ops(ctx)
	if err != nil {
		return nil, err
	}
	unlock, err := s.Lock("draw-" + drawID)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return func() error { return errors.Join(unlock(), s.Close()) }, nil
}

// A drawEntry is a step of a draw as the audit chain has it. Its texts are
// masked as register masks them.
type drawEntry struct {
	ops.Record
	file, sha256, seed string
}

// drawEntries reads the steps of a draw from the audit chain.
func (a *app) drawEntries(ctx context.Context, drawID string) (entries []drawEntry, err error) {
	s, err := a.ops(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	actions := slices.Collect(maps.Values(drawActions))
	for r, err := range s.Entries(ctx, ops.EntryFilter{Subject: credit.MaskPersonal(drawID)}) {
		if err != nil {
			return nil, err
		}
		if !slices.Contains(actions, r.Action) {
			continue
		}
		var detail map[string]string
		if err := json.Unmarshal(r.Detail, &detail); err != nil {
			return nil, fmt.Errorf("audit chain: entry %d: %w", r.Seq, err)
		}
		entries = append(entries, drawEntry{r, detail["file"], detail["sha256"], detail["seed"]})
	}
	return entries, nil
}

// is says that the entry is of a file with a digest.
func (e drawEntry) is(file, digest string) bool {
	return e.file == file && e.sha256 == credit.MaskPersonal(digest)
}

// journalled holds the steps of a dossier against the audit chain: each has its
// entry, in order and of the same run; no other seed was revealed, and no step
// was entered whose file is gone.
func (a *app) journalled(ctx context.Context, r dossier.Report) error {
	if _, err := a.verifyJournal(ctx); err != nil {
		return err
	}
	entries, err := a.drawEntries(ctx, r.DrawID)
	if err != nil {
		return err
	}
	last := int64(0)
	taken := map[string]bool{}
	for _, step := range r.Steps {
		i := slices.IndexFunc(entries, func(e drawEntry) bool { return e.Seq > last && e.is(step.File, step.SHA256) })
		if i < 0 {
			return fmt.Errorf("%s %w from the audit chain, which has no %s of draw %s with SHA-256 %s after entry %d",
				step.File, errDiffers, drawActions[step.File], r.DrawID, step.SHA256, last)
		}
		if entries[i].Run != r.Plan.RunID {
			return fmt.Errorf("%s %w from the audit chain: entry %d is of run %s", step.File, errDiffers, entries[i].Seq, entries[i].Run)
		}
		last, taken[step.File] = entries[i].Seq, true
	}
	for _, e := range entries {
		if !taken[e.file] {
			return fmt.Errorf("%s %w from the audit chain: entry %d is %s, the file is missing", e.file, errDiffers, e.Seq, e.Action)
		}
		if e.file == dossier.SeedFile && e.seed != credit.MaskPersonal(r.Seed) {
			return fmt.Errorf("%s %w from the audit chain: entry %d revealed another seed", e.file, errDiffers, e.Seq)
		}
	}
	return nil
}
