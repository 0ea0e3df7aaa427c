package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"rongxin/evaluators"
	"rongxin/evaluators/compare"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// side is one of the two runs of a comparison.
type side struct {
	RunID   string `json:"run_id"`
	AsOf    string `json:"as_of"`
	RuleSet string `json:"rule_set"`
}

func sideOf(r *run.Run) side { return side{r.ID, r.Manifest.AsOf, r.Manifest.RuleSet} }

type compareReport struct {
	Before     side                 `json:"before"`
	After      side                 `json:"after"`
	SameFacts  bool                 `json:"same_facts"` // the same batches and day: only rules differ
	Subjects   int64                `json:"subjects"`
	Moved      int64                `json:"moved"`
	Matrix     []compare.Cell       `json:"matrix"`
	MainCauses []compare.CauseCount `json:"main_causes"`
	Rules      []compare.RuleChange `json:"rules"`   // that the runs read in other words
	Changes    []evaluators.Change  `json:"changes"` // of their text, value by value
	Examples   []compare.Move       `json:"examples"`
	File       string               `json:"file,omitempty"`
}

func (a *app) compareCmd() *cobra.Command {
	var file string
	var limit int
	cmd := &cobra.Command{
		Use:   "compare RUN RUN [--out FILE]",
		Short: "Who stands in another class in the second run than in the first, and why",
		Long: `Reads the stored rows of two runs and names every subject whose class differs:
how many moved from which class to which, and for each the causes that bore on its
class: a record that came, lapsed, was repaired or corrected, another national or
industry grade, an override, the register, a rule. docs/models.md says how the main
cause is chosen. RUN may be CURRENT, an earlier run, or a run of a challenger.

With --out all of them are written as a workbook (.xlsx) or a table (.csv). The
comparison is registered in the journal.`,
		Example: "  rongxin compare 2026-05-31-0a1b2c3d CURRENT --out 变动.xlsx",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			if err := checkMovesFile(file); err != nil {
				return err
			}
			before, err := a.anyRun(args[0])
			if err != nil {
				return err
			}
			after, err := a.anyRun(args[1])
			if err != nil {
				return err
			}
			detail := map[string]string{"before": before.ID, "after": after.ID}
			if err := a.register(ctx, "compare", after.ID, "", detail); err != nil {
				return err
			}
			report, err := a.compareRuns(ctx, before, after, limit, file)
			if err != nil {
				return err
			}
			return a.finish(report, report.print)
		},
	}
	cmd.Flags().StringVar(&file, "out", "", "write everybody who moved to this .xlsx or .csv file")
	cmd.Flags().IntVar(&limit, "examples", 20, "how many moved subjects to name on screen")
	a.purposeFlag(cmd)
	return cmd
}

func (a *app) compareRuns(ctx context.Context, before, after *run.Run, limit int, file string) (compareReport, error) {
	report := compareReport{Before: sideOf(before), After: sideOf(after), File: file, Examples: []compare.Move{}}
	db, err := engine.Open(ctx, a.cfg.engine())
	if err != nil {
		return report, err
	}
	defer db.Close()
	c, err := compare.New(ctx, db, before, after)
	if err != nil {
		return report, err
	}
	report.SameFacts, report.Rules = c.SameFacts(), c.Rules
	if report.Changes, err = textChanges(before, after); err != nil {
		return report, err
	}
	if report.Matrix, err = c.Matrix(ctx); err != nil {
		return report, err
	}
	report.Moved, report.Subjects = countMoved(report.Matrix)
	if report.MainCauses, err = c.MainCauses(ctx); err != nil {
		return report, err
	}
	if report.Examples, err = examples(ctx, c, limit); err != nil || file == "" {
		return report, err
	}
	return report, writeMoves(ctx, file, "监管类别变动 "+before.ID+" → "+after.ID, c)
}

// textChanges reads what two runs' rules say otherwise from the files they keep.
func textChanges(before, after *run.Run) ([]evaluators.Change, error) {
	was, err := before.Sources()
	if err != nil {
		return nil, err
	}
	stands, err := after.Sources()
	if err != nil {
		return nil, err
	}
	return evaluators.Changes(was, stands)
}

func examples(ctx context.Context, c *compare.Comparison, limit int) ([]compare.Move, error) {
	list := []compare.Move{}
	if limit < 1 {
		return list, nil
	}
	for m, err := range c.Moved(ctx, limit) {
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// anyRun opens a finished run by its name, CURRENT, one of the line or a
// challenger's. Only comparisons ask for it.
func (a *app) anyRun(id string) (*run.Run, error) {
	if id == "CURRENT" {
		return run.Open(a.cfg.Home, "")
	}
	if id == "" {
		return nil, fmt.Errorf("%w: the name of a run is empty", errUsage)
	}
	r, err := run.Open(a.cfg.Home, id)
	if !errors.Is(err, run.ErrNoRun) {
		return r, err
	}
	if r, err := run.OpenChallenger(a.cfg.Home, id); !errors.Is(err, run.ErrNoRun) {
		return r, err
	}
	if filepath.Base(id) == id {
		if _, err := os.Stat(filepath.Join(run.Dir(a.cfg.Home), store.Temporary(id))); err == nil {
			return nil, fmt.Errorf("run %s is not finished: %w yet; the same rongxin run finishes it", id, run.ErrNoRun)
		}
	}
	return nil, fmt.Errorf("%w; %s has the finished ones", err, run.Dir(a.cfg.Home))
}

func (r compareReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s（规则集 %s）→ %s（规则集 %s）\n", r.Before.RunID, r.Before.RuleSet, r.After.RunID, r.After.RuleSet)
	fmt.Fprintf(w, "共 %d 户，变动 %d 户\n", r.Subjects, r.Moved)
	printMatrix(w, r.Matrix)
	for _, c := range r.MainCauses {
		fmt.Fprintf(w, "主要原因 %s（%s） %d 户\n", compare.Kind(c.Kind), compare.Change(c.Change), c.Count)
	}
	for _, c := range r.Changes {
		fmt.Fprintf(w, "规则不同：%s\n", changeText(c))
	}
	printMoves(w, r.Examples, r.Moved)
	if r.File != "" {
		fmt.Fprintf(w, "全部变动已写入 %s\n", r.File)
	}
}
