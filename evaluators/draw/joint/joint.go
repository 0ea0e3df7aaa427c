// Package joint makes of the draws of several departments the visits of one
// period, 部门联合抽查: whatever is drawn of one enterprise becomes one visit, with one
// initiator, the items of all departments and the inspectors of each. So that an
// enterprise is not visited more often than it may be, departments and visits
// above a cap are left out, with the reason.
//
// Legal frame: 国发〔2019〕5号 (进一次门、查多项事). Nothing here is random: the
// same draws and counts always give the same visits.
package joint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rongxin/evaluators/draw"
)

// A Part is the draw of one department, with its inspectors.
type Part struct {
	DrawID, Department string
	Task               string // of the annual plan; empty is none
	Items              []draw.Item
	Objects            []Object
}

// An Object is one drawn enterprise. Without inspectors the department cannot come.
type Object struct {
	draw.Candidate
	Inspectors []draw.Member
}

// A Count is how often something was done in the year, and how often it may be.
type Count struct{ Done, Most int64 }

func (c Count) full() bool { return c.Done >= c.Most }

// Counts are those of one enterprise before the visit.
type Counts struct {
	Visits  Count            // of all departments, one for each day
	Checks  map[string]Count // by department
	Planned bool             // a visit of the period is planned already
}

// A Team is the inspectors that one department sends.
type Team struct {
	Department, DrawID string
	Inspectors         []draw.Member
}

// A Visit is what becomes of an enterprise.
type Visit struct {
	draw.Candidate
	Initiator string
	Tasks     []string // of the draws, each once
	Teams     []Team   // by department, the initiator first
	Items     []draw.Item
}

// The codes of what is left out.
const (
	CapReached = "cap_reached"
	Planned    = "planned"
	Unstaffed  = "unstaffed"
)

// A LeftOut is a drawn enterprise that a department does not visit after all.
type LeftOut struct {
	draw.Candidate
	Department, DrawID string
	Code, Reason       string // reason in Chinese
}

// Merge makes the visits, by subject_id. counts gives those of an enterprise;
// initiators are the departments in the order in which they initiate.
func Merge(parts []Part, counts func(subjectID string) Counts, initiators []string) (visits []Visit, left []LeftOut) {
	type drawn struct {
		Part
		Object
	}
	all := map[string][]drawn{}
	for _, p := range parts {
		for _, o := range p.Objects {
			all[o.SubjectID] = append(all[o.SubjectID], drawn{p, o})
		}
	}
	rank := func(department string) int {
		if i := slices.Index(initiators, department); i >= 0 {
			return i
		}
		return len(initiators)
	}
	for _, list := range all {
		slices.SortFunc(list, func(a, b drawn) int {
			return cmp.Or(cmp.Compare(rank(a.Department), rank(b.Department)), strings.Compare(a.Department, b.Department), strings.Compare(a.DrawID, b.DrawID))
		})
		before := counts(list[0].SubjectID)
		v := Visit{Candidate: list[0].Candidate}
		for _, d := range list {
			code, reason := before.bar(d.Department, d.Inspectors)
			if code != "" {
				left = append(left, LeftOut{d.Candidate, d.Department, d.DrawID, code, reason})
				continue
			}
			if !slices.ContainsFunc(v.Teams, func(t Team) bool { return t.Department == d.Department }) {
				v.Teams = append(v.Teams, Team{d.Department, d.DrawID, d.Inspectors})
			}
			v.add(d.Part)
		}
		if len(v.Teams) > 0 {
			v.Initiator = v.Teams[0].Department
			visits = append(visits, v)
		}
	}
	slices.SortFunc(visits, func(a, b Visit) int { return strings.Compare(a.SubjectID, b.SubjectID) })
	slices.SortFunc(left, func(a, b LeftOut) int {
		return cmp.Or(strings.Compare(a.SubjectID, b.SubjectID), strings.Compare(a.Department, b.Department), strings.Compare(a.DrawID, b.DrawID))
	})
	return visits, left
}

// bar says why a department does not come.
func (c Counts) bar(department string, inspectors []draw.Member) (code, reason string) {
	checks, bounded := c.Checks[department]
	switch {
	case c.Planned:
		return Planned, "本期已列入其他检查"
	case c.Visits.full():
		return CapReached, fmt.Sprintf("各部门本年度检查已达上限（%d次，上限%d次）", c.Visits.Done, c.Visits.Most)
	case bounded && checks.full():
		return CapReached, fmt.Sprintf("本部门本年度检查已达上限（%d次，上限%d次）", checks.Done, checks.Most)
	case len(inspectors) == 0:
		return Unstaffed, "派不出检查人员，原因见抽取案卷 shortages.csv"
	}
	return "", ""
}

// add takes over the task and the items of a draw, each once.
func (v *Visit) add(p Part) {
	if p.Task != "" && !slices.Contains(v.Tasks, p.Task) {
		v.Tasks = append(v.Tasks, p.Task)
	}
	for _, it := range p.Items {
		if !slices.ContainsFunc(v.Items, func(o draw.Item) bool { return o.ID == it.ID }) {
			v.Items = append(v.Items, it)
		}
	}
}
