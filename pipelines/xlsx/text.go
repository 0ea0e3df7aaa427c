package xlsx

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// appendText appends the text of raw, with its entities put in.
func appendText(dst, raw []byte) ([]byte, error) {
	if isPlain(raw) {
		return append(dst, raw...), nil
	}
	if !utf8.Valid(raw) {
		return dst, damaged("the XML holds bytes that are not UTF-8")
	}
	for {
		i := bytes.IndexAny(raw, "&\r")
		if i < 0 {
			return append(dst, raw...), nil
		}
		dst, raw = append(dst, raw[:i]...), raw[i:]
		if raw[0] == '\r' { // XML 1.0, 2.11: every line end is read as a line feed
			dst = append(dst, '\n')
			raw = bytes.TrimPrefix(raw[1:], []byte{'\n'})
			continue
		}
		end := bytes.IndexByte(raw[:min(len(raw), 12)], ';')
		if end < 0 {
			return dst, damaged("the XML has an & that begins no entity")
		}
		r, ok := entity(string(raw[1:end]))
		if !ok {
			return dst, damaged("the XML has an unknown entity")
		}
		dst, raw = utf8.AppendRune(dst, r), raw[end+1:]
	}
}

// isPlain reports text in which nothing stands for anything else.
func isPlain(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf || c == '&' || c == '\r' {
			return false
		}
	}
	return true
}

func entity(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), err == nil && n <= utf8.MaxRune && utf8.ValidRune(rune(n))
}

// unescape puts in the characters that XML cannot hold and a workbook writes
// _x000B_ (ECMA-376 part 1, 22.4.2.4). It changes b.
func unescape(b []byte) []byte {
	from := bytes.Index(b, []byte("_x"))
	if from < 0 {
		return b
	}
	out := b[:from]
	for rest := b[from:]; len(rest) > 0; {
		if r, ok := escaped(rest); ok {
			out, rest = utf8.AppendRune(out, r), rest[escapeBytes:]
			continue
		}
		out, rest = append(out, rest[0]), rest[1:]
	}
	return out
}

const escapeBytes = len("_x000B_")

func escaped(b []byte) (rune, bool) {
	if len(b) < escapeBytes || b[0] != '_' || b[1] != 'x' || b[escapeBytes-1] != '_' {
		return 0, false
	}
	n := rune(0)
	for _, c := range b[2 : escapeBytes-1] {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | rune(c-'0')
		case c >= 'A' && c <= 'F':
			n = n<<4 | rune(c-'A'+10)
		case c >= 'a' && c <= 'f':
			n = n<<4 | rune(c-'a'+10)
		default:
			return 0, false
		}
	}
	return n, utf8.ValidRune(n)
}
