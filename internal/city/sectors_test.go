package city_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"rongxin/internal/city"
)

// A grade of an industry lies in the published range of its score, and is worse
// for enterprises that the market supervision penalised.
func TestSectorGradesAgree(t *testing.T) {
	bands := map[string]map[string][2]float64{
		"construction/grades":          {"A": {85, 100}, "B": {70, 84.99}, "C": {60, 69.99}, "D": {0, 59.99}},
		"construction/property_grades": {"AAA": {85, 100}, "AA": {80, 84.99}, "A": {70, 79.99}, "B": {60, 69.99}, "C": {0, 59.99}},
		"water_conservancy/grades":     {"AAA": {90, 100}, "AA": {80, 89.99}, "A": {70, 79.99}, "B": {60, 69.99}, "C": {0, 59.99}},
		"transport/grades":             {"AAAA": {950, 1000}, "AAA": {850, 949.99}, "AA": {700, 849.99}, "A": {600, 699.99}, "B": {0, 599.99}},
		"samr/food_grades":             {"A": {0, 30}, "B": {30.01, 45}, "C": {45.01, 60}, "D": {60.01, 100}},
	}
	m := read(t, city.Config{Enterprises: 12_000, Seed: 31, Clean: true}, "samr/penalties", "construction/grades",
		"construction/property_grades", "water_conservancy/grades", "transport/grades", "samr/food_grades")
	penalised := map[string]bool{}
	m.of("samr/penalties", func(one table, l line) { penalised[one.cell(l, "CF_XDR_SHXYM")] = true })
	var sum, all [2]float64
	for dataset, byGrade := range bands {
		m.of(dataset, func(one table, l line) {
			grade := one.cell(l, "评价等级")
			score, err := strconv.ParseFloat(one.cell(l, "评价得分"), 64)
			band, known := byGrade[grade]
			if err != nil || !known || score < band[0] || score > band[1] {
				t.Errorf("%s:%d: %s with %q", one.file, l.number, grade, one.cell(l, "评价得分"))
			}
			if dataset == "construction/grades" {
				n := map[bool]int{true: 1}[penalised[one.cell(l, "统一社会信用代码")]]
				sum[n], all[n] = sum[n]+score, all[n]+1
			}
		})
	}
	if all[1] == 0 || sum[1]/all[1] > sum[0]/all[0]-2 {
		t.Errorf("builders score %.1f, penalised ones %.1f of %.0f", sum[0]/all[0], sum[1]/all[1], all[1])
	}
}

// What single departments send of a small city is the beginning of what they
// send of a larger one, file by file.
func TestSectorsDoNotDependOnTheNumber(t *testing.T) {
	datasets := []string{"construction/grades", "fire/inspections", "trading/bids", "emergency/severe", "health/licences", "civil/organisations", "civil/ratings"}
	rows := func(n int) map[string][]string {
		got := map[string][]string{}
		m := read(t, city.Config{Enterprises: n, Seed: 8}, datasets...)
		for _, dataset := range datasets {
			m.of(dataset, func(one table, l line) { got[one.file] = append(got[one.file], strings.Join(l.cells, ",")) })
		}
		return got
	}
	small, large := rows(1500), rows(4000)
	for file, want := range small {
		if got := large[file]; len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			t.Errorf("%s: %d rows of the small city do not begin the %d of the large one", file, len(want), len(got))
		}
	}
	if len(small) < len(datasets) {
		t.Errorf("only %d files", len(small))
	}
}
