package explain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"rongxin/internal/credit"
	"rongxin/warehouse/lookup"
	"rongxin/warehouse/run"
)

// An Explainer explains subjects of one run. It is for one goroutine at a time.
type Explainer struct {
	manifest run.Manifest
	source   Lookup
	rules    *ruleBook // nil before the first question
	judge    *Judge    // nil: no steps are told
	noJudge  string    // why there is none
	previous *Explainer
	noBefore string // why there is no previous run to compare with
}

// New explains from the tables of the run with this manifest.
func New(m run.Manifest, source Lookup) *Explainer { return &Explainer{manifest: m, source: source} }

// WhatIf lets steps to a better class be told, by a judge of the run's models.
func (x *Explainer) WhatIf(j *Judge) { x.judge = j }

// NoWhatIf says why no steps can be told.
func (x *Explainer) NoWhatIf(why string) { x.noJudge = why }

// Since lets what changed since the previous run be told; nil for why there is
// none to compare with.
func (x *Explainer) Since(previous *Explainer, why string) { x.previous, x.noBefore = previous, why }

// Subject explains one subject of the run. The subject is an 18-character code
// in any way of writing, or the exact name of an enterprise, today's or an
// earlier one. Errors: [ErrUnknownSubject], [ErrAmbiguousName], [ErrEvidence].
func (x *Explainer) Subject(ctx context.Context, asked string) (*Explanation, error) {
	if err := x.readRules(); err != nil {
		return nil, err
	}
	code, err := find(x.source, asked)
	if err != nil {
		return nil, err
	}
	e, err := x.explain(ctx, &reader{Lookup: x.source, rules: x.rules, subject: code})
	if err != nil {
		return nil, fmt.Errorf("explain %s: %w", code, err)
	}
	return e, nil
}

func (x *Explainer) readRules() (err error) {
	if x.rules == nil {
		x.rules, err = readRules(x.source)
	}
	return err
}

// reader reads the rows of one subject.
type reader struct {
	Lookup
	rules   *ruleBook
	subject string
	day     credit.Date       // of the run
	records map[string]Record // by record_id: all that the run can cite for the subject
}

// of asks for columns of the subject's rows.
func (rd *reader) of(table string, columns ...string) lookup.Question {
	return of(rd.subject, table, columns...)
}

func (x *Explainer) explain(ctx context.Context, rd *reader) (*Explanation, error) {
	var beside errgroup.Group
	beside.Go(func() error { x.ahead(rd.subject); return nil })
	e, own, err := x.present(rd)
	if err != nil {
		return nil, errors.Join(err, beside.Wait())
	}
	var then past
	beside.Go(func() (err error) { // while steps are judged
		then, err = x.past(rd.subject)
		return err
	})
	e.Steps, err = x.steps(ctx, rd, own, e)
	if err := errors.Join(err, beside.Wait()); err != nil {
		return nil, err
	}
	e.Changes = x.changes(then, rd, e)
	e.Unscored, e.NotCounted = sortOut(own, e.Scorecards)
	return e, nil
}

// ahead finds the subject's rows in the tables that are asked for last, beside
// the questions for the first. Whoever asks meets an error again.
func (x *Explainer) ahead(subject string) {
	for _, table := range []string{"scores.scorecard_results", "scores.contributions", "scores.evidence", "scores.scheme_results", "marts.inspection_history"} {
		x.source.Rows(of(subject, table))
	}
	if x.judge != nil {
		for table := range x.judge.inputs {
			x.source.Rows(of(subject, table))
		}
	}
}

// present is all that the run itself says of the subject but for steps, and the
// records that may be cited for it.
func (x *Explainer) present(rd *reader) (*Explanation, []Record, error) {
	e, own, err := x.standing(rd)
	if err != nil {
		return nil, nil, err
	}
	if e.Inspections, err = rd.inspections(); err != nil {
		return nil, nil, err
	}
	unattached, err := rd.unattached(e.Subject.SubjectName)
	if err != nil {
		return nil, nil, err
	}
	return e, append(own, unattached...), nil
}

// standing is where the subject stands in the run and by what, and its records
// of conduct.
func (x *Explainer) standing(rd *reader) (*Explanation, []Record, error) {
	e := &Explanation{Run: evidence(x.manifest), Matrix: rd.rules.matrix}
	var err error
	if rd.day, err = credit.ParseDate(x.manifest.AsOf); err != nil {
		return nil, nil, err
	}
	own, err := rd.load()
	if err != nil {
		return nil, nil, err
	}
	if e.Subject, err = rd.identity(); err != nil {
		return nil, nil, err
	}
	if e.Outcome, err = rd.outcome(e.Subject.DivisionCode); err != nil {
		return nil, nil, err
	}
	if e.Public, err = rd.public(); err != nil {
		return nil, nil, err
	}
	if e.Scorecards, err = rd.scorecards(); err != nil {
		return nil, nil, err
	}
	if e.Schemes, err = rd.schemes(e.Scorecards); err != nil {
		return nil, nil, err
	}
	return e, own, nil
}

func evidence(m run.Manifest) Evidence {
	return Evidence{RunID: m.RunID, AsOf: m.AsOf, RuleSet: m.RuleSet, Previous: m.Previous, Engine: m.Engine,
		Rules: append([]run.Source{}, m.Sources...)}
}

// sortOut keeps the records that no scorecard shows: those that count and those
// that do not, the newest first.
func sortOut(records []Record, cards []Scorecard) (unscored, notCounted []Record) {
	scored := map[string]bool{}
	for _, card := range cards {
		for _, c := range card.Contributions {
			if c.Record != nil {
				scored[c.Record.RecordID] = true
			}
		}
	}
	slices.SortFunc(records, newestFirst)
	unscored, notCounted = []Record{}, []Record{}
	for _, record := range records {
		switch {
		case record.State != inForce:
			notCounted = append(notCounted, record)
		case !scored[record.RecordID]:
			unscored = append(unscored, record)
		}
	}
	return unscored, notCounted
}

func newestFirst(a, b Record) int {
	return cmp.Or(cmp.Compare(dayOf(b.EventOn), dayOf(a.EventOn)), strings.Compare(a.RecordID, b.RecordID))
}

func dayOf(d *credit.Date) credit.Date {
	if d == nil {
		return 0
	}
	return *d
}
