package explain

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"rongxin/internal/credit"
)

// path keeps of a candidate what it takes, and nothing that can be spared.
func (p *planner) path(ctx context.Context, c candidate) (*Path, error) {
	few := c.few()
	for i := range few {
		few[i].no = p.add(p.caseWithout(few[i], nil))
	}
	if err := p.decide(ctx); err != nil {
		return nil, err
	}
	if at := slices.IndexFunc(few, func(f candidate) bool { return p.improves(f.no) }); at >= 0 {
		c = few[at]
	}
	drop, err := p.prune(ctx, len(c.records)+len(c.results), func(drop map[int]bool) Case { return p.caseWithout(c, drop) }, p.improves)
	if err != nil {
		return nil, err
	}
	c = c.less(drop)
	c.no = p.add(p.caseWithout(c, nil))
	class := *p.verdicts[c.no].Class
	path := &Path{Class: class, ClassTitle: p.rules.tiers.title(&class), Steps: []PathStep{}}
	open := len(c.results) > 0
	for _, r := range c.records {
		path.Steps = append(path.Steps, PathStep{By: r.By, RecordID: r.RecordID, Title: r.Title, On: r.On})
		open = open || r.On == nil
		path.On = later(path.On, r.On)
	}
	for _, r := range c.results {
		path.Steps = append(path.Steps, PathStep{By: byResult, Scheme: r.Scheme, Title: p.betterTitle(r, c.levels)})
	}
	if open {
		path.On = nil
	}
	return path, nil
}

// few are candidates with fewer of the records, to be tried first. The last of a
// row of records in order of days is what makes the difference: alone, with one
// other, or results do it without.
func (c candidate) few() (list []candidate) {
	n := len(c.records)
	if n < 2 {
		return nil
	}
	last := c.records[n-1:]
	for _, records := range [][]RecordStep{nil, last} {
		list = append(list, candidate{records: records, results: c.results, levels: c.levels})
	}
	for _, other := range c.records[:n-1] {
		list = append(list, candidate{records: append([]RecordStep{other}, last...), results: c.results, levels: c.levels})
	}
	return list
}

// foreseen is how many cases are judged at once at most before it is known that
// they matter: a case more costs less than another question to the engine.
const foreseen = 64

// foresee adds the cases by which path and unaided will look for what can be
// spared, while they are few.
func (p *planner) foresee(candidates []candidate, lapses []lapse) {
	for _, c := range candidates {
		for _, f := range append(c.few(), c) {
			for i := range len(f.records) + len(f.results) {
				if len(p.cases) >= foreseen {
					return
				}
				p.add(p.caseWithout(f, map[int]bool{i: true}))
			}
			p.add(p.caseWithout(f, nil))
		}
	}
	for _, l := range lapses { // mostly one of the steps is what matters
		p.add(l.alone())
	}
	for _, l := range lapses {
		for i := range l.steps {
			if len(p.cases) >= foreseen {
				return
			}
			p.add(l.without(map[int]bool{i: true}))
		}
	}
}

func (p *planner) betterTitle(r ResultStep, levels int) string {
	grade := publicGrades[max(0, slices.Index(publicGrades, r.Grade)-levels)]
	if r.Scheme != nationalResult {
		grade = either(p.up(r.Scheme, levels).Grade, r.Grade)
	}
	return fmt.Sprintf("%s由 %s 提高到 %s（%s重新评价）", r.Title, r.Grade, grade, r.Department)
}

// less is the candidate without the dropped ones of its records and results.
func (c candidate) less(drop map[int]bool) candidate {
	less := candidate{levels: c.levels}
	for i, r := range c.records {
		if !drop[i] {
			less.records = append(less.records, r)
		}
	}
	for i, r := range c.results {
		if !drop[len(c.records)+i] {
			less.results = append(less.results, r)
		}
	}
	return less
}

func (p *planner) caseWithout(c candidate, drop map[int]bool) Case {
	less := c.less(drop)
	return p.without(less.records, less.levels, less.results...)
}

