package credit

import (
	"strings"
	"unicode/utf8"
)

// Mask keeps the first left and the last right characters of s and puts a *
// for each of the others. A text too short for that to hide anything is masked
// as a whole, so a name of one character does not come out in clear. The
// widest mask allowed for an id number is (6, 4).
func Mask(s string, left, right int) string {
	left, right = max(left, 0), max(right, 0)
	n := utf8.RuneCountInString(s)
	if left+right >= n {
		left, right = 0, 0
	}
	var b strings.Builder
	b.Grow(len(s))
	i := 0
	for _, r := range s {
		if i < left || i >= n-right {
			b.WriteRune(r)
		} else {
			b.WriteByte('*')
		}
		i++
	}
	return b.String()
}

// MaskIDs masks, by (1, 1), what looks like a resident id number inside free
// text: a run of exactly 18 characters (17 digits and a digit or X) that begins
// with a province, or of 15 digits that also has a possible birth date in
// places 7 to 12. The check character is not asked, since a mistyped number
// still tells who is meant; so a few numbers that are no ids are masked too,
// which is the safe side. A valid unified social credit code stays, unless it
// is an id number as well. Full-width digits count as digits.
func MaskIDs(text string) string {
	var b strings.Builder
	kept := 0 // text[:kept] is in b
	for start := 0; start < len(text); {
		end := start + runLength(text[start:])
		if end == start {
			_, size := utf8.DecodeRuneInString(text[start:])
			start += size
			continue
		}
		if run := text[start:end]; looksLikePersonID(NormalizeCode(run)) {
			b.WriteString(text[kept:start])
			b.WriteString(Mask(run, 1, 1))
			kept = end
		}
		start = end
	}
	if kept == 0 {
		return text
	}
	b.WriteString(text[kept:])
	return b.String()
}

// runLength returns the bytes of the ASCII letters and digits, of either
// width, with which s begins.
func runLength(s string) int {
	for i, r := range s {
		r = halfWidthRune(r)
		if r >= utf8.RuneSelf || !isDigit(byte(r)) && byte(r|0x20)-'a' > 'z'-'a' {
			return i
		}
	}
	return len(s)
}

func looksLikePersonID(s string) bool {
	switch len(s) {
	case 15:
		if !allDigits(s) || !isProvince(s[:2]) {
			return false
		}
		y, m, d := 1900+int(s[6]-'0')*10+int(s[7]-'0'), int(s[8]-'0')*10+int(s[9]-'0'), int(s[10]-'0')*10+int(s[11]-'0')
		return validDay(y, m, d)
	case 18:
		if !allDigits(s[:17]) || !isDigit(s[17]) && s[17] != 'X' || !isProvince(s[:2]) {
			return false
		}
		return ClassifyCode(s) != CodeValid || isPersonID(s)
	}
	return false
}
