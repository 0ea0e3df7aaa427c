package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/dossier"
	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
)

// drawPlan is what a caller of draw plan asks for.
type drawPlan struct {
	run, out, exclude string
	scope             dossier.Scope
	bounds            dossier.Bounds
}

type planned struct {
	dossier.Plan
	Dir string `json:"dir"`
}

func (a *app) drawPlanCmd() *cobra.Command {
	var ask drawPlan
	cmd := &cobra.Command{
		Use:   "plan --department NAME",
		Short: "Write down who may be drawn and how many: candidates, exclusions, quotas",
		Long: `Takes a department's list of a published run, leaves out those that are excluded,
with the reason of each, and sets the quota of every supervision class, section
of industries and division. The files go into a directory of their own; nothing
is fixed before rongxin draw commit.`,
		Example: `  rongxin draw plan --department 市市场监督管理局
  rongxin draw plan --department 市市场监督管理局 --division 350102 --exclude 排除.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := a.planDraw(cmd.Context(), ask)
			if err != nil {
				return err
			}
			return a.finish(report, report.print)
		},
	}
	f := cmd.Flags()
	f.StringVar(&ask.run, "run", "", "an earlier run (default: the published one)")
	f.StringVar(&ask.scope.Department, "department", "", "whose list to draw from")
	f.StringVar(&ask.scope.Division, "division", "", "only this division, such as 350102")
	f.StringVar(&ask.scope.Scheme, "scheme", "", "which scheme, where the department has several")
	f.StringVar(&ask.scope.Task, "task", "", "the task of the annual plan that the draw is for")
	f.Int64Var(&ask.bounds.Least, "least", 0, "at least so many in all strata together")
	f.StringVar(&ask.exclude, "exclude", "", "CSV of subjects that cannot be drawn: code and reason")
	f.StringVar(&ask.out, "out", "draws", "folder of the draws")
	must(cmd.MarkFlagRequired("department"))
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
	db, err := a.attach(ctx, r, "lists.supervision", "rules.inspection_plans", "rules.inspection_plan_schemes", "rules.inspection_quotas")
	if err != nil {
		return planned{}, err
	}
	defer db.Close()
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
		return fmt.Errorf("no candidates for %s %s %s in run %s: %w", scope.Department, scope.Scheme, scope.Division, scope.RunID, errNothing)
	case schemes > 1:
		return fmt.Errorf("%w: %s has lists of %d schemes, %s to %s: choose one with --scheme", errUsage, scope.Department, schemes, *first, *last)
	}
	scope.Scheme, scope.Range = *first, *publication
	return nil
}

const listedFrom = `from lists.supervision
	where change <> 'left' and department = ? and (? = '' or division_code = ?) and (? = '' or scheme = ?)`

func scopeArgs(s dossier.Scope) []any {
	return []any{s.Department, s.Division, s.Division, s.Scheme, s.Scheme}
}

// listed yields the subjects of the scope by subject_id.
func listed(ctx context.Context, db *engine.DB, scope dossier.Scope) func(yield func(dossier.Listed, error) bool) {
	return func(yield func(dossier.Listed, error) bool) {
		rows, err := db.Query(ctx, `select subject_id, subject_name, supervision_class, coalesce(industry_section, '-'), division_code, quota_id `+
			listedFrom+` order by subject_id`, scopeArgs(scope)...)
		if err != nil {
			yield(dossier.Listed{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			var l dossier.Listed
			err := rows.Scan(&l.SubjectID, &l.SubjectName, &l.Class, &l.Industry, &l.Division, &l.Line)
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
// that the scheme follows, and its control share.
func drawRules(ctx context.Context, db *engine.DB, scope dossier.Scope, bounds *dossier.Bounds) (func(draw.Stratum) (draw.Rule, error), error) {
	err := db.QueryRow(ctx, `select p.control_share_bp from rules.inspection_plans as p
		join rules.inspection_plan_schemes as s on s.plan = p.plan where s.scheme = ?`, scope.Scheme).Scan(&bounds.ControlBP)
	if err != nil {
		return nil, fmt.Errorf("scheme %s: its inspection plan: %w", scope.Scheme, err)
	}
	rows, err := db.Query(ctx, `select distinct q.quota_id, q.check_ratio_bp, q.minimum from rules.inspection_quotas as q
		join rules.inspection_plan_schemes as s on s.plan = q.plan where s.scheme = ?`, scope.Scheme)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	rules := map[string]draw.Rule{}
	for rows.Next() {
		var line string
		var r draw.Rule
		if err := rows.Scan(&line, &r.RatioBP, &r.Least); err != nil {
			return nil, err
		}
		rules[line] = r
	}
	return func(s draw.Stratum) (draw.Rule, error) {
		r, ok := rules[s.Line]
		if !ok {
			return r, fmt.Errorf("no line %s in the inspection plan of scheme %s", s.Line, scope.Scheme)
		}
		return r, nil
	}, rows.Err()
}

const codeNamed = "named" // excluded by a file of the caller's

// excluding excludes the named subjects. One that the list does not have is an
// error at its end.
func excluding(named map[string]string, listed func(yield func(dossier.Listed, error) bool)) func(yield func(dossier.Listed, error) bool) {
	return func(yield func(dossier.Listed, error) bool) {
		left := maps.Clone(named)
		for l, err := range listed {
			if reason, ok := named[l.SubjectID]; ok && err == nil {
				l.Code, l.Reason = codeNamed, reason
				delete(left, l.SubjectID)
			}
			if !yield(l, err) {
				return
			}
		}
		if len(left) > 0 {
			yield(dossier.Listed{}, fmt.Errorf("%w: --exclude names subjects that the list does not have: %s", errUsage,
				strings.Join(slices.Sorted(maps.Keys(left)), " ")))
		}
	}
}

// readExclusions reads a table of codes and reasons with a header. All faults
// are reported at once.
func readExclusions(file string) (reasons map[string]string, data []byte, err error) {
	if file == "" {
		return nil, nil, nil
	}
	if data, err = os.ReadFile(file); err != nil {
		return nil, nil, fmt.Errorf("%w: --exclude: %w", errUsage, err)
	}
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	in.FieldsPerRecord = 2
	rows, err := in.ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: --exclude %s: wants two columns, code and reason: %w", errUsage, file, err)
	}
	reasons = map[string]string{}
	var faults []error
	for i, row := range rows {
		code, reason := credit.NormalizeCode(row[0]), strings.TrimSpace(row[1])
		switch {
		case i == 0: // the header
		case code == "" || reason == "":
			faults = append(faults, fmt.Errorf("%s: row %d: code %q, reason %q: neither may be empty", file, i+1, row[0], row[1]))
		case reasons[code] != "":
			faults = append(faults, fmt.Errorf("%s: row %d: %s stands twice", file, i+1, code))
		default:
			reasons[code] = reason
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, nil, fmt.Errorf("%w: --exclude: %w", errUsage, err)
	}
	return reasons, data, nil
}

func (p planned) print(w io.Writer) {
	fmt.Fprintf(w, "draw %s of run %s, %s: %d candidates, %d excluded, quota %d and %d for control\n",
		p.DrawID, p.RunID, p.Department, p.Candidates, p.Excluded, p.Quota, p.Control)
	fmt.Fprintf(w, "look at %s, then: rongxin draw commit %s --seed-source …\n", p.Dir, p.Dir)
}
