package ingest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"

	"rongxin/internal/gb18030"
)

// A row is one record taken apart: the values by field of the contract, or
// what is wrong with it.
type row struct {
	line   int64
	values [][]byte // by field; nil or empty is absent
	faults []fault

	// whole shows the record to people, with every masked field masked. It is
	// asked for only when a record is rejected as a whole.
	whole func() []byte
}

// A fault is one thing wrong with a row.
type fault struct {
	field  int // of the contract, or wholeRecord
	name   string
	reason string
	detail string // in Chinese, without the value
}

const wholeRecord = -1

func (r *row) reset(line int64) {
	r.line, r.faults, r.whole = line, r.faults[:0], nil
	clear(r.values)
}

func (r *row) fault(field int, name, reason, format string, args ...any) {
	r.faults = append(r.faults, fault{field, name, reason, fmt.Sprintf(format, args...)})
}

// isSplit reports whether the values stand where they should: what is wrong, if
// anything, is wrong with single fields.
func (r *row) isSplit() bool { return !r.isBad(wholeRecord) }

// isBad reports a fault of the field.
func (r *row) isBad(field int) bool {
	return slices.ContainsFunc(r.faults, func(f fault) bool { return f.field == field })
}

// A splitter takes the records of a block apart. It belongs to one goroutine.
// An error refuses the file.
type splitter interface {
	split(b *block, s span, r *row, a *arena) error
}

// A csvSplitter splits CSV records.
type csvSplitter struct {
	*layout
	comma   byte
	decoder *textDecoder
	fields  [][]byte
}

func (c *csvSplitter) split(b *block, s span, r *row, a *arena) error {
	if text, ok := decodeRecord(c.decoder, b, s, r, a); ok {
		var malformed bool
		c.fields, malformed = splitCSV(text, c.comma, c.fields[:0], a)
		if malformed {
			r.fault(wholeRecord, "", RecordMalformed, "引号之后还有内容")
		} else {
			c.place(c.fields, r)
		}
	}
	if len(r.faults) > 0 {
		raw := b.data[s.start:s.end]
		isSound := !slices.ContainsFunc(r.faults, func(f fault) bool {
			return f.reason == RecordMalformed || f.reason == UnterminatedQuote || f.reason == TooLong
		})
		r.whole = func() []byte {
			return c.maskRecord(splitLoosely(c.decoder.legible(raw), c.comma), string(c.comma), isSound)
		}
	}
	return nil
}

// A delimiter is the sign between the fields of a CSV file.
type delimiter struct {
	sign byte
	// inside: the sign may also be the second byte of a character, as 40–7E are
	// in GB18030.
	inside bool
}

func newDelimiter(sign byte, encoding string) delimiter {
	return delimiter{sign, encoding == gb18030Name && sign >= gb18030.Trail}
}

// index finds the first delimiter in the bytes of a file, or returns -1. b
// begins with a character.
func (d delimiter) index(b []byte) int {
	if !d.inside {
		return bytes.IndexByte(b, d.sign)
	}
	for i := 0; i < len(b); i += max(1, gb18030.Size(b[i:])) {
		if b[i] == d.sign {
			return i
		}
	}
	return -1
}

// decodeRecord finds what is wrong with a record before it is split, and
// returns its text when nothing is.
func decodeRecord(d *textDecoder, b *block, s span, r *row, a *arena) (text []byte, ok bool) {
	raw := b.data[s.start:s.end]
	switch reason := b.faults[s.start]; reason {
	case "":
	case UnterminatedQuote:
		r.fault(wholeRecord, "", reason, "双引号在 %d 行或 %d 字节之内没有成对，或成对之后列数不符", maxQuotedLines, maxQuoted)
		return nil, false
	case TooLong:
		r.fault(wholeRecord, "", reason, "一行超过 %d 字节", maxRecord)
		return nil, false
	}
	if d.escaped {
		return readEscaped(raw, r)
	}
	if i := bytes.IndexByte(raw, 0); i >= 0 {
		r.fault(wholeRecord, "", NULByte, "文件第 %d 字节是空字节", b.offset+int64(s.start+i))
		return nil, false
	}
	text, bad := d.decode(raw, a)
	if bad >= 0 {
		r.fault(wholeRecord, "", Undecodable, "文件第 %d 字节（0x%02X）不是该编码的文字", b.offset+int64(s.start+bad), raw[bad])
		return nil, false
	}
	return text, true
}

