package ruletest

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"rongxin/internal/credit"
)

type overlayCases []overlayCase

// overlayCase gives the two grades and what overrides look at, or restates the
// whole matrix: for each public grade the class by level 1 2 3 4 and none.
type overlayCase struct {
	Name   string           `yaml:"name"`
	AsOf   *credit.Date     `yaml:"as_of"`
	Matrix map[string][]int `yaml:"matrix"`
	Given  struct {
		Public    string   `yaml:"public"`    // absent: not_evaluated
		Level     int64    `yaml:"level"`     // industry level; absent: none
		Records   []string `yaml:"records"`   // categories of records that count
		Status    string   `yaml:"status"`    // of the registration; absent: 存续
		Objection bool     `yaml:"objection"` // one of the records is objected to
		Manual    int64    `yaml:"manual"`    // the class of an approved manual change
	} `yaml:"given"`
	Want struct {
		Class    *int64 `yaml:"class"`
		Override string `yaml:"override"`
		Out      *bool  `yaml:"out"`
		Marked   *bool  `yaml:"marked"`
		Conflict *bool  `yaml:"conflict"`
	} `yaml:"want"`
}

func (c *overlayCases) check(f *file) {
	for i, one := range *c {
		at := fmt.Sprintf("[%d]", i)
		if one.Name == "" {
			f.doc.Fault(at+".name", "is missing")
		}
		w := one.Want
		if wants := w.Class != nil || w.Override != "" || w.Out != nil || w.Marked != nil || w.Conflict != nil; wants == (one.Matrix != nil) {
			f.doc.Fault(at, "has either a matrix, or given and want with class, override, out, marked or conflict")
		}
		for grade, row := range one.Matrix {
			if len(row) != 5 {
				f.doc.Fault(at+".matrix."+grade, "wants the classes of level 1 2 3 4 and none")
			}
		}
	}
}

// situation is one subject of a case: the case itself, or one cell of its matrix.
type situation struct {
	at     int
	one    overlayCase
	name   string
	public string
	level  int64
}

func (c *overlayCases) situations() []situation {
	var list []situation
	for i, one := range *c {
		if one.Matrix == nil {
			list = append(list, situation{at: i, one: one, name: one.Name, public: publicOr(one.Given.Public), level: one.Given.Level})
		}
		for _, grade := range []string{"A", "B", "C", "D", string(credit.NotEvaluated)} {
			for k, class := range one.Matrix[grade] {
				cell := one
				class64 := int64(class)
				cell.Want.Class = &class64
				level := int64(k+1) % 5
				list = append(list, situation{at: i, one: cell, name: fmt.Sprintf("%s: public %s, level %d", one.Name, grade, level), public: grade, level: level})
			}
		}
	}
	return list
}

func publicOr(grade string) string {
	if grade == "" {
		return string(credit.NotEvaluated)
	}
	return grade
}

func cell(public, level string) string { return "matrix " + public + " level " + level }

func (c *overlayCases) run(ctx context.Context, r *runner, f *file) error {
	list := c.situations()
	seeds, err := r.seeds(f)
	if err != nil {
		return err
	}
	for i, grade := range column(seeds, "rules.overlay_matrix", "public_grade") {
		r.cover.declare(f.rule.Path, cell(grade, column(seeds, "rules.overlay_matrix", "industry_level")[i]))
	}
	for _, code := range column(seeds, "rules.overrides", "override_code") {
		r.cover.declare(f.rule.Path, "override "+code)
	}
	days, groups := byDay(len(list), func(i int) credit.Date { return r.day(f, list[i].one.AsOf) })
	for _, day := range days {
		w, err := r.world(day)
		if err != nil {
			return err
		}
		if err := loadOverlay(ctx, w, list, groups[day], day); err != nil {
			return err
		}
		if err := w.build(ctx, "overlay.matrix_classes", "overlay.override_hits", "overlay.scheme_classes", "overlay.subject_classes"); err != nil {
			return err
		}
		if err := r.overlayResults(ctx, w, f, list, groups[day]); err != nil {
			return err
		}
	}
	return nil
}

func loadOverlay(ctx context.Context, w *world, list []situation, cases []int, day credit.Date) error {
	var publics, results, records, manual [][]any
	for _, i := range cases {
		s, id := list[i], subject(i)
		publics = append(publics, []any{id, s.public, day.Time()})
		if s.level > 0 {
			results = append(results, []any{id, "scheme", "grade", s.level, day.Time(), "result-" + id, "active"})
		}
		for n, category := range s.one.Given.Records {
			var objection any
			if s.one.Given.Objection && n == 0 {
				objection = "case"
			}
			records = append(records, []any{id, fmt.Sprintf("%s-%d", id, n), category, "document", "authority", day.Time(), objection})
		}
		if class := s.one.Given.Manual; class > 0 {
			manual = append(manual, []any{id, "manual-" + id, class, "document", "approver", day.Time(), day.AddDays(1).Time()})
		}
	}
	for _, err := range []error{
		w.day(ctx, day),
		w.subjects(ctx, len(list), func(i int) string {
			if status := list[i].one.Given.Status; status != "" {
				return status
			}
			return "存续"
		}),
		w.table(ctx, "scores.public_results", []string{"subject_id", "public_grade", "public_evaluated_on:DATE"}, publics),
		w.table(ctx, "scores.scheme_results", []string{"subject_id", "scheme", "grade", "industry_level:BIGINT", "evaluated_on:DATE", "record_id", "status"}, results),
		w.table(ctx, "marts.records_in_force", []string{"subject_id", "record_id", "category", "document_no", "authority_name", "event_on:DATE", "objection_case_no"}, records),
		w.table(ctx, "staging.credit__manual_overrides", []string{"subject_id", "record_id", "supervision_class:BIGINT", "document_no", "approver", "approved_on:DATE", "expires_on:DATE"}, manual),
		w.seeds(ctx, "overlay.matrix_classes", "overlay.override_hits"),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) overlayResults(ctx context.Context, w *world, f *file, list []situation, cases []int) error {
	hits := map[string][]string{}
	if err := w.rows(ctx, "select subject_id, override_code from overlay.override_hits", func(v []string) { hits[v[0]] = append(hits[v[0]], v[1]) }); err != nil {
		return err
	}
	got := map[string][]string{}
	if err := w.rows(ctx, `select subject_id, supervision_class, override_code, is_out, is_marked, is_conflict from overlay.subject_classes`,
		func(v []string) { got[v[0]] = v[1:] }); err != nil {
		return err
	}
	for _, i := range cases {
		s, v := list[i], got[subject(i)]
		if v == nil {
			return fmt.Errorf("line %d: %s: %s is no public grade", f.doc.Line(fmt.Sprintf("[%d]", s.at)), s.name, s.public)
		}
		want := s.one.Want
		var diffs []Diff
		if want.Class != nil {
			diffs = compare(diffs, "class", strconv.FormatInt(*want.Class, 10), v[0])
		}
		diffs = compare(diffs, "override", want.Override, v[1])
		for k, flag := range []*bool{want.Out, want.Marked, want.Conflict} {
			if flag != nil {
				diffs = compare(diffs, []string{"out", "marked", "conflict"}[k], strconv.FormatBool(*flag), v[k+2])
			}
		}
		r.hold(f, s.at, s.name, diffs)
		r.cover.reach(f.rule.Path, cell(s.public, strconv.FormatInt(s.level, 10)))
		for _, code := range slices.Compact(hits[subject(i)]) {
			r.cover.reach(f.rule.Path, "override "+code)
		}
	}
	return nil
}
