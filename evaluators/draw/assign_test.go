package draw_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators/draw"
)

// library is a random library with its objects.
type library struct {
	objects    []draw.Candidate
	inspectors []draw.Inspector
	conflicts  []draw.Conflict
	need       draw.Need
	g          draw.Generator
}

func randomLibrary(r *rand.Rand) library {
	l := library{need: draw.Need{PerObject: 1 + r.IntN(3), Spares: r.IntN(3)}, g: draw.Generator{Seed: fmt.Sprintf("%016d", r.Uint64()), Commit: commit}}
	divisions := []string{"350102", "350103", "350104", "350100"}
	all := []string{"特种设备", "环境", "食品"}
	slices.Sort(all)
	some := func() (list []string) {
		for _, q := range all {
			if r.IntN(2) == 0 {
				list = append(list, q)
			}
		}
		return list
	}
	l.need.Qualifications = some()
	for i := range r.IntN(12) {
		l.inspectors = append(l.inspectors, draw.Inspector{ID: fmt.Sprintf("I%02d", i), Division: divisions[r.IntN(4)], Qualifications: some()})
	}
	for i := range 1 + r.IntN(15) {
		l.objects = append(l.objects, candidate(i, draw.Stratum{Class: 1, Industry: "C", Division: divisions[r.IntN(3)], Line: "IQ"}))
		for _, one := range l.inspectors {
			if r.IntN(5) == 0 {
				l.conflicts = append(l.conflicts, draw.Conflict{InspectorID: one.ID, SubjectID: l.objects[i].SubjectID, Code: "former_employer", Reason: "曾任职"})
			}
		}
	}
	return l
}

func (l library) assign(t testing.TB) []draw.Team {
	t.Helper()
	teams, err := draw.Assign(l.objects, l.inspectors, l.conflicts, l.need, l.g)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(teams)
}

func (l library) withdrawn(id, subject string) bool {
	return slices.ContainsFunc(l.conflicts, func(c draw.Conflict) bool { return c.InspectorID == id && c.SubjectID == subject })
}

// pool is who may go to an object, by the rules as they are written.
func (l library) pool(o draw.Candidate) (pool []draw.Inspector) {
	for _, one := range l.inspectors {
		if (one.Division == o.Division || one.Division == o.Division[:4]+"00") && !l.withdrawn(one.ID, o.SubjectID) {
			pool = append(pool, one)
		}
	}
	return pool
}

func holders(pool []draw.Inspector, qualifications ...string) (ids []string) {
	for _, one := range pool {
		if !slices.ContainsFunc(qualifications, func(q string) bool { return !slices.Contains(one.Qualifications, q) }) {
			ids = append(ids, one.ID)
		}
	}
	return ids
}