// readEscaped is decodeRecord of a record that went through a transcoder.
func readEscaped(raw []byte, r *row) (text []byte, ok bool) {
	i := findEscape(raw)
	if i < 0 {
		return raw, true
	}
	c, offset, _ := readEscape(raw[i:])
	if raw[i] == escapeNUL {
		r.fault(wholeRecord, "", NULByte, "文件第 %d 字节是空字符", offset)
	} else {
		r.fault(wholeRecord, "", Undecodable, "文件第 %d 字节（0x%02X）不是该编码的文字", offset, c)
	}
	return nil, false
}

// splitPlain appends the fields of a record without quotes, eight bytes at a time.
func splitPlain(text []byte, comma byte, fields [][]byte) [][]byte {
	const each, low = 0x0101010101010101, 0x7F7F7F7F7F7F7F7F
	start, i := 0, 0
	for ; i+8 <= len(text); i += 8 {
		eight := binary.LittleEndian.Uint64(text[i:]) ^ each*uint64(comma)
		// The highest bit of each byte that was a comma.
		for found := ^((eight&low + low) | eight | low); found != 0; found &= found - 1 {
			end := i + bits.TrailingZeros64(found)/8
			fields = append(fields, text[start:end])
			start = end + 1
		}
	}
	for ; i < len(text); i++ {
		if text[i] == comma {
			fields = append(fields, text[start:i])
			start = i + 1
		}
	}
	return append(fields, text[start:])
}

// splitCSV appends the fields of a record. Fields without a doubled quote are
// slices of text; text itself is never changed. It reports true when something
// follows a closing quote.
func splitCSV(text []byte, comma byte, fields [][]byte, a *arena) (_ [][]byte, malformed bool) {
	if bytes.IndexByte(text, '"') < 0 {
		return splitPlain(text, comma, fields), false
	}
	for p := 0; ; p++ {
		if p == len(text) || text[p] != '"' {
			end := p
			if p == len(text) || text[p] != comma { // many fields are empty
				if i := bytes.IndexByte(text[p:], comma); i >= 0 {
					end += i
				} else {
					end = len(text)
				}
			}
			fields = append(fields, text[p:end])
			p = end
		} else {
			value, after := unquote(text, p, a)
			fields = append(fields, value)
			if after < len(text) && text[after] != comma {
				return fields, true
			}
			p = after
		}
		if p == len(text) {
			return fields, false
		}
	}
}

// unquote reads the quoted field that begins at open and returns the place
// after its closing quote.
func unquote(text []byte, open int, a *arena) (value []byte, after int) {
	doubled := false
	p := open + 1
	for {
		i := bytes.IndexByte(text[p:], '"')
		if i < 0 {
			return text[open+1:], len(text)
		}
		p += i + 1
		if p == len(text) || text[p] != '"' {
			break
		}
		doubled = true
		p++
	}
	value = text[open+1 : p-1]
	if !doubled {
		return value, p
	}
	space := a.take(len(value))[:0]
	for i := 0; i < len(value); i++ {
		space = append(space, value[i])
		if value[i] == '"' {
			i++ // the second of two
		}
	}
	return space, p
}

// splitLoosely splits a record that may be broken, for showing it.
func splitLoosely(text []byte, comma byte) [][]byte {
	fields, malformed := splitCSV(text, comma, nil, new(arena))
	if malformed {
		return bytes.Split(text, []byte{comma})
	}
	return fields
}
