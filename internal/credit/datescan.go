package credit

import "strings"

// scanDate takes a date apart without judging whether the day exists. Landing
// reads every date of every extract through it, so it allocates nothing.
func scanDate(s string) (y, m, d int, ok bool) {
	s = strings.TrimSpace(s)
	y, s, ok = scanNumber(s, 4, 4)
	if !ok {
		return 0, 0, 0, false
	}
	if s != "" && isDigit(s[0]) {
		return scanCompact(y, s)
	}
	rest, sep := cutSeparator(s)
	if m, rest, ok = scanNumber(rest, 1, 2); !ok || sep == "" {
		return 0, 0, 0, false
	}
	second, last := sep, ""
	if sep == "年" {
		second, last = "月", "日"
	}
	if rest, ok = strings.CutPrefix(rest, second); !ok {
		return 0, 0, 0, false
	}
	if d, rest, ok = scanNumber(rest, 1, 2); !ok {
		return 0, 0, 0, false
	}
	rest, ok = strings.CutPrefix(rest, last)
	return y, m, d, ok && isTimeOfDay(rest)
}

// scanCompact reads the MMDD that follows the year of 20060102.
func scanCompact(y int, s string) (year, m, d int, ok bool) {
	m, s, ok = scanNumber(s, 2, 2)
	if !ok {
		return 0, 0, 0, false
	}
	d, s, ok = scanNumber(s, 2, 2)
	return y, m, d, ok && s == ""
}

func cutSeparator(s string) (rest, sep string) {
	for _, sep := range [...]string{"-", "/", "年"} {
		if rest, ok := strings.CutPrefix(s, sep); ok {
			return rest, sep
		}
	}
	return s, ""
}

// isTimeOfDay reports whether s is empty or a clock time as exports append it:
// " 15:04", " 15:04:05" or "T15:04:05", with a fraction of the second or none.
func isTimeOfDay(s string) bool {
	if s == "" {
		return true
	}
	if s[0] != ' ' && s[0] != 'T' {
		return false
	}
	s = strings.TrimLeft(s[1:], " ")
	hour, s, ok := scanNumber(s, 1, 2)
	if !ok || hour > 23 {
		return false
	}
	for range 2 {
		if s, ok = strings.CutPrefix(s, ":"); !ok {
			return false
		}
		var n int
		if n, s, ok = scanNumber(s, 2, 2); !ok || n > 59 {
			return false
		}
		if s == "" {
			return true
		}
	}
	fraction, ok := strings.CutPrefix(s, ".")
	return ok && fraction != "" && strings.Trim(fraction, "0123456789") == ""
}

// scanNumber takes between least and most leading digits of s; with fewer it
// reports false.
func scanNumber(s string, least, most int) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && i < most && isDigit(s[i]) {
		n = n*10 + int(s[i]-'0')
		i++
	}
	return n, s[i:], i >= least
}

func isDigit(c byte) bool { return c-'0' <= 9 }