// prune finds which of n steps that together come to a class that is good can be
// spared, so that none of the rest can.
func (p *planner) prune(ctx context.Context, n int, caseOf func(drop map[int]bool) Case, good func(no int) bool) (map[int]bool, error) {
	drop := map[int]bool{}
	if n < 2 {
		return drop, nil
	}
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = p.add(caseOf(map[int]bool{i: true}))
	}
	if err := p.decide(ctx); err != nil {
		return nil, err
	}
	for i, number := range numbers {
		if good(number) {
			drop[i] = true
		}
	}
	if together := p.add(caseOf(drop)); len(drop) > 1 {
		if err := p.decide(ctx); err != nil || good(together) {
			return drop, err
		}
		// One can be spared as long as another is there: leave out one at a time.
		spare := slices.Sorted(maps.Keys(drop))
		drop = map[int]bool{}
		for _, i := range spare {
			drop[i] = true
			number := p.add(caseOf(drop))
			if err := p.decide(ctx); err != nil {
				return nil, err
			}
			if !good(number) {
				delete(drop, i)
			}
		}
	}
	return drop, p.decide(ctx)
}

// A lapse is what has run out by itself by a day.
type lapse struct {
	steps   []PathStep
	records []string // that are gone with each
	no      int      // of the case
}

func (p *planner) lapses() (list []lapse) {
	var steps []PathStep
	for _, r := range p.Records {
		if r.ExpiresOn != nil {
			steps = append(steps, PathStep{By: byExpiry, RecordID: r.RecordID, Title: r.Title, On: r.ExpiresOn})
		}
	}
	results := map[string]string{} // record of each result
	for _, card := range p.e.Scorecards {
		for _, c := range card.Contributions { // a rating or a permit that a score rests on
			if c.Record != nil && c.Record.State == "" && c.Record.EndedOn != nil {
				on := c.Record.EndedOn.AddDays(1)
				steps = append(steps, PathStep{By: byExpiry, RecordID: c.Record.RecordID, Title: c.Record.String(), On: &on})
			}
		}
	}
	note := func(scheme, title, record string, until *credit.Date) {
		if until != nil && record != "" {
			on := until.AddDays(1)
			results[scheme] = record
			steps = append(steps, PathStep{By: byResult, Scheme: scheme, Title: title + "结果有效期届满且未重新评价", On: &on})
		}
	}
	note(nationalResult, "国家公共信用综合评价", p.e.Public.RecordID, p.e.Public.ValidUntil)
	for _, s := range p.e.Schemes {
		note(s.Scheme, s.Title, s.RecordID, s.ValidUntil)
	}
	slices.SortStableFunc(steps, func(a, b PathStep) int { return cmp.Compare(*a.On, *b.On) })
	gone, records := map[string]bool{}, []string{}
	for i, s := range steps {
		records = append(records, cmp.Or(s.RecordID, results[s.Scheme]))
		gone[records[i]] = true
		list = append(list, lapse{steps[:i+1], records[:i+1], p.add(Case{Gone: maps.Clone(gone)})})
	}
	return list
}

// alone is the case of the last step of the lapse and no other.
func (l lapse) alone() Case {
	return Case{Gone: map[string]bool{l.records[len(l.records)-1]: true}}
}

// without is the case of the lapse without the dropped ones of its steps.
func (l lapse) without(drop map[int]bool) Case {
	c := Case{Gone: map[string]bool{}}
	for i, record := range l.records {
		if !drop[i] {
			c.Gone[record] = true
		}
	}
	return c
}

// unaided keeps of a lapse what the class of its day rests on: time spares none, so
// what is named must by itself come to no worse a class.
func (p *planner) unaided(ctx context.Context, l lapse) (*Path, error) {
	class, on := *p.verdicts[l.no].Class, l.steps[len(l.steps)-1].On
	drop, err := p.prune(ctx, len(l.steps), l.without, func(no int) bool { return p.improves(no) && *p.verdicts[no].Class <= class })
	path := &Path{Class: class, ClassTitle: p.rules.tiers.title(&class), On: on, Steps: []PathStep{}}
	for i, s := range l.steps {
		if !drop[i] {
			path.Steps = append(path.Steps, s)
		}
	}
	return path, err
}
