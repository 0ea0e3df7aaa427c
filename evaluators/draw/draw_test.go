package draw_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/evaluators/draw"
)

const seed = "1635241362514336"

func candidate(n int, division string, class int, ratio int64) draw.Candidate {
	return draw.Candidate{SubjectID: fmt.Sprintf("91%sMA%08d", division, n), SubjectName: fmt.Sprintf("示例%d号", n),
		DivisionCode: division, Class: class, RatioBP: ratio, MaxChecks: 2}
}

func plan(t testing.TB, candidates []draw.Candidate) draw.Roster {
	t.Helper()
	r, err := draw.Plan(candidates)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func drawn(t testing.TB, r draw.Roster, seed string) draw.Result {
	t.Helper()
	result, err := draw.Draw(r, seed)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// The worked vector of the package comment, and the comment itself.
func TestVector(t *testing.T) {
	r := plan(t, []draw.Candidate{
		{SubjectID: "91350102MA0000003C", SubjectName: "示例丙", DivisionCode: "350102", Class: 3, RatioBP: 5000, MaxChecks: 2},
		{SubjectID: "91350102MA0000001A", SubjectName: "示例甲", DivisionCode: "350102", Class: 3, RatioBP: 5000, MaxChecks: 2},
		{SubjectID: "91350102MA0000002B", SubjectName: "示例乙", DivisionCode: "350102", Class: 3, RatioBP: 5000, MaxChecks: 2},
	})
	var text strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	want := draw.Result{
		Algorithm:    "rongxin-draw-1",
		RosterDigest: "97eec75ba0a48ec2153870f4bca88531c0832835565883135ef6f52e99d9ad53",
		Seed:         seed,
		Drawn: []draw.Drawn{
			{Class: 3, DivisionCode: "350102", Place: 1, SubjectID: "91350102MA0000002B", SubjectName: "示例乙",
				Key: "5c1f10d1e941b3ed96d502c73c0ffbfea785e1f89f365790bb70ae32301305bb"},
			{Class: 3, DivisionCode: "350102", Place: 2, SubjectID: "91350102MA0000001A", SubjectName: "示例甲",
				Key: "8d7dd4678b51f70428aefcbdad5a5578676723bfb4b5a4670723d34951d3c4e5"},
		},
	}
	if diff := cmp.Diff(want, drawn(t, r, seed)); diff != "" {
		t.Errorf("Draw (-want +got):\n%s", diff)
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	said := []string{want.RosterDigest, want.Drawn[0].Key, want.Drawn[1].Key, fmt.Sprintf("%d bytes", text.Len())}
	for _, line := range strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n") {
		said = append(said, "//\t"+strings.ReplaceAll(line, "\x1f", "│")+"\n")
	}
	for _, s := range said {
		if !strings.Contains(string(doc), s) {
			t.Errorf("doc.go does not say %q", s)
		}
	}
}

func TestQuota(t *testing.T) {
	tests := []struct {
		candidates int
		ratio      int64
		want       int64
	}{
		{0, 5000, 0},
		{1, 0, 0}, {1, 1, 1}, {1, 10000, 1},
		{20, 500, 1}, {21, 500, 2}, {40, 500, 2}, {41, 500, 3}, // exact multiples of 5 % and one more
		{3, 3333, 1}, {3, 3334, 2},
		{7, 9999, 7}, {7, 10000, 7}, {1000, 0, 0},
	}
	for _, tt := range tests {
		var candidates []draw.Candidate
		for i := range tt.candidates {
			candidates = append(candidates, candidate(i, "350102", 2, tt.ratio))
		}
		r := plan(t, candidates)
		var got int64
		for _, s := range r.Strata {
			got += s.Quota
		}
		if got != tt.want {
			t.Errorf("%d candidates at %d bp: quota %d, want %d", tt.candidates, tt.ratio, got, tt.want)
		}
		if n := len(drawn(t, r, seed).Drawn); int64(n) != tt.want {
			t.Errorf("%d candidates at %d bp: %d drawn, want %d", tt.candidates, tt.ratio, n, tt.want)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	good := candidate(1, "350102", 2, 500)
	tests := []struct {
		name string
		edit func(*draw.Candidate)
		want string
	}{
		{"the same subject", func(c *draw.Candidate) { c.SubjectID = good.SubjectID }, "stands twice"},
		{"the same subject in another stratum", func(c *draw.Candidate) { c.SubjectID, c.Class = good.SubjectID, 4 }, "stands twice"},
		{"another ratio", func(c *draw.Candidate) { c.RatioBP = 600 }, "ratio 600, others of class 2 in 350102 have 500"},
		{"ratio above one", func(c *draw.Candidate) { c.Class, c.RatioBP = 3, 10001 }, "ratio_bp 10001"},
		{"ratio below zero", func(c *draw.Candidate) { c.Class, c.RatioBP = 3, -1 }, "ratio_bp -1"},
		{"no subject", func(c *draw.Candidate) { c.SubjectID = "" }, "subject_id is empty"},
		{"no division", func(c *draw.Candidate) { c.DivisionCode = "" }, "division_code is empty"},
		{"class below zero", func(c *draw.Candidate) { c.Class = -1 }, "class -1"},
		{"checks below zero", func(c *draw.Candidate) { c.MaxChecks = -1 }, "max_checks -1"},
		{"a separator in a name", func(c *draw.Candidate) { c.SubjectName = "甲\x1f乙" }, "control characters"},
		{"a line end in a code", func(c *draw.Candidate) { c.SubjectID += "\n" }, "control characters"},
		{"broken text", func(c *draw.Candidate) { c.SubjectName = "\xff" }, "UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := candidate(2, "350102", 2, 500)
			tt.edit(&c)
			if _, err := draw.Plan([]draw.Candidate{good, c}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Plan = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestSeedRefused(t *testing.T) {
	r := plan(t, []draw.Candidate{candidate(1, "350102", 2, 500)})
	for _, s := range []string{"", "123456", "163524136251433", seed + " ", "\t" + seed, "16352413\n62514336", seed + "\xff"} {
		if result, err := draw.Draw(r, s); err == nil {
			t.Errorf("Draw with seed %q = %v", s, result)
		}
	}
}

// candidates generates a roster of a few strata, ratios of its own in each.
var candidates = rapid.Custom(func(t *rapid.T) []draw.Candidate {
	var list []draw.Candidate
	for class := 1; class <= 4; class++ {
		for _, division := range []string{"350102", "350103", "350182"} {
			ratio := rapid.Int64Range(0, 10000).Draw(t, "ratio")
			for range rapid.IntRange(0, 12).Draw(t, "n") {
				list = append(list, candidate(len(list), division, class, ratio))
			}
		}
	}
	return list
})

// The order in which candidates come does not matter, quotas are exact, and
// nobody is drawn twice or from outside.
func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := candidates.Draw(t, "candidates")
		seed := rapid.StringMatching(`[1-6]{16,30}`).Draw(t, "seed")
		want, err := draw.Plan(list)
		if err != nil {
			t.Fatal(err)
		}
		roster, err := draw.Plan(rapid.Permutation(list).Draw(t, "shuffled"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, roster); diff != "" || want.Digest() != roster.Digest() {
			t.Fatalf("the roster depends on the order (-want +got):\n%s", diff)
		}
		result, err := draw.Draw(roster, seed)
		if err != nil {
			t.Fatal(err)
		}
		left := map[string]draw.Candidate{}
		for _, c := range list {
			left[c.SubjectID] = c
		}
		counts := map[[2]string]int64{}
		for _, d := range result.Drawn {
			c, ok := left[d.SubjectID]
			if !ok || c.Class != d.Class || c.DivisionCode != d.DivisionCode || c.SubjectName != d.SubjectName {
				t.Fatalf("drawn %+v is no candidate, or stands twice", d)
			}
			delete(left, d.SubjectID)
			counts[[2]string{fmt.Sprint(d.Class), d.DivisionCode}]++
		}
		for _, s := range roster.Strata {
			if got := counts[[2]string{fmt.Sprint(s.Class), s.DivisionCode}]; got != s.Quota {
				t.Fatalf("%d drawn of %+v", got, s)
			}
		}
		if err := draw.Verify(result, roster, seed); err != nil {
			t.Fatal(err)
		}
	})
}
