package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"rongxin/evaluators/reference"
	"rongxin/warehouse/model"
)

// Stages of judgement are tried on their own too, with inputs that no history
// would bring often: many records of one kind, scores one thousandth beside a
// bound. Each loads the input of its stage and what the reference makes of it.

const (
	countedColumns = "subject_id, scorecard, characteristic, position BIGINT, record_id, event_on DATE, value BIGINT, label"
	pointsColumns  = "subject_id, scorecard, characteristic, position BIGINT, reason_code, record_id, points_milli BIGINT, missing"
	vetoColumns    = "subject_id, scorecard, characteristic, position BIGINT, reason_code, record_id, effect, grade, severity BIGINT, score_milli BIGINT"
)

// loadFacts is the stage from facts to what scorecards look at. The facts are
// those of any table, with all words that a scorecard asks for.
func (w *world) loadFacts(ctx context.Context, g *generator, rules *reference.Rules, n int) error {
	g.readScorecards(nil)
	list := make([]reference.Enterprise, n)
	want := map[string]reference.Verdict{}
	for i := range list {
		e := &list[i]
		e.ID, e.Registered = g.id("S"), true
		g.rest(e)
		want[e.ID] = rules.Look(e.Other, e.Member)
	}
	inputs := g.otherTables(list)
	inputs[model.Parameters] = parameters(g.day)
	return w.stage(ctx, inputs, want, "scores.counted")
}

// loadCounted is the stage from counted records to grades.
func (w *world) loadCounted(ctx context.Context, g *generator, rules *reference.Rules, n int) error {
	counted := &table{columns: countedColumns}
	want := map[string]reference.Verdict{}
	for s := range n + len(rare) {
		id := g.id("S")
		want[id] = reference.Verdict{}
		for _, card := range rules.Scorecards {
			counted.rows = append(counted.rows, []any{id, card.Name, "base", int64(0), "", nil, nil, nil})
			looked := reference.Looked{}
			add := func(position int, name string, s reference.Seen) {
				looked[position] = append(looked[position], s)
				counted.rows = append(counted.rows, []any{id, card.Name, name, int64(position), s.ID, date(s.On), number(s.Value), null(s.Label)})
			}
			for i, c := range card.Characteristics {
				day := g.near()
				if s >= n {
					for nth := range shareFacts {
						if c.Measure == "share" {
							add(i+1, c.Name, reference.Seen{ID: fmt.Sprintf("R%s%06d", id, nth), On: day, Value: rare[s-n].fits(nth)})
						}
					}
					continue
				}
				for range g.many(c.Newest()) {
					s := g.seen(c)
					if g.IntN(2) == 0 {
						s.On = day // several records of one day stand in the order of their ids
					}
					add(i+1, c.Name, s)
				}
				reference.InOrder(looked[i+1])
			}
			one := int64(1)
			for i, veto := range card.Vetoes {
				for range g.IntN(5) * g.IntN(2) {
					add(1000+i, veto.Name, reference.Seen{ID: g.id("R"), On: g.near(), Value: &one})
				}
			}
			card.Points(looked, want[id])
		}
	}
	g.Shuffle(len(counted.rows), func(i, k int) { counted.rows[i], counted.rows[k] = counted.rows[k], counted.rows[i] })
	return w.stage(ctx, map[string]*table{"scores.counted": counted}, want, "scores.vetoes", "scores.contributions", "scores.scorecard_results")
}

// Shares that stay one fact below a bound, of so many facts that one of ten
// thousand shows: all, one of two, one of eight.
const shareFacts = 10_100

var rare = []share{1, 2, 8}

type share int

func (s share) fits(nth int) *int64 {
	value := int64(0)
	if nth > 0 && (nth+1)%int(s) == 0 {
		value = 1
	}
	return &value
}

// many is how many facts a characteristic looks at.
func (g *generator) many(newest bool) int {
	if newest {
		return g.IntN(2)
	}
	return g.IntN(11) * g.IntN(2)
}

// seen is a fact as the characteristic might see it.
func (g *generator) seen(c reference.Characteristic) reference.Seen {
	value := int64(1)
	s := reference.Seen{ID: g.id("R"), On: g.near(), Value: &value}
	switch {
	case c.Decay != nil:
		value = pick(g, []int64{0, 1000, 1250, 5000, 10000})
		if c.Each[0] == '-' {
			value = -value
		}
	case c.Grades != nil:
		s.Value, s.Label = nil, pick(g, slices.Sorted(maps.Keys(c.Grades)))
	case c.Escalate != nil:
		value = int64(1 + g.IntN(len(c.Escalate.Steps)))
	case c.Measure == "share":
		value = int64(g.IntN(2))
	case c.Measure != "" && c.Measure != "count":
		value = pick(g, append(c.Bounds(), 1, 2))/int64(1+g.IntN(2)) + int64(g.IntN(3)-1)
	}
	return s
}

// loadConclusions is the stage from points and vetoes to grades.
func (w *world) loadConclusions(ctx context.Context, g *generator, rules *reference.Rules, n int) error {
	points, vetoes := &table{columns: pointsColumns}, &table{columns: vetoColumns}
	want := map[string]reference.Verdict{}
	for range n {
		id := g.id("S")
		want[id] = reference.Verdict{}
		for _, card := range rules.Scorecards {
			score := max(0, pick(g, append(card.CutOffs(), 0, 1_000_000))+int64(g.IntN(3)-1))
			left, records := score, g.IntN(4)
			row := func(position int, record string, given int64, missing string) {
				left -= given
				points.rows = append(points.rows, []any{id, card.Name, "", int64(position), "", record, given, null(missing)})
			}
			for i := range records {
				row(i+1, g.id("R"), int64(g.IntN(9)-4), "")
			}
			missing := pick(g, []string{"", "", "points", "not_evaluated"})
			row(records+1, "", 0, missing)
			row(0, "", left, "")
			var hits []reference.Hit
			for i := range g.IntN(4) {
				h := reference.Hit{Effect: pick(g, []string{"grade", "ceiling", "ceiling", "score"}), Grade: pick(g, card.Grades).Grade, Reason: fmt.Sprint("V", g.IntN(4)), ID: g.id("R")}
				hits = append(hits, h)
				vetoes.rows = append(vetoes.rows, []any{id, card.Name, "", int64(1000 + i), h.Reason, h.ID, h.Effect, h.Grade, int64(card.Badness(h.Grade)), nil})
			}
			card.Conclude(score, records, missing == "not_evaluated", hits, want[id])
		}
	}
	return w.stage(ctx, map[string]*table{"scores.contributions": points, "scores.vetoes": vetoes}, want, "scores.scorecard_results")
}

// stage loads inputs and expectations, and makes and compares the tables that
// are tried.
func (w *world) stage(ctx context.Context, inputs map[string]*table, want map[string]reference.Verdict, tried ...string) error {
	for name, t := range inputs {
		if err := t.load(ctx, w.db, name); err != nil {
			return err
		}
	}
	w.models = slices.DeleteFunc(w.models, func(m model.Model) bool { return !slices.Contains(tried, m.Name) })
	return w.judge(ctx, want)
}
