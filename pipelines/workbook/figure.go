package workbook

import (
	"fmt"
	"math/bits"
)

// Text writes the share per 100 (as %) or per 1000 (as ‰) with two decimals,
// rounded half up from the integers; — where there is no whole. What is not
// quite nothing or not quite all is never written as if it were.
func (f Figure) Text(per int64) string {
	sign := map[int64]string{100: "%", 1000: "‰"}[per]
	if f.Denominator == 0 {
		return "—"
	}
	hundredths := (2*f.Numerator*per*100 + f.Denominator) / (2 * f.Denominator)
	switch {
	case hundredths == 0 && f.Numerator > 0:
		return "<0.01" + sign
	case hundredths == per*100 && f.Numerator < f.Denominator:
		return fmt.Sprintf(">%d.99%s", per-1, sign)
	}
	return fmt.Sprintf("%d.%02d%s", hundredths/100, hundredths%100, sign)
}

// Parts writes the two integers, 3/120.
func (f Figure) Parts() string { return fmt.Sprintf("%d/%d", f.Numerator, f.Denominator) }

// Per is the unit of a measure: wrong and duplicate codes are counted in ‰.
func (m Measure) Per() int64 {
	if m.Name == "code_faults" {
		return 1000
	}
	return 100
}

// judge says whether the goal of the measure is met.
func (m Measure) judge(f Figure) Figure {
	if m.GoalPPM == nil || f.Denominator == 0 {
		return f
	}
	const whole = 1_000_000
	order := compareProducts(f.Numerator, whole, *m.GoalPPM, f.Denominator)
	met := order < 0
	if m.Better == "more" {
		met = order >= 0
	}
	f.Met = &met
	return f
}

// compare orders two figures of the measure, the better first; no share comes
// after every share.
func (m Measure) compare(a, b Figure) int {
	switch {
	case a.Denominator == 0 && b.Denominator == 0:
		return 0
	case a.Denominator == 0:
		return 1
	case b.Denominator == 0:
		return -1
	}
	order := compareProducts(a.Numerator, b.Denominator, b.Numerator, a.Denominator)
	if m.Better == "more" {
		return -order
	}
	return order
}

// compareProducts compares a·b with c·d exactly, for numbers that are not negative.
func compareProducts(a, b, c, d int64) int {
	h1, l1 := bits.Mul64(uint64(a), uint64(b))
	h2, l2 := bits.Mul64(uint64(c), uint64(d))
	switch {
	case h1 < h2 || h1 == h2 && l1 < l2:
		return -1
	case h1 > h2 || l1 > l2:
		return 1
	}
	return 0
}
