package draw_test

import (
	"fmt"
	"math"
	"testing"

	"rongxin/evaluators/draw"
)

// lgammaChoose is the logarithm of n over k.
func lgammaChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// tail is the probability that a binomial count is as far out as k, on k's side.
func tail(k, n int, p float64) float64 {
	from, to := 0, k
	if float64(k) > float64(n)*p {
		from, to = k, n
	}
	sum := 0.0
	for i := from; i <= to; i++ {
		sum += math.Exp(lgammaChoose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

// inclusion is the exact probability that a candidate is drawn, in control or
// after it: of all candidates, control takes c; of the n of a stratum that are not
// among them, quota is taken, or all.
func inclusion(all, c, n, quota int) float64 {
	p := float64(c) / float64(all)
	for k := 0; k < n && k <= c; k++ { // others of the stratum in control, given that this one is not
		if c-k > all-n {
			continue
		}
		weight := math.Exp(lgammaChoose(n-1, k) + lgammaChoose(all-n, c-k) - lgammaChoose(all-1, c))
		p += (1 - float64(c)/float64(all)) * weight * math.Min(1, float64(quota)/float64(n-k))
	}
	return p
}

// Over 100,000 seeds each candidate is drawn as often as its stratum says,
// wherever it stands in the roster, and strata know nothing of each other. Counts
// are binomial: none may fall into tails that all counts together would reach
// with a probability of 1 in 1,000 (Bonferroni: 0.001 by the number of counts and
// of sides). The seeds are fixed, so the test is no lottery itself.
func TestInclusionIsUniform(t *testing.T) {
	const seeds = 100_000
	strata := []struct {
		draw.Stratum
		n, quota int
	}{
		{draw.Stratum{Class: 1, Industry: "C", Division: "350102", Line: "IQ-1"}, 20, 1},
		{draw.Stratum{Class: 3, Industry: "F", Division: "350102", Line: "IQ-3"}, 15, 3},
		{draw.Stratum{Class: 4, Industry: "F", Division: "350182", Line: "IQ-4"}, 9, 5},
	}
	var list []draw.Candidate // the strata by turns, so that each is spread over the roster
	var quotas []draw.Quota
	for round := range 20 {
		for _, s := range strata {
			if round < s.n {
				list = append(list, candidate(len(list), s.Stratum))
			}
		}
	}
	for _, s := range strata {
		quotas = append(quotas, draw.Quota{Stratum: s.Stratum, Candidates: int64(s.n), Count: int64(s.quota)})
	}
	all := len(list)
	at := map[string]int{}
	for i, c := range list {
		at[c.SubjectID] = i
	}

	const control = 4
	drawn, first := make([]int, all), make([]int, all)
	together := make([][]int, all) // how often two are drawn in strata, without control
	for i := range together {
		together[i] = make([]int, all)
	}
	for i := range seeds {
		g := draw.Generator{Seed: fmt.Sprintf("uniformity-%08d", i), Commit: commit}
		rows, err := draw.Draw(roster(list), quotas, control, g)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range rows {
			drawn[at[d.SubjectID]]++
			if d.Part == draw.ControlPart && d.Place == 1 {
				first[at[d.SubjectID]]++
			}
		}
		plain, err := draw.Draw(roster(list), quotas, 0, g)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range plain {
			for _, b := range plain {
				if at[a.SubjectID] < at[b.SubjectID] {
					together[at[a.SubjectID]][at[b.SubjectID]]++
				}
			}
		}
	}

	size := map[draw.Stratum][2]int{}
	for _, s := range strata {
		size[s.Stratum] = [2]int{s.n, s.quota}
	}
	pairs := all * (all - 1) / 2
	within := func(what string, counts, k int, p float64, bound *float64) {
		q := tail(k, seeds, p) * float64(2*counts)
		*bound = math.Min(*bound, q)
		if q < 0.001 {
			t.Errorf("%s %d times of %d, expected %.1f: corrected probability %g", what, k, seeds, p*seeds, q)
		}
	}
	least := [4]float64{1, 1, 1, 1}
	for i, c := range list {
		n := size[c.Stratum]
		within(c.SubjectID+" is drawn", all, drawn[i], inclusion(all, control, n[0], n[1]), &least[0])
		within(c.SubjectID+" comes first", all, first[i], 1/float64(all), &least[1])
		for j := i + 1; j < all; j++ {
			m := size[list[j].Stratum]
			p := float64(n[1]*m[1]) / float64(n[0]*m[0]) // of two strata, the product
			if c.Stratum == list[j].Stratum {
				p = float64(n[1]*(n[1]-1)) / float64(n[0]*(n[0]-1))
			}
			if p == 0 {
				if together[i][j] > 0 {
					t.Errorf("two drawn of a stratum of quota 1: %s, %s", c.SubjectID, list[j].SubjectID)
				}
				continue
			}
			within(c.SubjectID+" and "+list[j].SubjectID+" are drawn", pairs, together[i][j], p, &least[2])
		}
	}
	// Along the roster: the places of the candidates against the excess of their
	// counts. Its correlation with the place is nearly normal with 1/√(n-1).
	z := correlation(drawn, func(i int) float64 {
		n := size[list[i].Stratum]
		return seeds * inclusion(all, control, n[0], n[1])
	}) * math.Sqrt(float64(all-1))
	least[3] = math.Erfc(math.Abs(z) / math.Sqrt2)
	if least[3] < 0.001 {
		t.Errorf("counts depend on the place in the roster: z = %.2f, probability %g", z, least[3])
	}
	t.Logf("figure: %d candidates, %d seeds: inclusion within exact binomial bounds, least corrected p %.3f; first place %.3f; %d pairs %.3f; along the roster p %.3f",
		all, seeds, least[0], least[1], pairs, least[2], least[3])
}

// correlation of the place with the standardised excess of a count.
func correlation(counts []int, expected func(int) float64) float64 {
	n := float64(len(counts))
	var sx, sy, sxx, syy, sxy float64
	for i, k := range counts {
		x, e := float64(i), expected(i)
		y := (float64(k) - e) / math.Sqrt(e)
		sx, sy, sxx, syy, sxy = sx+x, sy+y, sxx+x*x, syy+y*y, sxy+x*y
	}
	return (n*sxy - sx*sy) / math.Sqrt((n*sxx-sx*sx)*(n*syy-sy*sy))
}
