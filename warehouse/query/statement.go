package query

import "strings"

// Next cuts the first statement off a text, without its semicolon. whole is
// false when no semicolon ends it: then it is all of the text, and more may
// follow. A semicolon in a string, a quoted name or a comment ends nothing.
func Next(text string) (statement, rest string, whole bool) {
	for at := 0; at < len(text); {
		if text[at] == ';' {
			return strings.TrimSpace(text[:at]), text[at+1:], true
		}
		at += token(text[at:])
	}
	return strings.TrimSpace(text), "", false
}

// Blank reports whether a text holds nothing but space and comments.
func Blank(text string) bool { return strings.Trim(OneLine(text), " ;") == "" }

// OneLine writes a statement on one line that means the same: line ends become
// spaces and comments are left out. A line end within quotes stays.
func OneLine(text string) string {
	var b strings.Builder
	for at := 0; at < len(text); {
		n := token(text[at:])
		part := text[at : at+n]
		at += n
		if strings.HasPrefix(part, "--") || strings.HasPrefix(part, "/*") || strings.TrimSpace(part) == "" {
			part = " "
		}
		if part == " " && (b.Len() == 0 || strings.HasSuffix(b.String(), " ")) {
			continue
		}
		b.WriteString(part)
	}
	return strings.TrimSpace(b.String())
}

// token is the length of what a text begins with: a string, a quoted name, a
// comment, or one byte. What is not closed goes to the end.
func token(text string) int {
	to := func(opened int, close string) int {
		if i := strings.Index(text[opened:], close); i >= 0 {
			return opened + i + len(close)
		}
		return len(text)
	}
	switch {
	case strings.HasPrefix(text, "--"):
		if i := strings.IndexByte(text, '\n'); i >= 0 {
			return i
		}
		return len(text)
	case strings.HasPrefix(text, "/*"):
		return to(2, "*/")
	case text[0] == '\'' || text[0] == '"': // '' within is two strings in a row, which ends at the same place
		return to(1, text[:1])
	case text[0] == '$':
		if tag := strings.IndexByte(text[1:], '$') + 2; tag >= 2 && isTag(text[1:tag-1]) {
			return to(tag, text[:tag])
		}
	}
	return 1
}

// isTag reports whether a text may stand between the dollars of $tag$.
func isTag(text string) bool {
	for i, c := range text {
		if !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return true
}
