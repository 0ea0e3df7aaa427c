package contract

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Faults of ParseScaled.
var (
	ErrNumber   = errors.New("not a number")
	ErrDecimals = errors.New("too many decimals")
	ErrOverflow = errors.New("too large")
)

// maxExponent bounds what 1E+n may ask for; more does not fit 64 bits anyway.
const maxExponent = 40

// ParseScaled reads a decimal number exactly, without a float on the way, and
// returns it in units of 10^-scale: with scale 6, "0.2" 万元 is 200,000 fen.
// Decimals beyond the scale must be zeros. An exponent (1.2E+3) is read only
// when allowed: in a text file it is a spreadsheet's display of a number whose
// digits are lost, in XLSX and JSON it is how the number itself is stored.
func ParseScaled[T string | []byte](text T, scale int, exponent bool) (int64, error) {
	i, negative := 0, false
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		negative, i = text[0] == '-', 1
	}
	mantissa := text[i:]
	if exponent {
		var power int
		var err error
		if mantissa, power, err = cutExponent(mantissa); err != nil {
			return 0, err
		}
		scale += power
	}
	return scaleDigits(mantissa, scale, negative)
}

// scaleDigits computes digits * 10^scale for digits with at most one point.
func scaleDigits[T string | []byte](digits T, scale int, negative bool) (int64, error) {
	var n uint64
	seen, point, overflow, inexact := 0, false, false, false
	put := func(d uint64) {
		if n > (math.MaxInt64-d)/10 {
			overflow = true
			return
		}
		n = n*10 + d
	}
	places := 0 // decimals taken into n; negative scale drops integer digits
	drop := 0   // integer digits that a negative scale must find to be zero
	if scale < 0 {
		drop = len(integerPart(digits)) + scale
	}
	for i := 0; i < len(digits); i++ {
		switch c := digits[i]; {
		case c == '.' && !point && seen > 0 && i+1 < len(digits):
			point = true
		case '0' <= c && c <= '9':
			seen++
			switch {
			case scale < 0 && (point || i >= max(drop, 0)), point && places >= scale:
				inexact = inexact || c != '0'
			default:
				put(uint64(c - '0'))
				if point {
					places++
				}
			}
		default:
			return 0, ErrNumber
		}
	}
	if seen == 0 {
		return 0, ErrNumber
	}
	for ; places < scale && n != 0 && !overflow; places++ {
		put(0)
	}
	switch {
	case inexact:
		return 0, ErrDecimals
	case overflow:
		return 0, ErrOverflow
	case negative:
		return -int64(n), nil
	}
	return int64(n), nil
}

func integerPart[T string | []byte](digits T) T {
	for i := 0; i < len(digits); i++ {
		if digits[i] == '.' {
			return digits[:i]
		}
	}
	return digits
}

func cutExponent[T string | []byte](text T) (mantissa T, power int, err error) {
	for i := 0; i < len(text); i++ {
		if text[i] != 'e' && text[i] != 'E' {
			continue
		}
		power, err = strconv.Atoi(string(text[i+1:]))
		if err != nil || power < -maxExponent || power > maxExponent {
			return mantissa, 0, ErrNumber
		}
		return text[:i], power, nil
	}
	return text, 0, nil
}

// FormatScaled writes a number of ParseScaled in its one canonical form, with
// exactly scale decimals.
func FormatScaled(b []byte, n int64, scale int) []byte {
	if n < 0 {
		b = append(b, '-')
	}
	digits := strconv.FormatUint(magnitude(n), 10)
	for len(digits) <= scale {
		digits = "0" + digits
	}
	b = append(b, digits[:len(digits)-scale]...)
	if scale > 0 {
		b = append(append(b, '.'), digits[len(digits)-scale:]...)
	}
	return b
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}

func decimalType(precision, scale int) string {
	return fmt.Sprintf("DECIMAL(%d,%d)", precision, scale)
}

// UnitDigits is the power of ten from a unit of money to fen.
func UnitDigits(unit string) (int, bool) {
	switch unit {
	case "分":
		return 0, true
	case "元":
		return 2, true
	case "千元":
		return 5, true
	case "万元":
		return 6, true
	case "百万元":
		return 8, true
	case "亿元":
		return 10, true
	}
	return 0, false
}
