package credit

import (
	"strings"
	"unicode"
)

// NormalizeCode brings a written code into the one form that the checks read:
// half-width, upper case, without blanks, hyphens, zero-width characters and
// the apostrophe by which spreadsheets mark text, and without a label such as
// 统一社会信用代码：in front of a colon. It never turns the letter O into the
// digit 0 or the like; that is a correction, and a person must see it (see
// [CheckCode]). A text already in that form is returned as it is.
func NormalizeCode(s string) string {
	if isNormalCode(s) {
		return s
	}
	if i := strings.LastIndexAny(s, ":："); i >= 0 {
		s = strings.TrimLeft(s[i:], ":：")
	}
	return strings.Map(normalRune, s)
}

func isNormalCode(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && c-'A' > 'Z'-'A' {
			return false
		}
	}
	return true
}

// normalRune maps one character to its normal form, or to -1 to drop it.
func normalRune(r rune) rune {
	r = halfWidthRune(r)
	switch {
	case 'a' <= r && r <= 'z':
		return r - 'a' + 'A'
	case r < ' ', unicode.IsSpace(r), r == '\'', unicode.Is(unicode.Cf, r), unicode.Is(unicode.Pd, r), r == '−':
		return -1
	}
	return r
}

// NameKey brings the name of an organisation into the form in which two ways of
// writing it are equal: half-width, letters as capitals, every bracket round,
// without blanks and without the mark that workbooks put before what a
// spreadsheet would run. It is for comparing and never shown. The engine has the same
// as fx_name_key.
func NameKey(name string) string { return strings.Map(nameRune, name) }

func nameRune(r rune) rune {
	r = halfWidthRune(r)
	switch {
	case 'a' <= r && r <= 'z':
		return r - 'a' + 'A'
	case strings.ContainsRune("[{〔【〈《", r):
		return '('
	case strings.ContainsRune("]}〕】〉》", r):
		return ')'
	case strings.ContainsRune(" \t\u00A0※", r):
		return -1
	}
	return r
}

// halfWidth turns the full-width forms of ASCII (GB 2312 row 3) into ASCII and
// the ideographic space into a blank.
func halfWidth(s string) string { return strings.Map(halfWidthRune, s) }

func halfWidthRune(r rune) rune {
	switch {
	case '！' <= r && r <= '～':
		return r - '！' + '!'
	case r == '\u3000':
		return ' '
	}
	return r
}
