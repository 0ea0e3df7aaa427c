package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"rongxin/evaluators/draw/dossier"
)

func (a *app) drawVerifyCmd() *cobra.Command {
	var commit string
	var journal bool
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Repeat a draw from its public files alone",
		Long: `Computes everything again, as far as the steps were taken, and names the first file
or row that was altered, added, dropped or moved. Needs no warehouse. Give the
commitment as it was published with --commit: a directory that was made anew from
the start agrees with itself. With --journal the steps are also held against the
audit chain of the home.`,
		Example: `  rongxin draw verify draws/2026-06-30-0123456789ab
  rongxin draw verify draws/2026-06-30-0123456789ab --journal`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := a.verifyDraw(cmd.Context(), args[0], commit, journal)
			if err != nil {
				return err
			}
			return a.finish(report, func(w io.Writer) { printDraw(w, report) })
		},
	}
	cmd.Flags().StringVar(&commit, "commit", "", "the commitment as it was published")
	cmd.Flags().BoolVar(&journal, "journal", false, "hold the steps against the audit chain of the home")
	return cmd
}

func (a *app) verifyDraw(ctx context.Context, dir, commit string, journal bool) (dossier.Report, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return dossier.Report{}, fmt.Errorf("%w: %s is no directory", errUsage, dir)
	}
	report, err := dossier.Verify(os.DirFS(dir))
	if err != nil {
		return report, err
	}
	if commit != "" && commit != report.Commit {
		return report, fmt.Errorf("commitment %q %w from %s, which was published", report.Commit, errDiffers, commit)
	}
	if journal {
		return report, a.journalled(ctx, report)
	}
	return report, nil
}

func printDraw(w io.Writer, r dossier.Report) {
	fmt.Fprintf(w, "draw %s of run %s, %s: %d candidates, %d excluded, quota %d and %d for control, %d drawn\n",
		r.DrawID, r.Plan.RunID, r.Plan.Department, r.Plan.Candidates, r.Plan.Excluded, r.Plan.Quota, r.Plan.Control, r.Drawn)
	for _, s := range r.Steps {
		fmt.Fprintf(w, "%-13s %s\n", s.File, s.SHA256)
	}
	fmt.Fprintln(w, "every file and row is as these make it; compare that of commit.json with the one published before the seed")
}
