package effect

import (
	"crypto/sha256"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// A Figure is a value with its interval of 95%, all in one unit: millionths of
// shares and multiples, thousandths of days. Without an interval both bounds are
// null.
type Figure struct {
	Value int64  `json:"value"`
	Low   *int64 `json:"low"`
	High  *int64 `json:"high"`
}

// A Rate is problems found of objects inspected.
type Rate struct {
	Inspected int64   `json:"inspected"`
	Found     int64   `json:"found"`
	Share     *Figure `json:"share"` // millionths; null when nothing was inspected
}

func rate(found, inspected int64) Rate {
	r := Rate{Inspected: inspected, Found: found}
	if inspected > 0 {
		low, high := Wilson(found, inspected)
		r.Share = &Figure{mulDiv(found, million, inspected), &low, &high}
	}
	return r
}

// Wilson is the score interval of found in inspected, in millionths (Wilson,
// JASA 22 (1927) 209), without a correction for continuity.
func Wilson(found, inspected int64) (low, high int64) {
	number := func(n int64) *big.Float { return new(big.Float).SetPrec(128).SetInt64(n) }
	do := func(op func(z, x, y *big.Float) *big.Float, x, y *big.Float) *big.Float { return op(number(0), x, y) }
	add, sub, mul, quo := (*big.Float).Add, (*big.Float).Sub, (*big.Float).Mul, (*big.Float).Quo
	z := do(quo, number(1_959_963_984_540_054), number(1_000_000_000_000_000)) // normal quantile of 97.5%
	z2 := do(mul, z, z)
	x, n := number(found), number(inspected)
	// (2x + z² ± z √(z² + 4x(n-x)/n)) / 2(n + z²)
	spread := do(quo, do(mul, do(mul, number(4), x), do(sub, n, x)), n)
	root := number(0).Sqrt(do(add, z2, spread))
	middle, arm := do(add, do(mul, number(2), x), z2), do(mul, z, root)
	below := do(mul, number(2), do(add, n, z2))
	bound := func(top *big.Float) int64 {
		scaled := do(add, do(mul, do(quo, top, below), number(million)), do(quo, number(1), number(2)))
		whole, _ := scaled.Int64()
		return min(max(whole, 0), million)
	}
	return bound(do(sub, middle, arm)), bound(do(add, middle, arm))
}

// resamples is how often rows are drawn anew for an interval.
const resamples = 1000

// Seed is the public seed of the resamples of what is named.
func Seed(name string) string { return "rongxin-effect-1\x1f" + name }

// resample calls measure with the weights of each resample of n rows: how often
// each row was drawn in n draws with replacement. The generator is ChaCha8 keyed
// by the SHA-256 of the seed.
func resample(name string, weights []int64, measure func()) {
	generator := rand.NewChaCha8(sha256.Sum256([]byte(Seed(name))))
	n := uint64(len(weights))
	for range resamples {
		clear(weights)
		for range weights {
			weights[index(generator, n)]++
		}
		measure()
	}
}

// index is uniform below n (Lemire, ACM TOMACS 29 (2019) 3).
func index(generator *rand.ChaCha8, n uint64) uint64 {
	for {
		high, low := bits.Mul64(generator.Uint64(), n)
		if low >= n || low >= -n%n {
			return high
		}
	}
}

// spread collects a figure over the resamples.
type spread []int64

func (s *spread) add(f figure) {
	if f.exists {
		*s = append(*s, f.value)
	}
}

// figure gives a value its interval; null for a value that does not exist.
func (s spread) figure(of figure) *Figure {
	if !of.exists {
		return nil
	}
	f := &Figure{Value: of.value}
	if len(s)*10 < resamples*9 {
		return f
	}
	slices.Sort(s)
	low, high := s[len(s)*25/1000], s[(len(s)*975+999)/1000-1]
	f.Low, f.High = &low, &high
	return f
}
