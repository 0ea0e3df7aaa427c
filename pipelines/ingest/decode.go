package ingest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	simd "github.com/segmentio/asm/utf8"

	"rongxin/internal/gb18030"
)

// A textDecoder turns the bytes of one record into UTF-8.
type textDecoder struct {
	gb      bool // GB18030 or a part of it; else UTF-8
	valid   bool // the whole file is known to be UTF-8
	escaped bool // the text comes from a transcoder
}

func newTextDecoder(name string, valid bool) *textDecoder {
	return &textDecoder{gb: name == gb18030Name, valid: valid}
}

// decode returns the text of a record, in space from a when it had to be
// converted. bad is the offset of the first byte that does not decode, or -1.
func (d *textDecoder) decode(raw []byte, a *arena) (text []byte, bad int) {
	switch {
	case d.gb:
		space := a.take(gb18030.Room(len(raw)))
		text, bad = gb18030.Append(space[:0], raw)
		a.release(max(0, len(space)-len(text)))
		return text, bad
	case d.valid || simd.Valid(raw):
		return raw, -1
	}
	return nil, firstInvalid(raw)
}

// leadingASCII returns how many bytes of b come before the first that is none.
func leadingASCII(b []byte) int {
	i := 0
	for i+8 <= len(b) && binary.LittleEndian.Uint64(b[i:])&0x8080808080808080 == 0 {
		i += 8
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// legible is the text of a record for people: what decodes, with \xNN for each
// byte that does not or is zero.
func (d *textDecoder) legible(raw []byte) []byte {
	out := make([]byte, 0, 2*len(raw))
	for {
		var bad int
		switch {
		case d.gb:
			out, bad = gb18030.Append(out, raw)
		case d.escaped:
			bad = findEscape(raw)
			out = append(out, raw[:max(bad, 0)]...)
		default:
			bad = firstInvalid(raw)
			out = append(out, raw[:max(bad, 0)]...)
		}
		if bad < 0 && !d.gb {
			out = append(out, raw...)
		}
		if bad < 0 {
			return bytes.ReplaceAll(out, []byte{0}, []byte(`\x00`))
		}
		c, size := raw[bad], 1
		if d.escaped {
			c, _, size = readEscape(raw[bad:])
		}
		out = fmt.Appendf(out, `\x%02X`, c)
		raw = raw[bad+size:]
	}
}
