package ruletest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"rongxin/evaluators"
	"rongxin/internal/credit"
)

type scoreCases []scoreCase

// scoreCase gives a measure by the name of its characteristic or veto, or whole
// records, and wants what comes of them.
type scoreCase struct {
	Name    string              `yaml:"name"`
	AsOf    *credit.Date        `yaml:"as_of"`
	Given   map[string]measured `yaml:"given"`
	Records []map[string]string `yaml:"records"`
	Want    struct {
		Points  *evaluators.Points           `yaml:"points"`
		Grade   string                       `yaml:"grade"`
		Reasons map[string]evaluators.Points `yaml:"reasons"`
		Veto    string                       `yaml:"veto"`
	} `yaml:"want"`
}

// measured is what a case gives of a characteristic: so many records, a value,
// "2 of 7", a text, or how many records of each step.
type measured struct {
	text  string
	steps map[string]int64
}

func (m *measured) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.MappingNode {
		return node.Decode(&m.steps)
	}
	return node.Decode(&m.text)
}

func (c *scoreCases) check(f *file) {
	card := f.rule.Rule.(*evaluators.Scorecard)
	for i, one := range *c {
		at := fmt.Sprintf("[%d]", i)
		if one.Name == "" {
			f.doc.Fault(at+".name", "is missing")
		}
		if one.Want.Points == nil && one.Want.Grade == "" && one.Want.Reasons == nil && one.Want.Veto == "" {
			f.doc.Fault(at+".want", "wants at least one of points, grade, reasons, veto")
		}
		for name := range one.Given {
			if leaf, _ := leafOf(card, name); leaf == nil {
				f.doc.Fault(at+".given."+name, "is no characteristic and no veto: %s", strings.Join(names(card), ", "))
			}
		}
	}
}

func names(card *evaluators.Scorecard) []string {
	var list []string
	for _, c := range card.Characteristics {
		list = append(list, c.Name)
	}
	for _, v := range card.Vetoes {
		list = append(list, v.Name)
	}
	return list
}

// leafOf finds a characteristic, or a veto by its leaf.
func leafOf(card *evaluators.Scorecard, name string) (*evaluators.Leaf, *evaluators.Characteristic) {
	for i := range card.Characteristics {
		if c := &card.Characteristics[i]; c.Name == name {
			return &c.Leaf, c
		}
	}
	for i := range card.Vetoes {
		if v := &card.Vetoes[i]; v.Name == name {
			return &v.Leaf, nil
		}
	}
	return nil, nil
}

func (c *scoreCases) run(ctx context.Context, r *runner, f *file) error {
	card := f.rule.Rule.(*evaluators.Scorecard)
	declareScorecard(&r.cover, f.rule.Path, card)
	days, groups := byDay(len(*c), func(i int) credit.Date { return r.day(f, (*c)[i].AsOf) })
	for _, day := range days {
		set := r.library.At(day)
		set.Scorecards = []*evaluators.Scorecard{sourced(set, card)}
		w, err := r.worldOf(set)
		if err != nil {
			return err
		}
		facts := newFacts(set.Scorecards[0])
		for _, i := range groups[day] {
			if err := facts.give((*c)[i], i, day); err != nil {
				return fmt.Errorf("line %d: %s: %w", f.doc.Line(fmt.Sprintf("[%d]", i)), (*c)[i].Name, err)
			}
		}
		if err := facts.load(ctx, w, groups[day]); err != nil {
			return err
		}
		if err := w.day(ctx, day); err != nil {
			return err
		}
		if err := w.build(ctx, "scores.counted", "scores.vetoes", "scores.contributions", "scores.scorecard_results"); err != nil {
			return err
		}
		got, err := w.scores(ctx)
		if err != nil {
			return err
		}
		for _, i := range groups[day] {
			one := (*c)[i]
			r.hold(f, i, one.Name, one.diffs(got[subject(i)]))
			reachScorecard(&r.cover, f.rule.Path, card, got[subject(i)])
		}
	}
	return nil
}

// sourced is the scorecard with the tables of the results that it takes.
func sourced(set *evaluators.RuleSet, card *evaluators.Scorecard) *evaluators.Scorecard {
	own := *card
	own.Characteristics = slices.Clone(card.Characteristics)
	for i := range own.Characteristics {
		c := &own.Characteristics[i]
		s, active := set.Sourced(*c)
		if active && c.Result != "" {
			s.Result, s.Measure = "", "newest(grade)"
		}
		*c = *s
	}
	return &own
}

func (c scoreCase) diffs(got *score) []Diff {
	var diffs []Diff
	if want := c.Want.Points; want != nil {
		diffs = compare(diffs, "points", want.String(), got.points.String())
	}
	diffs = compare(diffs, "grade", c.Want.Grade, got.grade)
	diffs = compare(diffs, "veto", c.Want.Veto, got.veto)
	if c.Want.Reasons == nil {
		return diffs
	}
	var codes []string
	for code := range c.Want.Reasons {
		codes = append(codes, code)
	}
	for code := range got.reasons {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		diffs = compare(diffs, "reason "+code, c.Want.Reasons[code].String(), got.reasons[code].String())
	}
	return diffs
}

// score is what came of one case.
type score struct {
	points      evaluators.Points
	grade, veto string
	reasons     map[string]evaluators.Points
	seen        map[int64][]seen // by position, in the order of day and record
	missing     map[int64]bool   // by position: a row without a record
	vetoed      map[int64]bool
}

// seen is a record that a characteristic or veto looked at.
type seen struct {
	value int64
	label string
}

func (w *world) scores(ctx context.Context) (map[string]*score, error) {
	got := map[string]*score{}
	number := func(s string) int64 {
		n, _ := strconv.ParseInt(s, 10, 64) // BIGINT columns, NULL is 0
		return n
	}
	err := w.rows(ctx, "select subject_id, score_milli, grade, veto_reason_code from scores.scorecard_results", func(v []string) {
		got[v[0]] = &score{points: evaluators.Points(number(v[1])), grade: v[2], veto: v[3], reasons: map[string]evaluators.Points{},
			seen: map[int64][]seen{}, missing: map[int64]bool{}, vetoed: map[int64]bool{}}
	})
	if err != nil {
		return nil, err
	}
	err = w.rows(ctx, "select subject_id, position, reason_code, record_id, points_milli from scores.contributions where position > 0", func(v []string) {
		s, points := got[v[0]], evaluators.Points(number(v[4]))
		if s.reasons[v[2]] += points; s.reasons[v[2]] == 0 {
			delete(s.reasons, v[2])
		}
		s.missing[number(v[1])] = s.missing[number(v[1])] || v[3] == ""
	})
	if err != nil {
		return nil, err
	}
	err = w.rows(ctx, "select subject_id, position from scores.vetoes", func(v []string) { got[v[0]].vetoed[number(v[1])] = true })
	if err != nil {
		return nil, err
	}
	return got, w.rows(ctx, "select subject_id, position, value, label from scores.counted where position > 0 order by event_on, record_id", func(v []string) {
		s, position := got[v[0]], number(v[1])
		s.seen[position] = append(s.seen[position], seen{number(v[2]), v[3]})
	})
}
