package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/dossier"
	"rongxin/internal/metrics"
	"rongxin/warehouse/engine"
)

// drawPlan is what a caller of draw plan asks for.
type drawPlan struct {
	run, out, exclude string
	scope             dossier.Scope
	bounds            draw.Bounds
}

type planned struct {
	dossier.Plan
	Dir string `json:"dir"`
}

func (a *app) drawPlanCmd() *cobra.Command {
	var ask drawPlan
	cmd := &cobra.Command{
		Use:   "plan (--department NAME | --task NUMBER)",
		Short: "Write down who may be drawn and how many: candidates, exclusions, quotas",
		Long: `Takes a department's list of a published run, leaves out those that the inspection
plan or a file of yours excludes, with the reason of each, and sets the quota of
every supervision class, section of industries, division and line of the plan. With
--task the list is narrowed to a task of the annual plan, and the least ratio cap
of its general items holds for all that is drawn. The files go into a directory of
their own; nothing is fixed before rongxin draw commit.`,
		Example: `  rongxin draw plan --department 市市场监督管理局 --scheme food
  rongxin draw plan --department 市市场监督管理局 --scheme food --division 350102 --exclude 排除.csv
  rongxin draw plan --task FZSSJ-2026-09 --department 市税务局`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := a.planDraw(cmd.Context(), ask)
			if err != nil {
				return err
			}
			for kind, n := range map[string]int64{"candidates": report.Candidates, "excluded": report.Excluded, "quota": report.Quota, "control": report.Control} {
				a.told.Add(metrics.DrawPlanSubjects, float64(n), report.Department, kind)
			}
			return a.finish(report, report.print)
		},
	}
	f := cmd.Flags()
	f.StringVar(&ask.run, "run", "", "an earlier run (default: the published one)")
	f.StringVar(&ask.scope.Department, "department", "", "whose list to draw from (default: the initiator of the task)")
	f.StringVar(&ask.scope.Divisions, "division", "", "only this division, such as 350102")
	f.StringVar(&ask.scope.Scheme, "scheme", "", "which scheme, where the department has several")
	f.StringVar(&ask.scope.Task, "task", "", "the task of the annual plan that the draw is for")
	f.Int64Var(&ask.bounds.Least, "least", 0, "at least so many in all strata together")
	f.StringVar(&ask.exclude, "exclude", "", "CSV of subjects that cannot be drawn: code and reason")
	f.StringVar(&ask.out, "out", "draws", "folder of the draws")
	cmd.MarkFlagsOneRequired("department", "task")
	return cmd
}

func (a *app) planDraw(ctx context.Context, ask drawPlan) (planned, error) {
	if ask.bounds.Least < 0 {
		return planned{}, fmt.Errorf("%w: --least is below 0", errUsage)
	}
	r, err := a.openRun(ask.run, "")
	if err != nil {
		return planned{}, err
	}
	ask.scope.RunID, ask.scope.AsOf, ask.scope.RuleSet = r.ID, r.Manifest.AsOf, r.Manifest.RuleSet
	db, err := a.attach(ctx, r, "lists.inspection_candidates", "rules.inspection_plans", "staging.inspection__tasks", "staging.inspection__items")
	if err != nil {
		return planned{}, err
	}
	defer db.Close()
	ask.bounds.CapBP = noCap
	if ask.scope.Task != "" {
		if ask.bounds.CapBP, err = takeTask(ctx, db, &ask.scope); err != nil {
			return planned{}, err
		}
	}
	if err := findScheme(ctx, db, &ask.scope); err != nil {
		return planned{}, err
	}
	named, key, err := readExclusions(ask.exclude)
	if err != nil {
		return planned{}, err
	}
	rule, err := drawRules(ctx, db, ask.scope, &ask.bounds)
	if err != nil {
		return planned{}, err
	}
	plan, dir, err := dossier.Make(ask.out, ask.scope, ask.bounds, key, excluding(named, listed(ctx, db, ask.scope)), rule,
		a.stamp(), a.recorder(ctx, map[string]string{"department": ask.scope.Department}))
	return planned{plan, dir}, err
}

