package ruletest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

const suffix = ".test.yml"

// Config says what to test.
type Config struct {
	Rules  fs.FS         // the rule files, and the cases beside them
	Facts  []model.Model // the models of facts that records and results are judged in
	Engine engine.Config
}

// runner runs the cases of one folder of rules.
type runner struct {
	db      *engine.DB
	library *evaluators.Library
	facts   []model.Model
	cover   cover
	report  Report
}

// Run runs every case. The error tells what is wrong with the rules, with the
// files of cases, all at once, or with the engine; cases that do not hold are in
// the report.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	library, err := evaluators.Load(cfg.Rules)
	if err != nil {
		return nil, err
	}
	files, err := readFiles(cfg.Rules, library)
	if err != nil {
		return nil, err
	}
	db, err := engine.Open(ctx, cfg.Engine)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	r := &runner{db: db, library: library, facts: cfg.Facts, report: Report{Failures: []Failure{}}}
	for _, f := range files {
		if err := f.cases.run(ctx, r, f); err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, err)
		}
	}
	r.report.Attributes = r.cover.attributes()
	return &r.report, nil
}

// file is a file of cases, read; a rule without one has empty cases.
type file struct {
	path  string
	rule  evaluators.File
	doc   *strictyaml.Document
	cases cases
}

// cases are those of one file, of the kind of its rule.
type cases interface {
	check(f *file)
	run(ctx context.Context, r *runner, f *file) error
}

// casesFor are empty cases of a rule, or nil where its kind has none.
func casesFor(rule evaluators.File) cases {
	switch {
	case rule.Kind == "scorecard":
		return &scoreCases{}
	case rule.Kind == "scheme":
		return &schemeCases{}
	case rule.Name == "overlay":
		return &overlayCases{}
	case recordRules[rule.Name] != nil:
		return &recordCases{}
	}
	return nil
}

// Check reads the cases and tells everything that is wrong with them.
func Check(rules fs.FS, library *evaluators.Library) error {
	_, err := readFiles(rules, library)
	return err
}

func readFiles(fsys fs.FS, library *evaluators.Library) ([]*file, error) {
	var files []*file
	var faults []error
	known := map[string]bool{}
	for _, rule := range library.Files() {
		f := &file{path: strings.TrimSuffix(rule.Path, ".yml") + suffix, rule: rule, cases: casesFor(rule)}
		known[f.path] = true
		data, err := fs.ReadFile(fsys, f.path)
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return nil, err
		case f.cases == nil && err == nil:
			faults = append(faults, strictyaml.Fault{File: f.path, Line: 1, Column: 1, Message: "rules of this kind have no cases"})
		case f.cases == nil:
			continue
		case err == nil:
			f.doc = strictyaml.Decode(f.path, data, f.cases)
			f.cases.check(f)
			faults = append(faults, f.doc.Err())
		}
		files = append(files, f)
	}
	err := fs.WalkDir(fsys, ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(path, suffix) && !known[path] {
			faults = append(faults, strictyaml.Fault{File: path, Line: 1, Column: 1,
				Message: fmt.Sprintf("there is no %s beside it", strings.TrimSuffix(path, suffix)+".yml")})
		}
		return err
	})
	return files, errors.Join(append(faults, err)...)
}

// day is the day of a case that names none: the last day of its rule, or, while
// it lasts, the newest day on which any rule came into force.
func (r *runner) day(f *file, asOf *credit.Date) credit.Date {
	switch {
	case asOf != nil:
		return *asOf
	case f.rule.Header.EffectiveTo != nil:
		return *f.rule.Header.EffectiveTo
	}
	var newest credit.Date
	for _, other := range r.library.Files() {
		newest = max(newest, other.Header.EffectiveFrom)
	}
	return newest
}

// world is an engine with the rules of a day.
func (r *runner) world(day credit.Date) (*world, error) {
	set, err := r.library.On(day)
	if err != nil {
		return nil, err
	}
	return r.worldOf(set)
}

// seeds are the tables of the rules on the day of a case that names none.
func (r *runner) seeds(f *file) ([]run.Seed, error) {
	set, err := r.library.On(r.day(f, nil))
	if err != nil {
		return nil, err
	}
	return set.Seeds(), nil
}

func (r *runner) worldOf(set *evaluators.RuleSet) (*world, error) {
	models, err := set.Models()
	if err != nil {
		return nil, err
	}
	return &world{db: r.db, set: set, models: slices.Concat(r.facts, models)}, nil
}

// hold compares what a case wants with what it got.
func (r *runner) hold(f *file, i int, name string, diffs []Diff) {
	r.report.Cases++
	if len(diffs) > 0 {
		r.report.Failures = append(r.report.Failures, Failure{File: f.path, Line: f.doc.Line(fmt.Sprintf("[%d]", i)), Case: name, Diff: diffs})
	}
}

// compare adds a Diff where something is wanted and not got.
func compare(diffs []Diff, what, want, got string) []Diff {
	if want == "" || want == got {
		return diffs
	}
	return append(diffs, Diff{What: what, Want: want, Got: got})
}

// byDay groups the numbers of cases by their day, the earliest first.
func byDay(n int, day func(int) credit.Date) ([]credit.Date, map[credit.Date][]int) {
	groups := map[credit.Date][]int{}
	var days []credit.Date
	for i := range n {
		d := day(i)
		if groups[d] == nil {
			days = append(days, d)
		}
		groups[d] = append(groups[d], i)
	}
	slices.Sort(days)
	return days, groups
}
