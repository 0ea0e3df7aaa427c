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
		return ClassifyCode(s) != CodeValid || IsPersonID(s)
	}
	return false
}
