package reference

import (
	"cmp"
	"slices"
	"strings"

	"rongxin/internal/credit"
)

// scores judges an enterprise by every scorecard whose population it is in.
func (j *judge) scores(facts map[string][]Fact, in map[string]bool, v Verdict) map[string]string {
	grades := map[string]string{}
	for _, s := range j.rules.Scorecards {
		if in[s.Population] {
			grades[s.Name] = j.score(s, facts, v)
		}
	}
	return grades
}

// Looked are the facts that each characteristic (from position 1 on) and each
// veto (from 1000 on) of a scorecard looks at.
type Looked map[int][]Seen

// Look says what each scorecard looks at, whatever the facts are and wherever
// they come from.
func (r *Rules) Look(facts map[string][]Fact, in map[string]bool) Verdict {
	j, v := &judge{rules: r}, Verdict{}
	for _, s := range r.Scorecards {
		if in[s.Population] {
			j.look(s, facts, v)
		}
	}
	return v
}

// score judges an enterprise by one scorecard.
func (j *judge) score(s Scorecard, facts map[string][]Fact, v Verdict) (grade string) {
	return s.Points(j.look(s, facts, v), v)
}

// look takes the facts that count for a scorecard.
func (j *judge) look(s Scorecard, facts map[string][]Fact, v Verdict) Looked {
	looked := Looked{}
	v.add("scores.counted", s.Name, "base", 0, blank, nil, nil, nil)
	for i, c := range s.Characteristics {
		if !j.feeds(c) {
			continue
		}
		looked[i+1] = c.seenBy(facts, j.rules.Day)
		for _, fact := range looked[i+1] {
			v.add("scores.counted", s.Name, c.Name, i+1, fact.ID, fact.On, fact.Value, fact.Label)
		}
	}
	for i, veto := range s.Vetoes {
		for _, f := range facts[veto.Fact] {
			if veto.looks(f, j.rules.Day) {
				on := veto.dayOf(f)
				looked[firstVeto+i] = append(looked[firstVeto+i], Seen{ID: f.ID, On: on})
				v.add("scores.counted", s.Name, veto.Name, firstVeto+i, f.ID, on, 1, nil)
			}
		}
	}
	return looked
}

const firstVeto = 1000

// Points judges by what was looked at, and returns the grade.
func (s Scorecard) Points(looked Looked, v Verdict) (grade string) {
	total, records, notEvaluated := int64(0), 0, false
	row := func(name string, position int, reason string, id any, given int64, missing string) {
		total += given
		v.add("scores.contributions", s.Name, name, position, reason, id, given, missing)
		if _, none := id.(blankText); !none {
			records++
		}
	}
	row("base", 0, "BASE", blank, milli(s.Base), "")
	for i, c := range s.Characteristics {
		list := looked[i+1]
		for n, fact := range list {
			row(c.Name, i+1, c.Reason, fact.ID, c.gives(list[:n+1])-c.gives(list[:n]), "")
		}
		if given, missing, ok := c.ifNone(); ok && len(list) == 0 {
			row(c.Name, i+1, c.Reason, blank, given, missing)
			notEvaluated = notEvaluated || missing == string(credit.NotEvaluated)
		}
	}
	hits := s.vetoes(looked, v)
	score := total
	if s.Lowest != "" {
		score = max(score, milli(s.Lowest))
	}
	if s.Highest != "" {
		score = min(score, milli(s.Highest))
	}
	if score != total {
		row("bounds", 999, "BOUNDS", blank, score-total, "")
	}
	if worst := worstOf(hits, "score", s.byScore); worst != nil {
		bound := min(score, *worst.score)
		if s.Better == "lower" {
			bound = max(score, *worst.score)
		}
		if bound != score {
			row(worst.name, worst.position, worst.Reason, worst.ID, bound-score, "")
		}
		score = bound
	}
	return s.Conclude(score, records, notEvaluated, hits, v)
}

// Conclude is the grade of a score, and what vetoes make of it.
func (s Scorecard) Conclude(score int64, records int, notEvaluated bool, hits []Hit, v Verdict) string {
	fromPoints := s.gradeOf(score)
	bad := s.Badness(fromPoints)
	if notEvaluated {
		fromPoints, bad = string(credit.NotEvaluated), 0
	}
	grade, reason := fromPoints, ""
	if worst := worstOf(hits, "grade", s.byReason); worst != nil {
		grade, reason, bad = worst.Grade, worst.Reason, s.Badness(worst.Grade)
	}
	if worst := worstOf(hits, "ceiling", s.byReason); worst != nil && bad > 0 && s.Badness(worst.Grade) > bad {
		grade, reason = worst.Grade, worst.Reason
	}
	v.add("scores.scorecard_results", s.Name, s.Version, score, fromPoints, grade, reason, records)
	return grade
}

// feeds says whether the source of a characteristic has a part in the city: a
// scheme that is not active has none.
func (j *judge) feeds(c Characteristic) bool {
	if c.Result == "" || c.Result == "national" {
		return true
	}
	for _, s := range j.rules.Schemes {
		if s.Name == c.Result {
			return s.status(j.rules.Day) == "active"
		}
	}
	return false
}

// A Hit is a veto that acts, with one of the facts that it rests on.
type Hit struct {
	Effect string // grade, ceiling or score
	Grade  string
	Reason string
	ID     string

	name     string
	position int
	score    *int64
}

func (s Scorecard) vetoes(looked Looked, v Verdict) (hits []Hit) {
	for i, veto := range s.Vetoes {
		h := Hit{Effect: "grade", Grade: veto.Grade, Reason: veto.Reason, name: veto.Name, position: firstVeto + i, score: points(veto.Score)}
		switch {
		case veto.Score != "":
			h.Effect, h.Grade = "score", s.gradeOf(*h.score)
		case veto.Ceiling != "":
			h.Effect, h.Grade = "ceiling", veto.Ceiling
		}
		list := looked[h.position]
		if len(list) < max(veto.AtLeast, 1) {
			continue
		}
		for _, fact := range list {
			h.ID = fact.ID
			v.add("scores.vetoes", s.Name, h.name, h.position, h.Reason, h.ID, h.Effect, h.Grade, s.Badness(h.Grade), h.score)
			hits = append(hits, h)
		}
	}
	return hits
}

// byScore puts the score first that bounds most.
func (s Scorecard) byScore(a, b Hit) int {
	tighter := cmp.Compare(*a.score, *b.score)
	if s.Better == "lower" {
		tighter = -tighter
	}
	return cmp.Or(tighter, cmp.Compare(a.position, b.position))
}

// byReason puts the worst grade first.
func (s Scorecard) byReason(a, b Hit) int {
	return cmp.Or(cmp.Compare(s.Badness(b.Grade), s.Badness(a.Grade)), strings.Compare(a.Reason, b.Reason))
}

// worstOf is the first hit of an effect in an order.
func worstOf(hits []Hit, effect string, order func(a, b Hit) int) *Hit {
	hits = slices.DeleteFunc(slices.Clone(hits), func(h Hit) bool { return h.Effect != effect })
	if len(hits) == 0 {
		return nil
	}
	slices.SortFunc(hits, func(a, b Hit) int { return cmp.Or(order(a, b), strings.Compare(a.ID, b.ID)) })
	return &hits[0]
}
