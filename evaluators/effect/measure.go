package effect

import "math/bits"

// million is one, in which shares are told.
const million = 1_000_000

// measures are the figures of a sample under weights. One that does not exist is
// absent.
type measures struct {
	area, halfPlain, halfScored figure // millionths
	sooner                      figure // thousandths of a day
}

// A figure may not exist: there is no area where nothing was found.
type figure struct {
	value  int64
	exists bool
}

func (s *sample) measure(weights []int64) measures {
	total, found := int64(0), int64(0)
	for i, w := range weights {
		total += w
		if s.rows[i].Found {
			found += w
		}
	}
	if found == 0 {
		return measures{}
	}
	m := measures{
		halfPlain:  figure{s.firstHalf(s.plain, weights, total, found), true},
		halfScored: figure{s.firstHalf(s.scored, weights, total, found), true},
	}
	if total > found {
		m.area = figure{s.area(weights, total, found), true}
	}
	if s.days != nil {
		// The mean of thousandths: each order gives its problems whole days.
		m.sooner = figure{divRound(s.foundDays(s.plain, weights)-s.foundDays(s.scored, weights), found), true}
	}
	return m
}

// area counts pairs twice, so that equal scores add one.
func (s *sample) area(weights []int64, total, found int64) int64 {
	var pairs, before int64
	for _, block := range s.scored {
		all, hits := s.count(block, weights)
		pairs += (all - hits) * (2*before + hits)
		before += hits
	}
	return mulDiv(pairs, million, 2*found*(total-found))
}

// firstHalf counts rows twice, so that half of them is a whole number.
func (s *sample) firstHalf(order [][]int, weights []int64, total, found int64) int64 {
	var hits int64 // problems of whole blocks
	room := total
	for _, block := range order {
		all, own := s.count(block, weights)
		if 2*all > room {
			// Of this block the share room/2all lies in the first half.
			return mulDiv(hits*2*all+own*room, million, 2*all*found)
		}
		hits, room = hits+own, room-2*all
	}
	return mulDiv(hits, million, found)
}

// foundDays adds up the days that problems have in an order, in thousandths.
func (s *sample) foundDays(order [][]int, weights []int64) int64 {
	sum, at, left := int64(0), 0, weights[s.days[0]]
	for _, block := range order {
		all, hits := s.count(block, weights)
		slots := int64(0) // the days of the next inspections
		for need := all; need > 0; {
			for left == 0 {
				at++
				left = weights[s.days[at]]
			}
			take := min(need, left)
			slots += take * int64(s.rows[s.days[at]].Day-s.first)
			need, left = need-take, left-take
		}
		if hits > 0 {
			sum += mulDiv(slots*1000, hits, all)
		}
	}
	return sum
}

// mulDiv is a × b / c rounded half up, for whole numbers that are not negative;
// the product may have 128 bits.
func mulDiv(a, b, c int64) int64 {
	high, low := bits.Mul64(uint64(a), uint64(b))
	low, carry := bits.Add64(low, uint64(c)/2, 0)
	quotient, _ := bits.Div64(high+carry, low, uint64(c))
	return int64(quotient)
}

// divRound is a / b rounded half away from zero, b above 0.
func divRound(a, b int64) int64 {
	if a < 0 {
		return -divRound(-a, b)
	}
	return (a + b/2) / b
}
