package policy

import (
	"cmp"
	"errors"
	"slices"

	"rongxin/evaluators/compare"
	"rongxin/evaluators/draw"
)

// Inspections are how many objects all lists together would have drawn by the
// inspection plans, each list by itself, now and then.
type Inspections struct {
	Classes     []ClassInspections `json:"classes"`
	ControlNow  int64              `json:"control_now"` // drawn beside the quotas
	ControlThen int64              `json:"control_then"`
	Now         int64              `json:"now"` // quotas and control together
	Then        int64              `json:"then"`
}

// ClassInspections are those of one supervision class.
type ClassInspections struct {
	Class          int64 `json:"class"`
	CandidatesNow  int64 `json:"candidates_now"`
	CandidatesThen int64 `json:"candidates_then"`
	Now            int64 `json:"now"`
	Then           int64 `json:"then"`
}

// aList is one department's list of one scheme, in one of the two runs.
type aList struct {
	after              bool
	department, scheme string
}

// inspections computes the quotas of every list as a draw would, and adds them up
// by class.
func inspections(candidates []compare.Candidates) (Inspections, error) {
	lists := map[aList][]compare.Candidates{}
	for _, c := range candidates {
		key := aList{c.After, c.Department, c.Scheme}
		lists[key] = append(lists[key], c)
	}
	total := Inspections{Classes: []ClassInspections{}}
	byClass := map[int64]*ClassInspections{}
	var faults []error
	for key, strata := range lists {
		quotas, bounds, err := quotas(strata)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if control := draw.Control(quotas, bounds); key.after {
			total.ControlThen, total.Then = total.ControlThen+control, total.Then+control
		} else {
			total.ControlNow, total.Now = total.ControlNow+control, total.Now+control
		}
		for _, q := range quotas {
			c := byClass[int64(q.Class)]
			if c == nil {
				c = &ClassInspections{Class: int64(q.Class)}
				byClass[c.Class] = c
			}
			if key.after {
				c.CandidatesThen, c.Then, total.Then = c.CandidatesThen+q.Candidates, c.Then+q.Count, total.Then+q.Count
			} else {
				c.CandidatesNow, c.Now, total.Now = c.CandidatesNow+q.Candidates, c.Now+q.Count, total.Now+q.Count
			}
		}
	}
	for _, c := range byClass {
		total.Classes = append(total.Classes, *c)
	}
	slices.SortFunc(total.Classes, func(a, b ClassInspections) int { return cmp.Compare(a.Class, b.Class) })
	return total, errors.Join(faults...)
}

func quotas(list []compare.Candidates) ([]draw.Quota, draw.Bounds, error) {
	bounds := draw.Bounds{CapBP: 10000}
	counts, rules := map[draw.Stratum]int64{}, map[draw.Stratum]draw.Rule{}
	for _, c := range list {
		s := draw.Stratum{Class: int(c.Class), Industry: c.Industry, Division: c.Division, Line: c.Line}
		counts[s] += c.Count
		rules[s] = draw.Rule{RatioBP: c.RatioBP, Least: c.Least}
		bounds.ControlBP = c.ControlBP
	}
	quotas, err := draw.Quotas(counts, func(s draw.Stratum) (draw.Rule, error) { return rules[s], nil }, bounds)
	return quotas, bounds, err
}
