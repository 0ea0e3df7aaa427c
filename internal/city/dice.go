package city

import (
	"math"
	"math/bits"
	"sort"

	"rongxin/internal/credit"
)

// dice is a small deterministic random source (SplitMix64). A city must come out
// the same on every machine and Go release, which math/rand does not promise for
// its derived draws. Each topic of an enterprise throws its own dice, so a draw
// added to one topic moves no other.
type dice struct{ state uint64 }

type topic uint64

const (
	topicEnterprise topic = iota + 1
	topicName
	topicPenalty
	topicPermit
	topicInspection
	topicAbnormal
	topicFraud
	topicArrears
	topicDebt
	topicTax
	topicEcology
	topicLabour
	topicNational
	topicHonour
	topicCommitment
	topicOverride
	topicCase
	topicExemption
	topicDefect
	topicBijection
	topicInspector
	topicInterest
	topicRiskClass
	topicDraw
	topicSector
	topicListed
	topicClinic
	topicAssociation
	topicMoreLists
	topicAftermath
	topicSupervision
	topicPromise
)

func newDice(seed uint64, index int, t topic) *dice {
	d := &dice{state: seed ^ uint64(t)<<56}
	d.state = d.next() ^ uint64(index)
	d.next()
	return d
}

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// intn returns 0 to n-1; the bias of n in 2^64 is of no matter here.
func (d *dice) intn(n int) int {
	hi, _ := bits.Mul64(d.next(), uint64(n))
	return int(hi)
}

func (d *dice) between(lo, hi int) int { return lo + d.intn(hi-lo+1) }

func (d *dice) float() float64 { return float64(d.next()>>11) / (1 << 53) }

func (d *dice) chance(p float64) bool { return d.float() < p }

// normal is the sum of twelve uniforms less six: near enough to a standard
// normal, and free of functions whose last bit differs between machines.
func (d *dice) normal() float64 {
	var sum float64
	for range 12 {
		sum += d.float()
	}
	return sum - 6
}

// lognormal has the given median; sigma is the spread of the logarithm.
func (d *dice) lognormal(median, sigma float64) float64 {
	return median * math.Exp(float64(sigma*d.normal()))
}

// poisson counts events of the given mean, at most limit.
func (d *dice) poisson(mean float64, limit int) int {
	n, p, floor := 0, d.float(), math.Exp(-mean)
	for p > floor && n < limit {
		n++
		p *= d.float()
	}
	return n
}

// day returns a day from lo to hi; lo when the interval is empty.
func (d *dice) day(lo, hi credit.Date) credit.Date {
	if hi <= lo {
		return lo
	}
	return lo.AddDays(d.intn(int(hi-lo) + 1))
}

func pick[T any](d *dice, from []T) T { return from[d.intn(len(from))] }

// lottery picks one of its items by weight.
type lottery[T any] struct {
	items []T
	upto  []int
}

func newLottery[T any](items []T, weight func(T) int) lottery[T] {
	l := lottery[T]{items: items, upto: make([]int, len(items))}
	sum := 0
	for i, item := range items {
		sum += weight(item)
		l.upto[i] = sum
	}
	return l
}

func (l lottery[T]) draw(d *dice) T {
	n := d.intn(l.upto[len(l.upto)-1])
	return l.items[sort.SearchInts(l.upto, n+1)]
}