// In 10,000 random libraries no inspector is sent where a conflict, a division or
// a qualification forbids it; a team is whole whenever one can be; and what is
// short is told.
func TestNoConflictOfInterest(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	whole, short := 0, 0
	for n := range 10_000 {
		l := randomLibrary(r)
		teams := l.assign(t)
		if len(teams) != len(l.objects) {
			t.Fatalf("library %d: %d teams of %d objects", n, len(teams), len(l.objects))
		}
		for _, team := range teams {
			fault := func(format string, args ...any) {
				t.Fatalf("library %d: %s: %s\n%+v\n%+v", n, team.SubjectID, fmt.Sprintf(format, args...), team, l)
			}
			pool := l.pool(team.Candidate)
			possible := len(pool) >= l.need.PerObject
			for _, q := range l.need.Qualifications {
				possible = possible && len(holders(pool, q)) > 0
			}
			var members, spares []string
			for _, m := range team.Members {
				if m.Role == draw.SpareRole {
					spares = append(spares, m.InspectorID)
				} else {
					members = append(members, m.InspectorID)
				}
			}
			both := slices.Concat(members, spares)
			slices.Sort(both)
			if len(slices.Compact(slices.Clone(both))) != len(both) {
				fault("somebody comes twice")
			}
			for _, id := range both {
				if !slices.Contains(holders(pool), id) {
					fault("%s must not come", id)
				}
			}
			if possible != (len(members) > 0) || possible && len(members) < l.need.PerObject {
				fault("possible %v, %d members", possible, len(members))
			}
			if !possible {
				short++
				if len(team.Shortages) != 1 || len(team.Members) > 0 || !strings.Contains(team.Shortages[0].Reason, "人") {
					fault("an impossible team is not told")
				}
				continue
			}
			whole++
			for _, q := range l.need.Qualifications {
				if !slices.ContainsFunc(members, func(id string) bool { return slices.Contains(holders(pool, q), id) }) {
					fault("nobody holds %s", q)
				}
			}
			able := slices.DeleteFunc(holders(pool, l.need.Qualifications...), func(id string) bool { return slices.Contains(members, id) })
			if want := min(l.need.Spares, len(able)); len(spares) != want || (want < l.need.Spares) != (len(team.Shortages) == 1) {
				fault("%d spares of %d able, shortages %v", len(spares), len(able), team.Shortages)
			}
			for _, id := range spares {
				if !slices.Contains(able, id) {
					fault("spare %s cannot stand in for everybody", id)
				}
			}
		}
	}
	if whole < 10_000 || short < 10_000 {
		t.Errorf("%d whole teams, %d impossible ones: the libraries say little", whole, short)
	}
}

// The order of objects, inspectors and conflicts in their files does not matter,
// and another seed gives other teams.
func TestAssignOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	differs := 0
	for range 300 {
		l := randomLibrary(r)
		want := l.assign(t)
		for _, swap := range []func(i, j int){
			func(i, j int) { l.objects[i], l.objects[j] = l.objects[j], l.objects[i] },
		} {
			r.Shuffle(len(l.objects), swap)
		}
		r.Shuffle(len(l.inspectors), func(i, j int) { l.inspectors[i], l.inspectors[j] = l.inspectors[j], l.inspectors[i] })
		r.Shuffle(len(l.conflicts), func(i, j int) { l.conflicts[i], l.conflicts[j] = l.conflicts[j], l.conflicts[i] })
		if diff := cmp.Diff(want, l.assign(t)); diff != "" {
			t.Fatal(diff)
		}
		l.g.Seed += "1"
		if !cmp.Equal(want, l.assign(t)) {
			differs++
		}
	}
	if differs < 200 {
		t.Errorf("another seed changed %d of 300", differs)
	}
}

// Of inspectors who could stand in for each other anywhere nobody has more than
// one turn above another, in either role; who goes with whom changes.
func TestLoadIsBalanced(t *testing.T) {
	l := library{need: draw.Need{PerObject: 2, Spares: 1, Qualifications: []string{"食品"}}, g: draw.Generator{Seed: seed, Commit: commit}}
	for _, division := range []string{"350100", "350102", "350103"} {
		for i := range 7 {
			one := draw.Inspector{ID: fmt.Sprintf("%s-%d", division, i), Division: division}
			if i < 4 {
				one.Qualifications = []string{"食品"}
			}
			l.inspectors = append(l.inspectors, one)
		}
	}
	for i := range 3001 {
		division := "350102"
		if i%3 == 0 {
			division = "350103"
		}
		l.objects = append(l.objects, candidate(i, draw.Stratum{Class: 1, Industry: "C", Division: division, Line: "IQ"}))
	}
	turns, pairs := map[string]int{}, map[string]bool{}
	for _, team := range l.assign(t) {
		if len(team.Shortages) > 0 {
			t.Fatal(team)
		}
		pairs[team.Members[0].InspectorID+team.Members[1].InspectorID] = true
		for _, m := range team.Members {
			turns[m.Role+m.InspectorID]++
		}
	}
	for _, role := range []string{draw.InspectorRole, draw.SpareRole} {
		for _, division := range []string{"350100", "350102", "350103"} {
			for _, alike := range [][]int{{0, 1, 2, 3}, {4, 5, 6}} {
				var got []int
				for _, i := range alike {
					got = append(got, turns[fmt.Sprintf("%s%s-%d", role, division, i)])
				}
				if slices.Max(got)-slices.Min(got) > 1 {
					t.Errorf("%s of %s: %v turns", role, division, got)
				}
			}
		}
	}
	if len(pairs) < 100 {
		t.Errorf("only %d pairs", len(pairs))
	}
}

