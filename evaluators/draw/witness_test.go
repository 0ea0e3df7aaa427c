package draw_test

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators/draw"
)

// A second program, written from the description alone, draws the same.
func TestSecondImplementation(t *testing.T) {
	var list []draw.Candidate
	ratios := map[int]int64{1: 500, 2: 1500, 3: 3333, 4: 10000, 10: 1}
	for i := range 200 {
		class := []int{1, 2, 3, 4, 10}[i%5]
		list = append(list, candidate(i, []string{"350102", "350103", "350182"}[i%3], class, ratios[class]))
	}
	roster := plan(t, list)
	file := filepath.Join(t.TempDir(), "roster.txt")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := roster.WriteText(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, seed := range []string{seed, `骰子 3 5 1 6 \n 2 4 %s`} {
		var want strings.Builder
		for _, d := range drawn(t, roster, seed).Drawn {
			fmt.Fprintf(&want, "%d\x1f%s\x1f%d\x1f%s\x1f%s\n", d.Class, d.DivisionCode, d.Place, d.SubjectID, d.Key)
		}
		cmd := exec.Command("sh", "testdata/draw.sh", file, seed)
		cmd.Stderr = os.Stderr
		got, err := cmd.Output()
		if err != nil {
			t.Fatalf("draw.sh, which needs sh, awk, sort and sha256sum: %v", err)
		}
		if diff := cmp.Diff(want.String(), string(got)); diff != "" {
			t.Errorf("seed %s: the two draws differ (-Go +sh):\n%s", seed, diff)
		}
	}
}

// Over many seeds each candidate is drawn as often as its ratio says, wherever
// it stands in the roster: the count is binomial, and none falls into tails of
// one in a million. The seeds are fixed, so the test is no lottery itself.
func TestInclusionIsUniform(t *testing.T) {
	const n, quota, seeds = 30, 9, 4000
	var list []draw.Candidate
	for i := range n {
		list = append(list, candidate(i, "350102", 4, 3000))
	}
	roster := plan(t, list)
	drawnTimes, firstTimes := map[string]int{}, map[string]int{}
	for i := range seeds {
		rows := drawn(t, roster, fmt.Sprintf("uniformity-%08d", i)).Drawn
		if len(rows) != quota {
			t.Fatalf("%d drawn, want %d", len(rows), quota)
		}
		firstTimes[rows[0].SubjectID]++
		for _, d := range rows {
			drawnTimes[d.SubjectID]++
		}
	}
	for _, c := range list {
		if p := tail(drawnTimes[c.SubjectID], seeds, float64(quota)/n); p < 1e-6 {
			t.Errorf("%s is drawn %d times of %d, which has probability %g", c.SubjectID, drawnTimes[c.SubjectID], seeds, p)
		}
		if p := tail(firstTimes[c.SubjectID], seeds, 1.0/n); p < 1e-6 {
			t.Errorf("%s comes first %d times of %d, which has probability %g", c.SubjectID, firstTimes[c.SubjectID], seeds, p)
		}
	}
}

// tail is the probability that a binomial count is as far out as k, on k's side.
func tail(k, n int, p float64) float64 {
	from, to := 0, k
	if float64(k) > float64(n)*p {
		from, to = k, n
	}
	sum := 0.0
	for i := from; i <= to; i++ {
		all, _ := math.Lgamma(float64(n + 1))
		in, _ := math.Lgamma(float64(i + 1))
		out, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(all - in - out + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}
