package effect

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"rongxin/internal/credit"
)

// A Row is one inspected object.
type Row struct {
	Order float64     // place in the plain order, ascending; equal places are in no order
	Score float64     // the higher, the sooner
	Found bool        // whether it had a problem
	Day   credit.Date // of inspection, 0: not known
}

// sample is rows with their orders prepared. A block is rows in no order among
// themselves.
type sample struct {
	rows           []Row
	plain, scored  [][]int
	days           []int // by day; nil when days are not known
	first          credit.Date
	weights, whole []int64
}

var errDays = errors.New("either every row has a day or none has")

func newSample(rows []Row) (*sample, error) {
	s := &sample{rows: rows, weights: make([]int64, len(rows)), whole: make([]int64, len(rows))}
	known := 0
	for i, r := range rows {
		s.whole[i] = 1
		if r.Day != 0 {
			known++
		}
	}
	if known != 0 && known != len(rows) {
		return nil, fmt.Errorf("%d of %d rows have a day: %w", known, len(rows), errDays)
	}
	s.plain = blocks(rows, func(a, b Row) int { return cmp.Compare(a.Order, b.Order) })
	s.scored = blocks(rows, func(a, b Row) int { return cmp.Compare(b.Score, a.Score) })
	if known > 0 {
		s.days = sorted(rows, func(a, b Row) int { return cmp.Compare(a.Day, b.Day) })
		s.first = rows[s.days[0]].Day
	}
	return s, nil
}

func sorted(rows []Row, compare func(a, b Row) int) []int {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(rows[a], rows[b]) })
	return order
}

func blocks(rows []Row, compare func(a, b Row) int) [][]int {
	order := sorted(rows, compare)
	var list [][]int
	for start, i := 0, 1; i <= len(order); i++ {
		if i == len(order) || compare(rows[order[start]], rows[order[i]]) != 0 {
			list = append(list, order[start:i])
			start = i
		}
	}
	return list
}

// count is the weight of a block and of its problems.
func (s *sample) count(block []int, weights []int64) (all, found int64) {
	for _, i := range block {
		all += weights[i]
		if s.rows[i].Found {
			found += weights[i]
		}
	}
	return all, found
}