func TestAssignRefuses(t *testing.T) {
	one := draw.Inspector{ID: "I1", Division: "350102", Qualifications: []string{"甲"}}
	object := candidate(1, draw.Stratum{Class: 1, Industry: "C", Division: "350102", Line: "IQ"})
	good := draw.Generator{Seed: seed, Commit: commit}
	tests := []struct {
		want       string
		inspectors []draw.Inspector
		conflicts  []draw.Conflict
		need       draw.Need
		g          draw.Generator
	}{
		{"I1 stands twice", []draw.Inspector{one, one}, nil, draw.Need{PerObject: 2}, good},
		{"division \"35\"", []draw.Inspector{{ID: "I2", Division: "35"}}, nil, draw.Need{PerObject: 2}, good},
		{"the number \"\"", []draw.Inspector{{Division: "350102"}}, nil, draw.Need{PerObject: 2}, good},
		{"qualifications [\"乙\" \"丙\" \"丙\"]", []draw.Inspector{{ID: "I2", Division: "350102", Qualifications: []string{"乙", "丙", "丙"}}}, nil, draw.Need{PerObject: 2}, good},
		{"conflict 1", nil, []draw.Conflict{{InspectorID: "I1"}}, draw.Need{PerObject: 2}, good},
		{"at least 1", nil, nil, draw.Need{}, good},
		{"wants 16 or more", nil, nil, draw.Need{PerObject: 2}, draw.Generator{Seed: "1", Commit: commit}},
	}
	for _, tt := range tests {
		if _, err := draw.Assign([]draw.Candidate{object}, tt.inspectors, tt.conflicts, tt.need, tt.g); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want %q", err, tt.want)
		}
	}
}

// What is short says how many there are and who of them is withdrawn.
func TestShortage(t *testing.T) {
	object := candidate(1, draw.Stratum{Class: 1, Industry: "C", Division: "350102", Line: "IQ"})
	l := library{objects: []draw.Candidate{object}, g: draw.Generator{Seed: seed, Commit: commit}, need: draw.Need{PerObject: 2, Spares: 1, Qualifications: []string{"食品"}},
		inspectors: []draw.Inspector{{"I1", "350102", []string{"食品"}}, {"I2", "350100", nil}, {"I3", "350103", []string{"食品"}}}}
	tests := []struct {
		conflicts  []draw.Conflict
		inspectors []draw.Inspector
		want       string
	}{
		{nil, l.inspectors, "替补须具备全部所需资格：本区划及上级符合条件1人"},
		{[]draw.Conflict{{"I2", object.SubjectID, "recent_visit", "近一年检查过"}}, l.inspectors, "人员不足：本区划及上级符合条件2人，1人回避（近一年检查过）"},
		{nil, l.inspectors[1:], "人员不足：本区划及上级符合条件1人"},
		{[]draw.Conflict{{"I1", object.SubjectID, "former_employer", "曾任职"}}, append([]draw.Inspector{{"I4", "350102", nil}}, l.inspectors...),
			"无可派人员具备资格“食品”：本区划及上级符合条件1人，1人回避（曾任职）"},
	}
	for _, tt := range tests {
		l.conflicts, l.inspectors = tt.conflicts, tt.inspectors
		team := l.assign(t)[0]
		if len(team.Shortages) != 1 || team.Shortages[0].Reason != tt.want {
			t.Errorf("%+v, want %s", team.Shortages, tt.want)
		}
	}
}
