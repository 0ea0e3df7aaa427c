package ruletest

import (
	"context"
	"fmt"
	"slices"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/warehouse/run"
)

// recordRules are the rules that judge a record by its own day, with the tables
// that have a line for each of their attributes.
var recordRules = map[string][]string{
	"penalty_severity":  {"rules.penalty_severity"},
	"publicity_periods": {"rules.publicity_periods"},
	"severe_lists":      {"rules.publicity_periods"},
	"record_states":     {"rules.exemptions"},
}

type recordCases []recordCase

// recordCase gives one record and wants what the rules of its day say of it.
type recordCase struct {
	Name  string       `yaml:"name"`
	AsOf  *credit.Date `yaml:"as_of"`
	Given struct {
		Category    string       `yaml:"category"`
		PenaltyKind string       `yaml:"penalty_kind"`
		Fine        string       `yaml:"fine"` // 元
		Field       string       `yaml:"field"`
		On          credit.Date  `yaml:"on"`
		Until       *credit.Date `yaml:"until"` // the end that the decision states
	} `yaml:"given"`
	Want struct {
		Severity       string `yaml:"severity"`
		SeverityRule   string `yaml:"severity_rule"`
		ExemptionRule  string `yaml:"exemption_rule"`
		PublicityRule  string `yaml:"publicity_rule"`
		RepairableOn   string `yaml:"repairable_on"`
		PublicityUntil string `yaml:"publicity_until"` // a day, or none
	} `yaml:"want"`
}

func (c *recordCases) check(f *file) {
	for i, one := range *c {
		at := fmt.Sprintf("[%d]", i)
		for key, value := range map[string]string{"name": one.Name, "given.category": one.Given.Category} {
			if value == "" {
				f.doc.Fault(at+"."+key, "is missing")
			}
		}
		if !f.doc.Has(at + ".given.on") {
			f.doc.Fault(at+".given.on", "is missing: the day of the record")
		}
		if w := one.Want; w.Severity+w.SeverityRule+w.ExemptionRule+w.PublicityRule+w.RepairableOn+w.PublicityUntil == "" {
			f.doc.Fault(at+".want", "wants at least one of severity, severity_rule, exemption_rule, publicity_rule, repairable_on, publicity_until")
		}
		if _, err := fen(one.Given.Fine); err != nil {
			f.doc.Fault(at+".given.fine", "%v", err)
		}
	}
}

// fen reads an amount in 元, NULL where it is empty.
func fen(yuan string) (any, error) {
	if yuan == "" {
		return nil, nil
	}
	p, err := evaluators.ParsePoints(yuan)
	if err != nil || p%10 != 0 {
		return nil, fmt.Errorf("%q is no amount in 元", yuan)
	}
	return int64(p) / 10, nil
}

func (c *recordCases) run(ctx context.Context, r *runner, f *file) error {
	seeds, err := r.seeds(f)
	if err != nil {
		return err
	}
	for _, line := range linesOf(f.rule.Name, seeds) {
		r.cover.declare(f.rule.Path, line)
	}
	days, groups := byDay(len(*c), func(i int) credit.Date { return max(r.day(f, (*c)[i].AsOf), (*c)[i].Given.On) })
	for _, day := range days {
		w, err := r.world(day)
		if err != nil {
			return err
		}
		if err := c.load(ctx, w, groups[day], day); err != nil {
			return err
		}
		if err := w.build(ctx, "intermediate.record_classes"); err != nil {
			return err
		}
		got := map[string][]string{}
		if err := w.rows(ctx, `select record_id, severity, severity_rule, exemption_rule, publicity_rule, repairable_on, publicity_until
			from intermediate.record_classes`, func(v []string) { got[v[0]] = v[1:] }); err != nil {
			return err
		}
		for _, i := range groups[day] {
			v, want := got[subject(i)], (*c)[i].Want
			if v[5] == "" {
				v[5] = "none"
			}
			var diffs []Diff
			for k, pair := range [][2]string{{"severity", want.Severity}, {"severity_rule", want.SeverityRule}, {"exemption_rule", want.ExemptionRule},
				{"publicity_rule", want.PublicityRule}, {"repairable_on", want.RepairableOn}, {"publicity_until", want.PublicityUntil}} {
				diffs = compare(diffs, pair[0], pair[1], v[k])
			}
			r.hold(f, i, (*c)[i].Name, diffs)
			for _, rule := range v[1:4] {
				r.cover.reach(f.rule.Path, rule)
			}
		}
	}
	return nil
}

// linesOf are the rule_ids of a rule. The periods of the severe lists stand in one
// table with the others.
func linesOf(name string, seeds []run.Seed) []string {
	lists := column(seeds, "rules.severe_lists", "list")
	var lines []string
	for _, table := range recordRules[name] {
		classes := column(seeds, table, "record_class")
		for i, id := range column(seeds, table, "rule_id") {
			if classes == nil || slices.Contains(lists, classes[i]) == (name == "severe_lists") {
				lines = append(lines, id)
			}
		}
	}
	return lines
}

func (c *recordCases) load(ctx context.Context, w *world, cases []int, day credit.Date) error {
	var rows [][]any
	for _, i := range cases {
		g := (*c)[i].Given
		fine, _ := fen(g.Fine) // checked when the file was read
		var until any
		if g.Until != nil {
			until = g.Until.Time()
		}
		rows = append(rows, []any{subject(i), subject(i), "dataset", g.Category, orNull(g.PenaltyKind), orNull(g.Field), fine, g.On.Time(), until})
	}
	if err := w.table(ctx, "intermediate.records", []string{"subject_id", "record_id", "dataset", "category", "kind", "field", "fine_amount:BIGINT",
		"event_on:DATE", "stated_until:DATE"}, rows); err != nil {
		return err
	}
	if err := w.table(ctx, "ref.catalogue_editions", []string{"dataset", "effective_from:DATE", "effective_to:DATE", "is_listed:BOOLEAN"}, nil); err != nil {
		return err
	}
	if err := w.day(ctx, day); err != nil {
		return err
	}
	return w.seeds(ctx, "intermediate.record_classes")
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
