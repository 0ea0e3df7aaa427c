package draw_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/evaluators/draw"
)

const (
	seed   = "1635241362514336"
	commit = "97eec75ba0a48ec2153870f4bca88531c0832835565883135ef6f52e99d9ad53"
)

func candidate(n int, s draw.Stratum) draw.Candidate {
	return draw.Candidate{SubjectID: fmt.Sprintf("91350102MA%08d", n), SubjectName: fmt.Sprintf("示例%d号", n), Stratum: s}
}

// roster is a list as Draw reads it.
func roster(list []draw.Candidate) draw.Roster {
	return func(yield func(draw.Candidate, error) bool) {
		for _, c := range list {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func quotas(t testing.TB, list []draw.Candidate, rule func(draw.Stratum) draw.Rule, b draw.Bounds) []draw.Quota {
	t.Helper()
	counts, err := draw.Count(roster(list))
	if err != nil {
		t.Fatal(err)
	}
	q, err := draw.Quotas(counts, func(s draw.Stratum) (draw.Rule, error) { return rule(s), nil }, b)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// The vectors of the package comment.
func TestVectors(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	g := draw.Generator{Seed: seed, Commit: commit}
	said := []string{seed, commit}
	for _, purpose := range []string{draw.ControlPart, draw.StratumPart} {
		for _, id := range []string{"91350102MA0000001A", "91350102MA0000002B"} {
			said = append(said, fmt.Sprintf("//\t%s %s %x\n", purpose, id, g.Key(purpose, id)))
		}
	}
	jia, yi := draw.Contribution{Name: "甲", Text: seed}, draw.Contribution{Name: "乙", Text: "6254163524136251"}
	combined, err := draw.Combine([]draw.Contribution{jia, yi})
	if err != nil {
		t.Fatal(err)
	}
	if other, _ := draw.Combine([]draw.Contribution{yi, jia}); other != combined {
		t.Error("the order in which witnesses come matters")
	}
	pledge, err := draw.Pledge(commit, jia)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(said, combined, pledge) {
		if !strings.Contains(string(doc), s) {
			t.Errorf("doc.go does not say %q", s)
		}
	}
}

func TestQuota(t *testing.T) {
	tests := []struct {
		candidates, ratio, least, most, want int64
	}{
		{1, 0, 0, 0, 0}, {1, 1, 0, 0, 1}, {1, 10000, 0, 0, 1},
		{20, 500, 0, 0, 1}, {21, 500, 0, 0, 2}, {40, 500, 0, 0, 2}, {41, 500, 0, 0, 3}, // exact multiples of 5 % and one more
		{3, 3333, 0, 0, 1}, {3, 3334, 0, 0, 2},
		{7, 9999, 0, 0, 7}, {7, 10000, 0, 0, 7}, {1000, 0, 0, 0, 0},
		{100, 100, 5, 0, 5}, {100, 600, 5, 0, 6}, {3, 100, 5, 0, 3}, // a least number, and fewer candidates than it
		{100, 0, 5, 0, 0}, // nothing is drawn where the ratio is 0
		{100, 5000, 0, 20, 20}, {100, 1000, 0, 20, 10}, {10, 10000, 0, 20, 10},
		{100, 100, 5, 5, 5}, {100, 10000, 5, 5, 5},
		{10_000_000, 1, 0, 0, 1000}, {10_000_001, 1, 0, 0, 1001}, {10_000_000, 10000, 0, 0, 10_000_000},
	}
	for _, tt := range tests {
		q, err := draw.Quotas(map[draw.Stratum]int64{{2, "C", "350102", "IQ-2"}: tt.candidates},
			func(draw.Stratum) (draw.Rule, error) {
				return draw.Rule{RatioBP: tt.ratio, Least: tt.least, Most: tt.most}, nil
			}, draw.Bounds{CapBP: 10000})
		if err != nil || q[0].Count != tt.want {
			t.Errorf("%+v: %+v, %v", tt, q, err)
		}
	}
}

// A least number of the whole plan is reached by raising in proportion, as far
// as the strata go.
func TestQuotasRaisedToTheLeastOfThePlan(t *testing.T) {
	a, b, c := draw.Stratum{1, "C", "350102", "IQ-1"}, draw.Stratum{2, "C", "350102", "IQ-2"}, draw.Stratum{2, "C", "350102", "IQ-D"}
	rules := map[draw.Stratum]draw.Rule{a: {RatioBP: 100}, b: {RatioBP: 400, Most: 9}, c: {RatioBP: 0}}
	tests := []struct {
		least int64
		want  []int64
	}{
		{0, []int64{1, 4, 0}},
		{5, []int64{1, 4, 0}},
		{6, []int64{1, 5, 0}},   // 100 × 400 / 5 against 100 × 100 / 2
		{10, []int64{2, 8, 0}},  // 8 to 2 as 4 to 1
		{20, []int64{11, 9, 0}}, // b is at its most
		{999, []int64{100, 9, 0}},
	}
	for _, tt := range tests {
		q, err := draw.Quotas(map[draw.Stratum]int64{a: 100, b: 100, c: 100}, func(s draw.Stratum) (draw.Rule, error) { return rules[s], nil },
			draw.Bounds{Least: tt.least, CapBP: 10000})
		if err != nil {
			t.Fatal(err)
		}
		if got := []int64{q[0].Count, q[1].Count, q[2].Count}; !slices.Equal(got, tt.want) {
			t.Errorf("least %d: %v, want %v", tt.least, got, tt.want)
		}
	}
}

// The cap of the plan holds for quotas and control together, and the proportions
// of the ratios stay.
func TestQuotasWithinTheCap(t *testing.T) {
	a, b, c := draw.Stratum{1, "C", "350102", "IQ-1"}, draw.Stratum{2, "C", "350102", "IQ-2"}, draw.Stratum{3, "C", "350102", "IQ-3"}
	rules := map[draw.Stratum]draw.Rule{a: {RatioBP: 500}, b: {RatioBP: 2000}, c: {RatioBP: 10000}}
	tests := []struct {
		control, cap int64
		want         []int64 // of 100, 100 and 3; by their ratios 5, 20 and 3
	}{
		{0, 10000, []int64{5, 20, 3}},
		{0, 1380, []int64{5, 20, 3}},  // 28 of 203
		{0, 1379, []int64{5, 20, 2}},  // 27: the last to be reached by its weight is c
		{0, 500, []int64{2, 7, 1}},    // 10, by n × ratio of 50,000, 200,000 and 30,000; of equals the earlier
		{1000, 500, []int64{1, 7, 1}}, // 9, and 1 for control
		{0, 49, []int64{0, 0, 0}},     // less than one of 203
		{0, 50, []int64{0, 1, 0}},
		{0, 0, []int64{0, 0, 0}},
	}
	for _, tt := range tests {
		bounds := draw.Bounds{ControlBP: tt.control, CapBP: tt.cap}
		q, err := draw.Quotas(map[draw.Stratum]int64{a: 100, b: 100, c: 3}, func(s draw.Stratum) (draw.Rule, error) { return rules[s], nil }, bounds)
		if err != nil {
			t.Fatal(err)
		}
		got := []int64{q[0].Count, q[1].Count, q[2].Count}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %v, want %v", bounds, got, tt.want)
		}
		if drawn := got[0] + got[1] + got[2] + draw.Control(q, bounds); drawn*10000 > 203*tt.cap {
			t.Errorf("%+v: %d drawn", bounds, drawn)
		}
	}
}

func TestControl(t *testing.T) {
	q := []draw.Quota{{Candidates: 30, Count: 21}, {Candidates: 10, Count: 0}}
	for _, tt := range []struct{ share, want int64 }{{0, 0}, {1, 1}, {1000, 3}, {5000, 11}, {10000, 21}, {30000, 40}} {
		if got := draw.Control(q, draw.Bounds{ControlBP: tt.share}); got != tt.want {
			t.Errorf("share %d: %d, want %d", tt.share, got, tt.want)
		}
	}
}

func TestRefuses(t *testing.T) {
	s := draw.Stratum{2, "C", "350102", "IQ-2"}
	good := candidate(1, s)
	tests := []struct {
		name string
		edit func(*draw.Candidate)
		want string
	}{
		{"the same subject", func(c *draw.Candidate) { c.SubjectID = good.SubjectID }, "candidate 2: 91350102MA00000001 stands twice"},
		{"out of order", func(c *draw.Candidate) { c.SubjectID = "1" }, "candidate 2: 1 stands after 91350102MA00000001"},
		{"no subject", func(c *draw.Candidate) { c.SubjectID = "" }, `subject_id ""`},
		{"no division", func(c *draw.Candidate) { c.Division = "" }, `division_code ""`},
		{"no industry", func(c *draw.Candidate) { c.Industry = "" }, `industry ""`},
		{"no line of the plan", func(c *draw.Candidate) { c.Line = "" }, `quota_id ""`},
		{"class below zero", func(c *draw.Candidate) { c.Class = -1 }, "class -1"},
		{"a separator in a name", func(c *draw.Candidate) { c.SubjectName = "甲\x1f乙" }, "control characters"},
		{"a line end in a code", func(c *draw.Candidate) { c.SubjectID += "\n" }, "control characters"},
		{"broken text", func(c *draw.Candidate) { c.SubjectName = "\xff" }, "UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := candidate(2, s)
			tt.edit(&c)
			list := roster([]draw.Candidate{good, c})
			if _, err := draw.Count(list); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Count = %v, want %q", err, tt.want)
			}
			if _, err := draw.Draw(list, nil, 1, draw.Generator{Seed: seed, Commit: commit}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Draw = %v, want %q", err, tt.want)
			}
		})
	}
	for _, r := range []draw.Rule{{RatioBP: -1}, {RatioBP: 10001}, {Least: -1}, {Most: -1}, {Least: 3, Most: 2}} {
		if q, err := draw.Quotas(map[draw.Stratum]int64{s: 1}, func(draw.Stratum) (draw.Rule, error) { return r, nil }, draw.Bounds{CapBP: 10000}); err == nil {
			t.Errorf("rule %+v gives %v", r, q)
		}
	}
	if rows, err := draw.Draw(roster([]draw.Candidate{good}), nil, 0, draw.Generator{Seed: seed, Commit: commit}); err == nil {
		t.Errorf("a stratum without quota: %v", rows)
	}
}

func TestSeedRefused(t *testing.T) {
	for _, s := range []string{"", "123456", "163524136251433", seed + " ", "\t" + seed, "16352413\n62514336", seed + "\xff"} {
		if rows, err := draw.Draw(roster(nil), nil, 0, draw.Generator{Seed: s, Commit: commit}); err == nil {
			t.Errorf("seed %q draws %v", s, rows)
		}
		if combined, err := draw.Combine([]draw.Contribution{{"甲", seed}, {"乙", s}}); err == nil {
			t.Errorf("contribution %q gives the seed %s", s, combined)
		}
	}
	for _, list := range [][]draw.Contribution{nil, {{"甲", seed}}, {{"甲", seed}, {"甲", seed + "1"}}, {{"甲", seed}, {"", seed}}, {{"甲", seed}, {"乙\x1f", seed}}} {
		if combined, err := draw.Combine(list); err == nil {
			t.Errorf("%v gives the seed %s", list, combined)
		}
	}
}

// A trial is a random draw: several strata, a rule of its own for each.
type trial struct {
	list    []draw.Candidate
	quotas  []draw.Quota
	control int64
	g       draw.Generator
}

var trials = rapid.Custom(func(t *rapid.T) trial {
	var list []draw.Candidate
	rules := map[draw.Stratum]draw.Rule{}
	for _, class := range []int{1, 2, 4, 10} {
		for _, industry := range []string{"-", "C", "F"} {
			for _, division := range []string{"350102", "350182"} {
				s := draw.Stratum{class, industry, division, "IQ"}
				r := draw.Rule{RatioBP: rapid.Int64Range(0, 10000).Draw(t, "ratio"), Least: rapid.Int64Range(0, 3).Draw(t, "least")}
				if most := rapid.Int64Range(0, 8).Draw(t, "most"); most >= r.Least {
					r.Most = most
				}
				rules[s] = r
				for range rapid.IntRange(0, 9).Draw(t, "n") {
					list = append(list, candidate(rapid.IntRange(0, 99_999_999).Draw(t, "id"), s))
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b draw.Candidate) int { return strings.Compare(a.SubjectID, b.SubjectID) })
	list = slices.CompactFunc(list, func(a, b draw.Candidate) bool { return a.SubjectID == b.SubjectID })
	counts := map[draw.Stratum]int64{}
	for _, c := range list {
		counts[c.Stratum]++
	}
	b := draw.Bounds{ControlBP: rapid.Int64Range(0, 10000).Draw(t, "share"), Least: rapid.Int64Range(0, 60).Draw(t, "plan"), CapBP: rapid.Int64Range(0, 10000).Draw(t, "cap")}
	q, err := draw.Quotas(counts, func(s draw.Stratum) (draw.Rule, error) { return rules[s], nil }, b)
	if err != nil {
		t.Fatal(err)
	}
	return trial{list, q, draw.Control(q, b),
		draw.Generator{Seed: rapid.StringMatching(`[1-6]{16,30}`).Draw(t, "seed"), Commit: commit}}
})

// Quotas are exact, nobody is drawn twice or from outside, and the rows are
// those of the definition: everything sorted by key, the front taken.
func TestDrawIsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := trials.Draw(t, "trial")
		got, err := draw.Draw(roster(tr.list), tr.quotas, tr.control, tr.g)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tr.byDefinition(), got); diff != "" {
			t.Fatalf("-definition +draw:\n%s", diff)
		}
		left, counts, control := map[string]bool{}, map[draw.Stratum]int64{}, map[draw.Stratum]int64{}
		for _, c := range tr.list {
			left[c.SubjectID] = true
		}
		for _, d := range got {
			if !left[d.SubjectID] {
				t.Fatalf("%+v is no candidate, or stands twice", d)
			}
			delete(left, d.SubjectID)
			if d.Part == draw.ControlPart {
				control[d.Stratum]++
			} else {
				counts[d.Stratum]++
			}
		}
		for _, q := range tr.quotas {
			if want := min(q.Count, q.Candidates-control[q.Stratum]); counts[q.Stratum] != want {
				t.Fatalf("%d drawn of %+v beside %d in control", counts[q.Stratum], q, control[q.Stratum])
			}
		}
	})
}

func (tr trial) byDefinition() []draw.Drawn {
	taken := map[string]bool{}
	front := func(part string, n int64, of func(draw.Candidate) bool) (rows []draw.Drawn) {
		for _, c := range tr.list {
			if of(c) && !taken[c.SubjectID] {
				rows = append(rows, draw.Drawn{Part: part, Candidate: c, Key: fmt.Sprintf("%x", tr.g.Key(part, c.SubjectID))})
			}
		}
		slices.SortFunc(rows, func(a, b draw.Drawn) int { return strings.Compare(a.Key, b.Key) })
		rows = rows[:min(int(n), len(rows))]
		for i := range rows {
			rows[i].Place = i + 1
		}
		return rows
	}
	all := front(draw.ControlPart, tr.control, func(draw.Candidate) bool { return true })
	for _, d := range all {
		taken[d.SubjectID] = true
	}
	for _, q := range tr.quotas {
		all = append(all, front(draw.StratumPart, q.Count, func(c draw.Candidate) bool { return c.Stratum == q.Stratum })...)
	}
	return slices.Clip(all[:len(all):len(all)])
}
