package contract

import "slices"

// Nearest returns the candidates that a mistyped name most likely meant, best
// first and at most three: those within a third of its length in single-letter
// slips.
func Nearest(name string, candidates []string) []string {
	type near struct {
		name     string
		distance int
	}
	limit := max(1, (len([]rune(name))+1)/3)
	var found []near
	for _, c := range candidates {
		if d := distance(name, c); d <= limit {
			found = append(found, near{c, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.distance - b.distance })
	var names []string
	for _, n := range found[:min(len(found), 3)] {
		names = append(names, n.name)
	}
	return names
}

// distance is the Levenshtein distance in characters.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
