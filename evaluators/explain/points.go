package explain

import (
	"fmt"
	"strings"
)

// Points are thousandths of a point. JSON has them as they are; text has them
// as a decimal that loses nothing.
type Points int64

// String writes 880000 as 880 and 12500 as 12.5.
func (p Points) String() string {
	n, sign := uint64(p), ""
	if p < 0 {
		n, sign = -n, "-"
	}
	return sign + decimal(n, 3)
}

// Signed is String with a plus sign for what adds.
func (p Points) Signed() string {
	if p > 0 {
		return "+" + p.String()
	}
	return p.String()
}

// decimal writes n / 10^places without trailing zeros.
func decimal(n uint64, places int) string {
	digits := fmt.Sprintf("%0*d", places+1, n)
	whole, fraction := digits[:len(digits)-places], strings.TrimRight(digits[len(digits)-places:], "0")
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}
