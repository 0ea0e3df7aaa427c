package workbook

import (
	"strings"
	"unicode/utf8"
)

// guard stands before a text that could run. Not the apostrophe usual for
// this: a spreadsheet takes that for its own mark when the cell is edited and
// drops it. ※ is seen, is in GB 18030 and GBK, and begins no formula.
const guard = '※'

// Neutral makes a text safe to open in a spreadsheet, also after somebody has
// saved the sheet as CSV: where the first character that is not a space is one
// of = + - @, their full-width forms, TAB, CR or LF, or a ※ itself, it puts ※
// before the whole. The set is that of OWASP's page on CSV injection; spaces
// are looked through because spreadsheets strip them on import.
func Neutral(s string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \u00a0\u3000\ufeff"))
	switch first {
	case '=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n', guard:
		return string(guard) + s
	}
	return s
}

// Plain takes off what Neutral put on: Plain(Neutral(s)) is s.
func Plain(s string) string { return strings.TrimPrefix(s, string(guard)) }

// fileName makes s one path element on every system: what Windows forbids in
// a name, and control characters, become _, and so does a dot in front.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`\/:*?"<>|`, r) {
			return '_'
		}
		return r
	}, s)
	if strings.HasPrefix(s, ".") {
		s = "_" + s[1:]
	}
	return s
}

// maxSheetName is Excel's limit, in UTF-16 units; every character of the basic
// plane is one.
const maxSheetName = 31

// sheetName makes s a name that Excel takes for a sheet.
func sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > 0xffff || strings.ContainsRune(`\/:*?[]'`, r) {
			return '_'
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > maxSheetName {
		s = string(runes[:maxSheetName])
	}
	return s
}
