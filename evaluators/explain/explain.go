package explain

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/run"
)

// Subject explains one subject of a run whose [Tables] are attached to db. The
// subject is an 18-character code in any way of writing, or the exact name of
// an enterprise, today's or an earlier one. Errors: [ErrUnknownSubject],
// [ErrAmbiguousName], [ErrEvidence].
func Subject(ctx context.Context, db *engine.DB, r *run.Run, subject string) (*Explanation, error) {
	code, err := find(ctx, db, subject)
	if err != nil {
		return nil, err
	}
	e, err := explain(ctx, reader{db: db, subject: code}, r)
	if err != nil {
		return nil, fmt.Errorf("explain %s: %w", code, err)
	}
	return e, nil
}

// reader reads the rows of one subject.
type reader struct {
	db      *engine.DB
	subject string
	records map[string]Record // by record_id: all that the run can cite for the subject
}

func explain(ctx context.Context, rd reader, r *run.Run) (*Explanation, error) {
	e := &Explanation{Run: evidence(r.Manifest)}
	own, err := rd.load(ctx)
	if err != nil {
		return nil, err
	}
	classes, err := rd.tiers(ctx)
	if err != nil {
		return nil, err
	}
	if e.Subject, err = rd.identity(ctx); err != nil {
		return nil, err
	}
	if e.Outcome, err = rd.outcome(ctx, classes); err != nil {
		return nil, err
	}
	if e.Public, err = rd.public(ctx); err != nil {
		return nil, err
	}
	if e.Scorecards, err = rd.scorecards(ctx); err != nil {
		return nil, err
	}
	if e.Schemes, err = rd.schemes(ctx, classes, e.Scorecards); err != nil {
		return nil, err
	}
	if e.Inspections, err = rd.inspections(ctx); err != nil {
		return nil, err
	}
	unattached, err := rd.unattached(ctx, e.Subject.SubjectName)
	if err != nil {
		return nil, err
	}
	e.Unscored, e.NotCounted = sortOut(append(own, unattached...), e.Scorecards)
	return e, nil
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
	return cmp.Or(cmp.Compare(dayOf(b.EventOn), dayOf(a.EventOn)), cmp.Compare(a.RecordID, b.RecordID))
}

func dayOf(d *credit.Date) credit.Date {
	if d == nil {
		return 0
	}
	return *d
}
