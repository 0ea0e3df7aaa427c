package ruletest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"rongxin/evaluators"
	"rongxin/internal/credit"
)

type schemeCases []schemeCase

// schemeCase gives the grade of a result, or restates the levels of all grades.
type schemeCase struct {
	Name   string           `yaml:"name"`
	AsOf   *credit.Date     `yaml:"as_of"`
	Levels map[string]int64 `yaml:"levels"`
	Given  struct {
		Grade string       `yaml:"grade"`
		On    *credit.Date `yaml:"on"`    // of the evaluation; absent: the day itself
		Until *credit.Date `yaml:"until"` // its own last day
	} `yaml:"given"`
	Want struct {
		Level  string `yaml:"level"`  // none: no result holds on the day
		Status string `yaml:"status"` // of the scheme: active, suspended, withdrawn
		Until  string `yaml:"until"`  // the last day on which the result holds
	} `yaml:"want"`
}

func (c *schemeCases) check(f *file) {
	scheme := f.rule.Rule.(*evaluators.Scheme)
	for i, one := range *c {
		at := fmt.Sprintf("[%d]", i)
		if one.Name == "" {
			f.doc.Fault(at+".name", "is missing")
		}
		if wants := one.Want.Level+one.Want.Status+one.Want.Until != ""; wants == (one.Levels != nil) {
			f.doc.Fault(at, "has either levels, or given and want with level, status or until")
		}
		if one.Levels == nil && one.Given.Grade == "" {
			f.doc.Fault(at+".given.grade", "is missing")
		}
		if scheme.Imported == nil && (one.Given.On != nil || one.Given.Until != nil || one.Want.Until != "") {
			f.doc.Fault(at, "on and until are of imported results: a computed one is of the day")
		}
	}
}

// result is one result of a case.
type result struct {
	at    int
	one   schemeCase
	name  string
	grade string
}

func (c *schemeCases) results() []result {
	var list []result
	for i, one := range *c {
		if one.Levels == nil {
			list = append(list, result{i, one, one.Name, one.Given.Grade})
		}
		for _, grade := range slices.Sorted(maps.Keys(one.Levels)) {
			of := one
			of.Want.Level = strconv.FormatInt(one.Levels[grade], 10)
			list = append(list, result{i, of, one.Name + ": " + grade, grade})
		}
	}
	return list
}

func (c *schemeCases) run(ctx context.Context, r *runner, f *file) error {
	scheme := f.rule.Rule.(*evaluators.Scheme)
	for _, grade := range slices.Sorted(maps.Keys(scheme.Levels)) {
		r.cover.declare(f.rule.Path, "grade "+grade)
	}
	list := c.results()
	days, groups := byDay(len(list), func(i int) credit.Date { return r.day(f, list[i].one.AsOf) })
	for _, day := range days {
		w, err := r.world(day)
		if err != nil {
			return err
		}
		if err := loadResults(ctx, w, scheme, list, groups[day], day); err != nil {
			return err
		}
		if err := w.build(ctx, "marts.industry_results_in_force", "scores.scheme_results"); err != nil {
			return err
		}
		got := map[string][]string{}
		if err := w.rows(ctx, "select subject_id, industry_level, status, valid_until from scores.scheme_results", func(v []string) { got[v[0]] = v[1:] }); err != nil {
			return err
		}
		for _, i := range groups[day] {
			v, want := got[subject(i)], list[i].one.Want
			if v == nil {
				v = []string{"none", "none", "none"}
			}
			diffs := compare(nil, "level", want.Level, v[0])
			diffs = compare(diffs, "status", want.Status, v[1])
			diffs = compare(diffs, "until", want.Until, v[2])
			r.hold(f, list[i].at, list[i].name, diffs)
			if v[0] != "none" {
				r.cover.reach(f.rule.Path, "grade "+list[i].grade)
			}
		}
	}
	return nil
}

// loadResults gives the results where the scheme takes them from.
func loadResults(ctx context.Context, w *world, scheme *evaluators.Scheme, list []result, cases []int, day credit.Date) error {
	var imported, computed [][]any
	for _, i := range cases {
		on := day
		if given := list[i].one.Given.On; given != nil {
			on = *given
		}
		var until any
		if given := list[i].one.Given.Until; given != nil {
			until = given.Time()
		}
		if scheme.Imported != nil {
			year, _, _ := on.YMD()
			imported = append(imported, []any{subject(i), scheme.Name, "", list[i].grade, nil, int64(year), on.Time(), until, "result-" + subject(i), "dataset", "batch", int64(1)})
		} else {
			computed = append(computed, []any{subject(i), scheme.Computed.Scorecard, list[i].grade})
		}
	}
	for _, err := range []error{
		w.day(ctx, day),
		w.subjects(ctx, len(list), func(int) string { return "存续" }),
		w.table(ctx, "intermediate.industry_results", []string{"subject_id", "scheme", "part", "grade", "score:BIGINT", "evaluated_year:BIGINT",
			"evaluated_on:DATE", "valid_to:DATE", "record_id", "dataset", "batch_id", "line:BIGINT"}, imported),
		w.table(ctx, "scores.scorecard_results", []string{"subject_id", "scorecard", "grade"}, computed),
		w.seeds(ctx, "marts.industry_results_in_force", "scores.scheme_results"),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}
