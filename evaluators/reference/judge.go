package reference

import (
	"strings"

	"rongxin/internal/credit"
)

// judge is the rules and the catalogue at hand.
type judge struct {
	rules    *Rules
	editions []Edition
	lists    []severeList // as they are today
}

// Judge says everything of one enterprise.
func Judge(rules *Rules, editions []Edition, e Enterprise) Verdict {
	j := &judge{rules, editions, rules.current()}
	v := Verdict{}
	records, inForce := j.records(e, v)
	if !e.Registered {
		return v
	}
	national, imported := j.national(e, v), j.imported(e, v)
	facts := map[string][]Fact{"marts.records_in_force": records, "marts.food_permits": j.permits(e, v)}
	if h := national; h != nil {
		facts["marts.public_results_in_force"] = []Fact{fact(*h)}
	}
	for _, h := range imported {
		facts["marts.industry_results_in_force"] = append(facts["marts.industry_results_in_force"], fact(h))
	}
	for table, others := range e.Other {
		facts[table] = others
	}
	in := map[string]bool{"intermediate.subjects": true, "marts.food_businesses": len(facts["marts.food_permits"]) > 0}
	for table, member := range e.Member {
		in[table] = member
	}
	grades := j.scores(facts, in, v)
	p := j.public(national, grades, v)
	j.overlay(e, p, j.schemes(imported, grades, v), inForce, v)
	return v
}

func fact(h holding) Fact {
	return Fact{ID: h.id, Days: map[string]credit.Date{"event_on": h.on, "valid_until": h.until}, Texts: map[string]string{"grade": h.grade, "scheme": h.scheme}}
}

// Derived says whether the reference makes a table itself.
func Derived(table string) bool {
	_, ok := Columns[table]
	return ok && strings.HasPrefix(table, "marts.")
}
