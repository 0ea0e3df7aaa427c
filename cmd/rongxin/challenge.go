package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/evaluators"
	"rongxin/evaluators/compare"
	"rongxin/evaluators/policy"
	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/run"
)

// notBegun is told where a change cannot show anything yet.
const notBegun = "  注意：改动的规则在评价日尚未施行，因此没有变化。请把 --as-of 定在施行日或以后；施行前试行，用一份施行日期提前的副本"

// trialReport is how a challenger differs from the champion on a day.
type trialReport struct {
	Champion   string               `json:"champion"`
	Challenger string               `json:"challenger"`
	Content    string               `json:"content"`
	Subjects   int64                `json:"subjects"`
	Moved      int64                `json:"moved"`
	Matrix     []compare.Cell       `json:"matrix"`
	MainCauses []compare.CauseCount `json:"main_causes"`
	Findings   []policy.Finding     `json:"findings"`
	Begun      bool                 `json:"begun"` // whether what is changed is in force on the day
}

// challenge judges the facts of a day's run by the rules of a folder, beside the
// run, and notes how the two differ. What it makes stands below challengers/ and
// has no lists for people.
func (a *app) challenge(ctx context.Context, day credit.Date, dir string) (*trialReport, error) {
	now, err := a.lawfulRules(ctx, day)
	if err != nil {
		return nil, err
	}
	then, err := a.ruleSet(dir, day)
	if err != nil {
		return nil, err
	}
	if then.Library == now.Library {
		return nil, fmt.Errorf("%w: --challenger: %s holds the rules in force", errUsage, dir)
	}
	limits := now.Limits()
	if limits == nil {
		return nil, fmt.Errorf("%w: no version of rule policy_limits is in force on %s", errConfig, day)
	}
	pair, err := a.judgeBoth(ctx, day, now, then, run.Challengers(a.cfg.Home))
	if err != nil {
		return nil, err
	}
	db, err := engine.Open(ctx, a.cfg.engine())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	c, err := compare.New(ctx, db, pair.champion, pair.challenger)
	if err != nil {
		return nil, err
	}
	impact, err := policy.Measure(ctx, c, limits)
	if err != nil {
		return nil, err
	}
	changes, err := evaluators.Changes(now.Sources(), then.Sources())
	if err != nil {
		return nil, err
	}
	report := &trialReport{Begun: evaluators.Begun(changes), Champion: pair.champion.ID, Challenger: pair.challenger.ID, Content: then.Library, Subjects: impact.Subjects,
		Moved: impact.Moved, Matrix: impact.Matrix, MainCauses: impact.MainCauses, Findings: impact.Findings}
	return report, a.noteTrial(ctx, day, report)
}

func (a *app) noteTrial(ctx context.Context, day credit.Date, report *trialReport) error {
	figures, err := json.Marshal(report)
	if err != nil {
		return err
	}
	e, err := a.entry("run.challenge", report.Champion, report.Content, map[string]any{"challenger": report.Challenger, "moved": report.Moved})
	if err != nil {
		return err
	}
	s, err := a.ops(ctx)
	if err != nil {
		return err
	}
	err = s.Try(ctx, ops.Trial{Content: report.Content, Day: day.String(), Champion: report.Champion, Challenger: report.Challenger, Figures: figures}, e)
	return errors.Join(err, s.Close())
}

func (r trialReport) print(w io.Writer) {
	fmt.Fprintf(w, "挑战规则 %.12s：%d 户中 %d 户类别不同（%s）；rongxin compare %s %s\n",
		r.Content, r.Subjects, r.Moved, policy.Percent(r.Moved, r.Subjects), r.Champion, r.Challenger)
	if !r.Begun {
		fmt.Fprintln(w, notBegun)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "  %s\n", f)
	}
}

func (a *app) planHistoryCmd() *cobra.Command {
	var days int
	cmd := &cobra.Command{
		Use:   "history ID [--days N]",
		Short: "How proposed rules judged beside those in force, day by day",
		Long: `Lists the days on which rongxin run tried the rules of a proposal beside those in
force, the latest first: how many subjects stood in another class, and which limits
that passes. rongxin compare shows the two runs of a day in full.`,
		Example: "  rongxin plan history P0a1b2c3d4e --days 12",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.proposal(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			s, err := a.ops(cmd.Context())
			if err != nil {
				return err
			}
			list, err := s.Trials(cmd.Context(), p.Content, days)
			if err := errors.Join(err, s.Close()); err != nil {
				return err
			}
			return a.finish(map[string]any{"proposal": p.ID, "content": p.Content, "trials": list}, func(w io.Writer) { printTrials(w, list) })
		},
	}
	cmd.Flags().IntVar(&days, "days", 12, "at most so many trials; 0 means all")
	return cmd
}

func printTrials(w io.Writer, list []ops.Trial) {
	rows := [][]string{{"评价日", "现行规则运行", "拟议规则运行", "户数", "类别不同", "占比", "超过限度"}}
	for _, t := range list {
		var r trialReport
		if err := json.Unmarshal(t.Figures, &r); err != nil {
			rows = append(rows, []string{t.Day, t.Champion, t.Challenger, "无法读取", "", "", ""})
			continue
		}
		rows = append(rows, []string{t.Day, t.Champion, t.Challenger, fmt.Sprint(r.Subjects), fmt.Sprint(r.Moved), policy.Percent(r.Moved, r.Subjects), fmt.Sprint(len(r.Findings))})
	}
	printAligned(w, rows)
	fmt.Fprintf(w, "共 %d 次\n", len(list))
}