// findScheme settles the scheme, so that each subject stands once, and the range.
func findScheme(ctx context.Context, db *engine.DB, scope *dossier.Scope) error {
	var schemes, subjects int64
	var first, last, publication *string
	err := db.QueryRow(ctx, `select count(distinct scheme), count(*), min(scheme), max(scheme), min(publication_range) `+listedFrom, scopeArgs(*scope)...).
		Scan(&schemes, &subjects, &first, &last, &publication)
	switch {
	case err != nil:
		return err
	case subjects == 0:
		return fmt.Errorf("no candidates for %s %s %s %s %s in run %s: %w", scope.Department, scope.Scheme,
			scope.Divisions, scope.Industries, scope.Classes, scope.RunID, errNothing)
	case schemes > 1:
		return fmt.Errorf("%w: %s has lists of %d schemes, %s to %s: choose one with --scheme", errUsage, scope.Department, schemes, *first, *last)
	}
	scope.Scheme, scope.Range = *first, *publication
	return nil
}

const listedFrom = `from lists.inspection_candidates
	where department = ? and (? = '' or scheme = ?)
	and (? = '' or list_contains(string_split(?, '、'), division_code))
	and (? = '' or list_contains(string_split(?, '、'), industry_section))
	and (? = '' or list_contains(string_split(?, '、'), cast(supervision_class as varchar)))`

func scopeArgs(s dossier.Scope) []any {
	return []any{s.Department, s.Scheme, s.Scheme, s.Divisions, s.Divisions, s.Industries, s.Industries, s.Classes, s.Classes}
}

// listed yields the subjects of the scope by subject_id.
func listed(ctx context.Context, db *engine.DB, scope dossier.Scope) func(yield func(dossier.Listed, error) bool) {
	return func(yield func(dossier.Listed, error) bool) {
		rows, err := db.Query(ctx, `select subject_id, subject_name, supervision_class, coalesce(industry_section, '-'), division_code, quota_id, coalesce(exclusion, ''), coalesce(reason, '') `+
			listedFrom+` order by subject_id`, scopeArgs(scope)...)
		if err != nil {
			yield(dossier.Listed{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			var l dossier.Listed
			err := rows.Scan(&l.SubjectID, &l.SubjectName, &l.Class, &l.Industry, &l.Division, &l.Line, &l.Code, &l.Reason)
			if !yield(l, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(dossier.Listed{}, err)
		}
	}
}

// drawRules are the ratio and the least number of each line of the inspection plan
// that the list follows, and its control share.
func drawRules(ctx context.Context, db *engine.DB, scope dossier.Scope, bounds *draw.Bounds) (func(draw.Stratum) (draw.Rule, error), error) {
	rows, err := db.Query(ctx, `select distinct c.quota_id, c.ratio_bp, c.min_count, p.control_share_bp
		from lists.inspection_candidates as c join rules.inspection_plans as p on p.plan = c.plan
		where c.department = ? and c.scheme = ?`, scope.Department, scope.Scheme)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	rules := map[string]draw.Rule{}
	for rows.Next() {
		var line string
		var r draw.Rule
		if err := rows.Scan(&line, &r.RatioBP, &r.Least, &bounds.ControlBP); err != nil {
			return nil, err
		}
		rules[line] = r
	}
	return func(s draw.Stratum) (draw.Rule, error) { return rules[s.Line], nil }, rows.Err()
}

func (p planned) print(w io.Writer) {
	fmt.Fprintf(w, "draw %s of run %s, %s: %d candidates, %d excluded, quota %d and %d for control\n",
		p.DrawID, p.RunID, p.Department, p.Candidates, p.Excluded, p.Quota, p.Control)
	fmt.Fprintf(w, "look at %s, then: rongxin draw commit %s --seed-source …\n", p.Dir, p.Dir)
}
