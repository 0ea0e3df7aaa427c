package reference

import (
	"cmp"
	"slices"
	"strings"

	"rongxin/internal/credit"
)

// hit is a veto that acts, with one of the facts that it rests on.
type hit struct {
	veto     Veto
	position int
	fact     seen
	effect   string
	grade    string
	badness  int
	score    *int64
}

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

func (j *judge) score(s Scorecard, facts map[string][]Fact, v Verdict) (grade string) {
	v.add("scores.counted", s.Name, "base", 0, blank, nil, nil, nil)
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
		var list []seen
		if j.feeds(c) {
			list = c.seenBy(facts, j.rules.Day)
		}
		for n, fact := range list {
			v.add("scores.counted", s.Name, c.Name, i+1, fact.id, fact.on, fact.value, fact.label)
			row(c.Name, i+1, c.Reason, fact.id, c.gives(list[:n+1])-c.gives(list[:n]), "")
		}
		if given, missing, ok := c.ifNone(); ok && len(list) == 0 {
			row(c.Name, i+1, c.Reason, blank, given, missing)
			notEvaluated = notEvaluated || missing == string(credit.NotEvaluated)
		}
	}
	hits := j.vetoes(s, facts, v)
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
			row(worst.veto.Name, worst.position, worst.veto.Reason, worst.fact.id, bound-score, "")
		}
		score = bound
	}
	fromPoints := s.gradeOf(score)
	bad := s.badness(fromPoints)
	if notEvaluated {
		fromPoints, bad = string(credit.NotEvaluated), 0
	}
	grade, reason := fromPoints, ""
	if worst := worstOf(hits, "grade", byReason); worst != nil {
		grade, reason, bad = worst.grade, worst.veto.Reason, worst.badness
	}
	if worst := worstOf(hits, "ceiling", byReason); worst != nil && bad > 0 && worst.badness > bad {
		grade, reason = worst.grade, worst.veto.Reason
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

func (j *judge) vetoes(s Scorecard, facts map[string][]Fact, v Verdict) (hits []hit) {
	for i, veto := range s.Vetoes {
		h := hit{veto: veto, position: 1000 + i, effect: "grade", grade: veto.Grade, score: points(veto.Score)}
		switch {
		case veto.Score != "":
			h.effect, h.grade = "score", s.gradeOf(*h.score)
		case veto.Ceiling != "":
			h.effect, h.grade = "ceiling", veto.Ceiling
		}
		h.badness = s.badness(h.grade)
		var list []hit
		for _, f := range facts[veto.Fact] {
			if veto.looks(f, j.rules.Day) {
				h.fact = seen{id: f.ID, on: veto.dayOf(f)}
				list = append(list, h)
				v.add("scores.counted", s.Name, veto.Name, h.position, f.ID, h.fact.on, 1, nil)
			}
		}
		if len(list) < max(veto.AtLeast, 1) {
			continue
		}
		for _, h := range list {
			v.add("scores.vetoes", s.Name, veto.Name, h.position, veto.Reason, h.fact.id, h.effect, h.grade, h.badness, h.score)
		}
		hits = append(hits, list...)
	}
	return hits
}

// byScore puts the score first that bounds most.
func (s Scorecard) byScore(a, b hit) int {
	tighter := cmp.Compare(*a.score, *b.score)
	if s.Better == "lower" {
		tighter = -tighter
	}
	return cmp.Or(tighter, cmp.Compare(a.position, b.position))
}

// byReason puts the worst grade first.
func byReason(a, b hit) int {
	return cmp.Or(cmp.Compare(b.badness, a.badness), strings.Compare(a.veto.Reason, b.veto.Reason))
}

// worstOf is the first hit of an effect in an order.
func worstOf(hits []hit, effect string, order func(a, b hit) int) *hit {
	hits = slices.DeleteFunc(slices.Clone(hits), func(h hit) bool { return h.effect != effect })
	if len(hits) == 0 {
		return nil
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(order(a, b), strings.Compare(a.fact.id, b.fact.id))
	})
	return &hits[0]
}
