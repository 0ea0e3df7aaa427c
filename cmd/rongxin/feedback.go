package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/pipelines/workbook"
)

func (a *app) feedbackCmd() *cobra.Command {
	var runID, department, dir string
	cmd := &cobra.Command{
		Use:   "feedback --department NAME --out DIR",
		Short: "Write a workbook for one department: its own refused and doubtful rows, why, and what to do",
		Long: `The workbook holds only the department's own rows: what was refused, what was
accepted with a doubt, and what contradicts the register, each with file, line,
field, meaning in Chinese, a suggested value with its evidence where there is
one, and whether it was answered. Its sheet 纠错回传表 is filled in for codes that
cannot be sent again, and landed back:

  rongxin land credit/code_feedback FILE`,
		Example: "  rongxin feedback --department 市税务局 --out feedback",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			r, err := a.openRun(runID, "")
			if err != nil {
				return err
			}
			db, err := a.attach(ctx, r, "marts.findings_told", "marts.unattached", "marts.code_suggestions", "marts.quality_summary", "run.batches", "run.parameters")
			if err != nil {
				return err
			}
			defer db.Close()
			if err := a.register(ctx, "feedback", r.ID, "", map[string]string{"department": department}); err != nil {
				return err
			}
			result, err := workbook.ExportFeedback(ctx, db, department, dir, meanings())
			if errors.Is(err, workbook.ErrNoBatches) {
				err = cmp.Or(a.checkDepartment(department), fmt.Errorf("%w: %w", errNothing, err))
			}
			if errors.Is(err, workbook.ErrNoFindings) {
				err = fmt.Errorf("%w: %w", errNothing, err)
			}
			if err != nil {
				return err
			}
			summary := map[string]any{"file": result.File, "rejected": result.Rejected, "flagged": result.Flagged, "checked": result.Checked}
			return a.finish(summary, func(w io.Writer) { fmt.Fprintf(w, "%s: %d findings\n", result.File, result.Findings()) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&runID, "run", "", "an earlier run (default: the published one)")
	f.StringVar(&department, "department", "", "name of the department, as in its contracts")
	f.StringVar(&dir, "out", "feedback", "folder to write to")
	must(cmd.MarkFlagRequired("department"))
	return cmd
}
