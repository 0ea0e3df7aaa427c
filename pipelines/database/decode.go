package database

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// decoderOf returns what turns text as MySQL stores it into UTF-8, and tells
// whether it could; nil for a charset that is not kept byte by byte. A charset
// that cannot hold Chinese holds ASCII, or Chinese written under a false name.
func decoderOf(charset string) func([]byte) ([]byte, bool) {
	switch charset {
	case "utf8mb4", "utf8mb3", "utf8":
		return func(b []byte) ([]byte, bool) { return b, utf8.Valid(b) }
	case "gbk", "gb2312", "gb18030":
		return decodeGB
	case "ucs2", "utf16", "utf16le", "utf32":
		return nil
	}
	return func(b []byte) ([]byte, bool) { return b, isASCII(b) }
}

func decodeGB(b []byte) ([]byte, bool) {
	if isASCII(b) {
		return b, true
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	return decoded, err == nil && !bytes.ContainsRune(decoded, utf8.RuneError)
}

func isASCII(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c >= utf8.RuneSelf })
}

// undecodable returns bytes that landing is sure to refuse as undecodable and
// to keep: the ones that were stored.
func undecodable(b []byte) []byte {
	if utf8.Valid(b) {
		return append(slices.Clone(b), 0xFF)
	}
	return b
}

// appendString writes a JSON string. Bytes that are no UTF-8 stay as they are:
// landing refuses their row and keeps them.
func appendString(line, value []byte) []byte {
	const hex = "0123456789abcdef"
	line = append(line, '"')
	from := 0
	for i, c := range value {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		line = append(line, value[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			line = append(line, '\\', c)
		default:
			line = append(line, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(line, value[from:]...), '"')
}
