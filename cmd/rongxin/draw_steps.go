package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/dossier"
	"rongxin/internal/credit"
	"rongxin/internal/metrics"
)

// drawStep is what a step of a draw prints.
type drawStep struct {
	DrawID string `json:"draw_id,omitempty"`
	Commit string `json:"commit,omitempty"` // digest of commit.json
	SHA256 string `json:"sha256,omitempty"` // digest of the step's own file
	Seed   string `json:"seed,omitempty"`
	Drawn  int    `json:"drawn,omitempty"`
	Pledge string `json:"pledge,omitempty"`
	text   string
}

func (s drawStep) print(w io.Writer) { fmt.Fprintln(w, s.text) }

func (a *app) drawCommitCmd() *cobra.Command {
	var source string
	cmd := &cobra.Command{
		Use:   "commit DIR --seed-source TEXT",
		Short: "Fix the plan of a draw and print the digest to publish before the seed exists",
		Long: `Checks the plan, writes the digests of its files into commit.json, with the source
of the seed, and prints the digest of that: the commitment. Publish it where its
day can be proved, before the seed can be known. The source is an event to come
that all can see, such as a lottery's or an index's number of a day: named
beforehand, so that nobody chooses it by what it gives. Refuses when there is a seed.`,
		Example: "  rongxin draw commit draws/2026-06-30-0123456789ab --seed-source 沪深300指数2026年7月1日收盘",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			digest, err := dossier.Commit(args[0], source, a.stamp(), func(e dossier.Event) error {
				entries, err := a.drawEntries(cmd.Context(), e.DrawID)
				if err != nil {
					return err
				}
				if i := slices.IndexFunc(entries, func(e drawEntry) bool { return e.file == dossier.SeedFile }); i >= 0 {
					return fmt.Errorf("commit: %w: draw %s has a seed already, entry %d of the audit chain", dossier.ErrRefused, e.DrawID, entries[i].Seq)
				}
				return a.recorder(cmd.Context(), nil)(e)
			})
			if err != nil {
				return err
			}
			step := drawStep{Commit: digest, SHA256: digest}
			step.text = fmt.Sprintf("commitment %s\npublish it, let the seed come from outside, then: rongxin draw reveal %s", digest, args[0])
			return a.finish(step, step.print)
		},
	}
	cmd.Flags().StringVar(&source, "seed-source", "", "where the seed will come from")
	must(cmd.MarkFlagRequired("seed-source"))
	return cmd
}

func (a *app) drawRevealCmd() *cobra.Command {
	var origin dossier.Origin
	var texts []string
	cmd := &cobra.Command{
		Use:   "reveal DIR (--public TEXT | --contribution NAME=TEXT …)",
		Short: "Take the seed from outside, record it, and draw",
		Long: `The seed is what the committed source gave: one text that others saw too, such as
dice, a published lottery or an index with its day, or the contributions of two or
more witnesses, combined; 16 bytes or more each. Refuses when a committed byte changed, when the
audit chain has another commitment, when a witness does not keep a pledge, and
when there is a seed: a draw has one.`,
		Example: `  rongxin draw reveal draws/2026-06-30-0123456789ab --public 2026-07-01-沪深300-3921.07
  rongxin draw reveal draws/2026-06-30-0123456789ab --contribution 王甲=1635241362514336 --contribution 李乙=6254163524136251`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pairs, err := named(texts)
			if err != nil {
				return err
			}
			for _, p := range pairs {
				origin.Contributions = append(origin.Contributions, draw.Contribution{Name: p[0], Text: p[1]})
			}
			step, err := a.reveal(cmd.Context(), args[0], origin)
			if err != nil {
				return err
			}
			a.told.Add(metrics.DrawRevealDrawn, float64(step.Drawn))
			return a.finish(step, step.print)
		},
	}
	f := cmd.Flags()
	f.StringVar(&origin.Public, "public", "", "the public text")
	f.StringArrayVar(&texts, "contribution", nil, "NAME=TEXT of a witness")
	return cmd
}

func (a *app) reveal(ctx context.Context, dir string, origin dossier.Origin) (drawStep, error) {
	c, digest, err := dossier.Digest(dir)
	if err != nil {
		return drawStep{}, err
	}
	seed, err := origin.Seed()
	if err != nil {
		return drawStep{}, fmt.Errorf("%w: %w", errUsage, err)
	}
	release, err := a.drawLock(ctx, c.DrawID)
	if err != nil {
		return drawStep{}, err
	}
	defer release()
	entries, err := a.drawEntries(ctx, c.DrawID)
	if err != nil {
		return drawStep{}, err
	}
	if !slices.ContainsFunc(entries, func(e drawEntry) bool { return e.is(dossier.CommitFile, digest) }) {
		return drawStep{}, fmt.Errorf("%s %w from the audit chain, which has no commitment %s of draw %s", dossier.CommitFile, errDiffers, digest, c.DrawID)
	}
	for _, e := range entries {
		if e.file == dossier.SeedFile && e.seed != credit.MaskPersonal(seed) {
			return drawStep{}, fmt.Errorf("reveal: %w: draw %s has another seed, entry %d of the audit chain", dossier.ErrRefused, c.DrawID, e.Seq)
		}
	}
	s, drawn, err := dossier.Reveal(dir, origin, a.stamp(), a.recorder(ctx, map[string]string{"commit": digest, "seed": seed}))
	if err != nil {
		return drawStep{}, err
	}
	return drawStep{DrawID: s.DrawID, Commit: digest, Seed: s.Text, Drawn: len(drawn),
		text: fmt.Sprintf("seed %s\n%d drawn: %s/%s", s.Text, len(drawn), strings.TrimSuffix(dir, "/"), dossier.DrawnFile)}, nil
}

func (a *app) drawPublishCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "publish DIR",
		Short: "Close the directory of a draw for the public",
		Long: `Verifies the directory, adds a page for the reader and the digests of all files.
The directory is then the public package: put it where anyone can fetch it.`,
		Example: "  rongxin draw publish draws/2026-06-30-0123456789ab",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			digest, err := dossier.Publish(args[0], a.stamp(), a.recorder(cmd.Context(), nil))
			if err != nil {
				return err
			}
			step := drawStep{SHA256: digest, text: fmt.Sprintf("package %s\npublish the whole of %s; anyone repeats it: rongxin draw verify %s", digest, args[0], args[0])}
			return a.finish(step, step.print)
		},
	}
}
