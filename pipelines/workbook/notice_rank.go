package workbook

import (
	"cmp"
	"slices"
	"strings"
)

const goalsMissed = "goals_missed"

// rank judges every department's figures and gives it its place by the order of
// the measures. Equal figures share a place; what has no figure at all has none.
func (n *Notice) rank() {
	n.Standings = n.Standings[:0]
	for _, s := range n.departments {
		for _, m := range n.Measures {
			f := m.judge(s.Figures[m.Name])
			if m.Name == goalsMissed {
				continue
			}
			s.Figures[m.Name] = f
			if f.Met != nil && !*f.Met {
				s.GoalsMissed++
			}
		}
		s.Figures[goalsMissed] = Figure{Numerator: s.GoalsMissed, Denominator: 1}
		n.Standings = append(n.Standings, *s)
	}
	order := func(a, b Standing) int {
		if c := cmp.Compare(unranked(a), unranked(b)); c != 0 {
			return c
		}
		for _, m := range n.Measures {
			if c := m.compare(a.Figures[m.Name], b.Figures[m.Name]); c != 0 {
				return c
			}
		}
		return 0
	}
	slices.SortFunc(n.Standings, func(a, b Standing) int {
		return cmp.Or(order(a, b), strings.Compare(a.Department, b.Department))
	})
	for i := range n.Standings {
		switch {
		case unranked(n.Standings[i]) == 1:
		case i > 0 && order(n.Standings[i-1], n.Standings[i]) == 0:
			n.Standings[i].Rank = n.Standings[i-1].Rank
		default:
			n.Standings[i].Rank = i + 1
		}
	}
	for i := range n.Standings {
		delete(n.Standings[i].Figures, goalsMissed)
	}
}

// unranked is 1 for a department of which nothing came and nothing was due.
func unranked(s Standing) int {
	for name, f := range s.Figures {
		if name != goalsMissed && f.Denominator > 0 {
			return 0
		}
	}
	return 1
}

// only leaves the rows of one department.
func (n *Notice) only(department string) {
	n.Department = department
	n.Standings = slices.DeleteFunc(n.Standings, func(s Standing) bool { return s.Department != department })
	n.Timeliness = slices.DeleteFunc(n.Timeliness, func(s DatasetShare) bool { return s.Department != department })
	n.Unattached = slices.DeleteFunc(n.Unattached, func(s DatasetShare) bool { return s.Department != department })
	n.Late = slices.DeleteFunc(n.Late, func(r LateRecord) bool { return r.Department != department })
	n.Coverage = slices.DeleteFunc(n.Coverage, func(d Delivery) bool { return d.Department != department })
	n.Problems = slices.DeleteFunc(n.Problems, func(p Problem) bool { return p.Department != department })
	n.Datasets = slices.DeleteFunc(n.Datasets, func(d DatasetQuality) bool { return d.Department != department })
}
