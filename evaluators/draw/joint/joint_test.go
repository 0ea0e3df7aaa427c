package joint_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/joint"
)

func object(n int) joint.Object {
	return joint.Object{
		Candidate:  draw.Candidate{SubjectID: fmt.Sprintf("S%02d", n), Stratum: draw.Stratum{Class: 1, Division: "350102"}},
		Inspectors: []draw.Member{{Role: draw.InspectorRole, Place: 1, InspectorID: "I1"}, {Role: draw.InspectorRole, Place: 2, InspectorID: "I2"}},
	}
}

// One enterprise, one visit; the initiator by the order of the rule; what is left
// out says why, and the others come all the same.
func TestMerge(t *testing.T) {
	part := func(id, department string, item string, objects ...int) joint.Part {
		p := joint.Part{DrawID: id, Department: department, Task: "T", Items: []draw.Item{{ID: item}}}
		for _, n := range objects {
			p.Objects = append(p.Objects, object(n))
		}
		return p
	}
	parts := []joint.Part{part("d1", "乙局", "Y", 1, 2, 3, 4, 5), part("d2", "甲局", "J", 1, 3, 5), part("d3", "丙局", "B", 1), part("d4", "甲局", "J2", 1)}
	parts[0].Objects[4].Inspectors = nil
	counts := map[string]joint.Counts{
		"S02": {Visits: joint.Count{Done: 2, Most: 2}},
		"S03": {Visits: joint.Count{Most: 2}, Checks: map[string]joint.Count{"甲局": {Done: 1, Most: 1}}},
		"S04": {Visits: joint.Count{Most: 2}, Planned: true},
	}
	visits, left := joint.Merge(parts, func(id string) joint.Counts {
		if c, ok := counts[id]; ok {
			return c
		}
		return joint.Counts{Visits: joint.Count{Most: 1}}
	}, []string{"甲局", "乙局"})
	var got []string
	for _, v := range visits {
		line := v.SubjectID + " " + v.Initiator + ":"
		for _, team := range v.Teams {
			line += " " + team.Department + team.DrawID
		}
		for _, it := range v.Items {
			line += " " + it.ID
		}
		got = append(got, line)
	}
	for _, l := range left {
		got = append(got, l.SubjectID+" "+l.Department+" "+l.Code+" "+l.Reason)
	}
	want := []string{
		"S01 甲局: 甲局d2 乙局d1 丙局d3 J J2 Y B",
		"S03 乙局: 乙局d1 Y",
		"S05 甲局: 甲局d2 J",
		"S02 乙局 cap_reached 各部门本年度检查已达上限（2次，上限2次）",
		"S03 甲局 cap_reached 本部门本年度检查已达上限（1次，上限1次）",
		"S04 乙局 planned 本期已列入其他检查",
		"S05 乙局 unstaffed 派不出检查人员，原因见抽取案卷 shortages.csv",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Period after period of a year, no enterprise is visited twice in one, and no cap
// of a year is passed, whatever the departments draw.
func TestCapsHoldOverAYear(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	departments := []string{"甲局", "乙局", "丙局"}
	visited, barred := 0, 0
	for range 2000 {
		visits, checks := map[string]int64{}, map[string]int64{}
		most, each := int64(1+r.IntN(3)), int64(1+r.IntN(2))
		for range 6 {
			var parts []joint.Part
			drawnOf := map[string]int{}
			for i := range 1 + r.IntN(5) {
				p := joint.Part{DrawID: fmt.Sprintf("d%d", i), Department: departments[r.IntN(3)]}
				for n := range 8 {
					if r.IntN(2) == 0 {
						p.Objects = append(p.Objects, object(n))
						drawnOf[object(n).SubjectID]++
					}
				}
				parts = append(parts, p)
			}
			merged, left := joint.Merge(parts, func(id string) joint.Counts {
				c := joint.Counts{Visits: joint.Count{Done: visits[id], Most: most}, Checks: map[string]joint.Count{}}
				for _, d := range departments {
					c.Checks[d] = joint.Count{Done: checks[id+d], Most: each}
				}
				return c
			}, departments[:r.IntN(4)])
			seen := map[string]bool{}
			for _, v := range merged {
				if seen[v.SubjectID] {
					t.Fatalf("%s is visited twice in one period", v.SubjectID)
				}
				seen[v.SubjectID] = true
				if v.Initiator != v.Teams[0].Department {
					t.Fatalf("%s initiates and does not come: %+v", v.Initiator, v)
				}
				if visits[v.SubjectID]++; visits[v.SubjectID] > most {
					t.Fatalf("%s: %d visits, at most %d", v.SubjectID, visits[v.SubjectID], most)
				}
				var came []string
				for _, team := range v.Teams {
					came = append(came, team.Department)
					if checks[v.SubjectID+team.Department]++; checks[v.SubjectID+team.Department] > each {
						t.Fatalf("%s: %s comes %d times, at most %d", v.SubjectID, team.Department, checks[v.SubjectID+team.Department], each)
					}
				}
				if slices.Sort(came); len(slices.Compact(came)) != len(v.Teams) {
					t.Fatalf("a department sends two teams: %+v", v)
				}
			}
			for _, l := range left {
				seen[l.SubjectID] = true
			}
			if len(seen) != len(drawnOf) {
				t.Fatalf("%d enterprises drawn, %d told of", len(drawnOf), len(seen))
			}
			visited, barred = visited+len(merged), barred+len(left)
		}
	}
	if visited < 10_000 || barred < 10_000 {
		t.Errorf("%d visits, %d left out: the cases say little", visited, barred)
	}
}
