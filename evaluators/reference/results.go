package reference

import (
	"cmp"
	"slices"
	"strings"

	"rongxin/internal/credit"
)

// holding is a result that holds on the day.
type holding struct {
	id, scheme, grade, batch string
	level                    int64
	on, until                credit.Date
}

// national is the newest result, if it still holds.
func (j *judge) national(e Enterprise, v Verdict) *holding {
	var newest *National
	for i, n := range e.National {
		if n.Evaluated > j.rules.Day {
			continue
		}
		if newest == nil || cmp.Or(cmp.Compare(n.Evaluated, newest.Evaluated), strings.Compare(n.Batch, newest.Batch), strings.Compare(newest.ID, n.ID)) > 0 {
			newest = &e.National[i]
		}
	}
	if newest == nil {
		return nil
	}
	h := &holding{id: newest.ID, grade: newest.Grade, batch: newest.Batch, on: newest.Evaluated,
		until: newest.Evaluated.AddMonths(int(j.rules.Overlay.Public.ValidMonths)).AddDays(-1)}
	if h.until < j.rules.Day {
		return nil
	}
	v.add("marts.public_results_in_force", h.id, h.grade, h.on, h.until, h.batch)
	return h
}

// imported are the results of authorities that hold, one a scheme.
func (j *judge) imported(e Enterprise, v Verdict) map[string]holding {
	holds := map[string]holding{}
	for _, s := range j.rules.Schemes {
		if s.Imported == nil {
			continue
		}
		var parts []holding
		for _, newest := range j.newestOfParts(e, s) {
			if until := s.until(newest); until >= j.rules.Day {
				parts = append(parts, holding{id: newest.ID, scheme: s.Name, grade: newest.Grade, level: s.Levels[newest.Grade], on: newest.Evaluated, until: until})
			}
		}
		if len(parts) == 0 {
			continue
		}
		worst := slices.MaxFunc(parts, func(a, b holding) int {
			return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.on, b.on), strings.Compare(b.id, a.id))
		})
		holds[s.Name] = worst
		v.add("marts.industry_results_in_force", worst.id, s.Name, worst.grade, worst.level, worst.on, worst.until)
	}
	return holds
}

// until is the last day of a result.
func (s Scheme) until(r Result) credit.Date {
	if r.ValidTo != 0 {
		return r.ValidTo
	}
	return r.Evaluated.AddMonths(int(s.Imported.ValidMonths)).AddDays(-1)
}

// newestOfParts is the newest result of each part of a scheme; of several of one
// day one that still holds, and of these the worst.
func (j *judge) newestOfParts(e Enterprise, s Scheme) map[string]Result {
	newest := map[string]Result{}
	for _, r := range e.Results {
		if r.Scheme != s.Name || r.Evaluated > j.rules.Day {
			continue
		}
		lapsed := func(r Result) int {
			if s.until(r) < j.rules.Day {
				return 1
			}
			return 0
		}
		o, ok := newest[r.Part]
		if !ok || cmp.Or(cmp.Compare(r.Year, o.Year), cmp.Compare(r.Evaluated, o.Evaluated), lapsed(o)-lapsed(r),
			cmp.Compare(s.Levels[r.Grade], s.Levels[o.Grade]), strings.Compare(o.ID, r.ID)) > 0 {
			newest[r.Part] = r
		}
	}
	return newest
}

// permits are the food permits that hold on the day.
func (j *judge) permits(e Enterprise, v Verdict) (facts []Fact) {
	for _, p := range e.Permits {
		making, selling := strings.Contains(p.Certificate, "食品生产许可证"), strings.Contains(p.Certificate, "食品经营许可证")
		if !making && !selling || p.Status != "有效" || p.From == 0 || p.From > j.rules.Day || p.To < j.rules.Day {
			continue
		}
		activity := "食品经营"
		if strings.Contains(p.Certificate, "食品生产") {
			activity = "食品生产"
		}
		v.add("marts.food_permits", p.ID, activity, p.Decided, p.To)
		facts = append(facts, Fact{ID: p.ID, Days: map[string]credit.Date{"event_on": p.Decided}, Texts: map[string]string{"activity": activity}})
	}
	if facts != nil {
		v.add("marts.food_businesses", len(facts))
	}
	return facts
}
