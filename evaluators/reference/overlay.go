package reference

import (
	"cmp"
	"slices"
	"strings"

	"rongxin/internal/credit"
)

// result is what one scheme says of an enterprise.
type result struct {
	scheme Scheme
	grade  string
	level  int64
	on     credit.Date
	until  credit.Date
	id     any
	status string
}

// public is the public grade and where it is from.
type public struct {
	grade string
	*holding
}

func (j *judge) public(national *holding, grades map[string]string, v Verdict) public {
	p := public{string(credit.NotEvaluated), &holding{}}
	source := "none"
	if grade, ok := grades[j.rules.Overlay.Public.Fallback]; ok {
		p.grade, source = grade, j.rules.Overlay.Public.Fallback
	}
	if national != nil {
		p, source = public{national.grade, national}, "national"
	}
	v.add("scores.public_results", p.grade, p.on, p.until, p.batch, p.id, source)
	return p
}

// schemes are the results of all schemes: what an authority sent first, else
// what was computed.
func (j *judge) schemes(imported map[string]holding, grades map[string]string, v Verdict) (list []result) {
	for _, s := range j.rules.Schemes {
		r := result{scheme: s, status: s.status(j.rules.Day)}
		computed := ""
		if s.Computed != nil && grades[s.Computed.Scorecard] != "not_evaluated" {
			computed = grades[s.Computed.Scorecard]
		}
		if h, ok := imported[s.Name]; ok && (computed == "" || !j.adjusts(s)) {
			r.grade, r.level, r.on, r.until, r.id = h.grade, h.level, h.on, h.until, h.id
		} else if computed == "" {
			continue
		} else {
			r.grade, r.id = computed, blank // of the day of the run, so without one of its own
			r.level = s.Levels[r.grade]
		}
		v.add("scores.scheme_results", s.Name, r.grade, r.level, r.on, r.until, r.id, r.status)
		list = append(list, r)
	}
	return list
}

// adjusts says whether the scorecard of a scheme starts from the scheme's own
// imported result.
func (j *judge) adjusts(s Scheme) bool {
	for _, card := range j.rules.Scorecards {
		for _, c := range card.Characteristics {
			if card.Name == s.Computed.Scorecard && c.Result == s.Name {
				return true
			}
		}
	}
	return false
}

// overlay judges public and industry results together, and what overrides do.
func (j *judge) overlay(e Enterprise, p public, results []result, inForce []counting, v Verdict) {
	results = slices.DeleteFunc(slices.Clone(results), func(r result) bool { return r.status != "active" })
	if len(results) == 0 {
		results = []result{{scheme: Scheme{Name: "none"}}}
	}
	class, code, out, outCode, marked := j.overrides(e, inForce, v)
	var rows []classed
	conflicts := false
	for _, r := range results {
		used := r.level
		for _, c := range j.rules.Overlay.Conflicts {
			if c.Public == p.grade && c.Level == r.level {
				used = c.UseLevel
			}
		}
		column := used - 1
		if used == 0 {
			column = 4
		}
		matrix := j.rules.Overlay.Matrix[p.grade][column]
		conflict := used != r.level
		conflicts = conflicts || conflict
		v.add("overlay.matrix_classes", r.scheme.Name, p.grade, p.on, r.grade, r.level, used, r.on, r.id, matrix, conflict)
		if conflict {
			v.add("overlay.conflicts", r.scheme.Name, r.scheme.Title, r.scheme.Department, p.grade, p.on, p.batch, p.id, r.grade, r.level, used, r.on, r.id)
		}
		final := &matrix
		if class != nil {
			final = class
		}
		if out {
			final = nil
		}
		v.add("overlay.scheme_classes", r.scheme.Name, p.grade, p.on, r.grade, r.level, r.on, r.id, matrix, conflict, final, cmp.Or(outCode, code), out, marked)
		rows = append(rows, classed{r, matrix, final})
	}
	worst := slices.MaxFunc(rows, func(a, b classed) int {
		return cmp.Or(cmp.Compare(a.matrix, b.matrix), cmp.Compare(a.level, b.level), strings.Compare(b.scheme.Name, a.scheme.Name))
	})
	v.add("overlay.subject_classes", worst.scheme.Name, p.grade, p.on, worst.grade, worst.on, worst.matrix, worst.final, cmp.Or(outCode, code), out, marked, conflicts)
}

type classed struct {
	result
	matrix int64
	final  *int64
}

// applied is an override that applies, with what brings it about.
type applied struct {
	position  int
	id        string
	class     *int64
	on        credit.Date
	code      string
	out, mark bool
}

// overrides are applied in their order: the last that sets a class holds, out of
// the list is final.
func (j *judge) overrides(e Enterprise, inForce []counting, v Verdict) (class *int64, code string, out bool, outCode string, marked bool) {
	var hits []applied
	position := 0
	add := func(o override, code, meaning, id string, class *int64, document, authority string, on credit.Date) {
		effect := "class"
		if o.Out {
			effect = "out"
		} else if o.Mark {
			effect = "mark"
		}
		v.add("overlay.override_hits", position, id, code, effect, class, meaning, document, authority, on)
		hits = append(hits, applied{position, id, class, on, code, o.Out, o.Mark})
	}
	for _, o := range j.rules.Overlay.Overrides {
		categories := []severeList{{List: o.Is}}
		if o.When == "severe_list" {
			categories = j.lists
		}
		for _, l := range categories {
			position++
			code, meaning := o.Code, o.Text
			if o.When == "severe_list" {
				code, meaning = o.Code+"-"+l.ID, o.Text+l.List
			}
			for _, rec := range inForce {
				byCategory := (o.When == "severe_list" || o.When == "record_category") && rec.Category == l.List
				if byCategory || o.When == "objection_pending" && rec.objection != "" {
					add(o, code, meaning, rec.ID, o.Class, rec.Document, rec.Authority, rec.Event)
				}
			}
			if o.When == "registration_status" && e.Status == o.Is {
				add(o, code, meaning, e.Register, o.Class, "", "", 0)
			}
			for _, m := range e.Manual {
				if o.When == "manual" && m.Approved <= j.rules.Day && m.Expires > j.rules.Day {
					add(o, code, meaning, m.ID, &m.Class, m.Document, m.Approver, m.Approved)
				}
			}
		}
	}
	var last *applied
	for i, h := range hits {
		switch {
		case h.out && (outCode == "" || h.code < outCode):
			out, outCode = true, h.code
		case h.mark:
			marked = true
		case !h.out && (last == nil || cmp.Or(cmp.Compare(h.position, last.position), cmp.Compare(h.on, last.on), strings.Compare(last.id, h.id)) > 0):
			last = &hits[i]
		}
	}
	if last != nil {
		class, code = last.class, last.code
	}
	return class, code, out, outCode, marked
}
