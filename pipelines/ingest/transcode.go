package ingest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"rongxin/internal/gb18030"
)

// A transcoder reads a file as UTF-8 where its own bytes cannot be cut: in
// UTF-16 and, for JSON and XML, in GB18030, whose characters may hold a bracket
// or a backslash as their second byte. What does not decode comes through as an
// escape, which tells the byte and its place; the record that holds it is
// rejected when it is read.
type transcoder struct {
	r      io.Reader
	char   charReader
	in     []byte // read and not yet decoded
	offset int64  // of in[0] in the file
	out    []byte // decoded and not yet handed over
	eof    bool

	inSpace, outSpace []byte
}

// A charReader decodes the first character of b, which is not empty. Size 0
// asks for more; at eof it is never 0.
type charReader func(b []byte, eof bool) (r rune, size int, ok bool)

func newTranscoder(r io.Reader, encoding string, offset int64) *transcoder {
	t := &transcoder{r: r, offset: offset, inSpace: make([]byte, 64<<10)}
	switch encoding {
	case utf16leName:
		t.char = utf16Reader(binary.LittleEndian)
	case utf16beName:
		t.char = utf16Reader(binary.BigEndian)
	default:
		t.char = gbReader
	}
	return t
}

func (t *transcoder) Read(p []byte) (int, error) {
	for len(t.out) == 0 {
		if t.eof && len(t.in) == 0 {
			return 0, io.EOF
		}
		if err := t.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

// fill reads a piece of the file and decodes all of it but an unfinished
// character at its end.
func (t *transcoder) fill() error {
	kept := copy(t.inSpace, t.in)
	n, err := t.r.Read(t.inSpace[kept:])
	if t.eof = errors.Is(err, io.EOF); err != nil && !t.eof {
		return err
	}
	t.in, t.out = t.inSpace[:kept+n], t.outSpace[:0]
	defer func() { t.outSpace = t.out }()
	for len(t.in) > 0 {
		r, size, ok := t.char(t.in, t.eof)
		switch {
		case size == 0:
			return nil
		case !ok:
			for i, c := range t.in[:size] {
				t.out = appendEscape(t.out, escapeBad, c, t.offset+int64(i))
			}
		case r == 0:
			t.out = appendEscape(t.out, escapeNUL, 0, t.offset)
		default:
			t.out = utf8.AppendRune(t.out, r)
		}
		t.in, t.offset = t.in[size:], t.offset+int64(size)
	}
	return nil
}

func utf16Reader(order binary.ByteOrder) charReader {
	return func(b []byte, eof bool) (rune, int, bool) {
		if len(b) < 2 {
			return 0, sizeAtEnd(b, eof), false
		}
		r := rune(order.Uint16(b))
		switch {
		case !utf16.IsSurrogate(r):
			return r, 2, true
		case len(b) < 4:
			return 0, sizeAtEnd(b[:2], eof), false
		}
		if r = utf16.DecodeRune(r, rune(order.Uint16(b[2:]))); r == utf8.RuneError {
			return 0, 2, false
		}
		return r, 4, true
	}
}

// sizeAtEnd is the size of a character that the end of the file cuts off, or 0
// where more is to come.
func sizeAtEnd(b []byte, eof bool) int {
	if eof {
		return len(b)
	}
	return 0
}

func gbReader(b []byte, eof bool) (rune, int, bool) {
	if len(b) < 4 && !eof && b[0] >= utf8.RuneSelf {
		return 0, 0, false
	}
	var space [16]byte
	char, bad := gb18030.Append(space[:0], b[:max(1, gb18030.Size(b))])
	if bad >= 0 {
		return 0, 1, false
	}
	r, _ := utf8.DecodeRune(char)
	return r, max(1, gb18030.Size(b)), true
}

// An escape is a byte of no UTF-8 text, which tells its kind, the escaped byte
// in two halves, and its place in the file in eight pieces of six bits; each as
// a continuation byte, so that no sign of CSV, JSON or XML is among them.
const (
	escapeNUL   = 0xFE
	escapeBad   = 0xFF
	escapeBytes = 11
	escapeBits  = 6
)

func appendEscape(out []byte, kind, c byte, offset int64) []byte {
	out = append(out, kind, 0x80|c>>4, 0x80|c&0x0F)
	for shift := 7 * escapeBits; shift >= 0; shift -= escapeBits {
		out = append(out, 0x80|byte(offset>>shift)&0x3F)
	}
	return out
}

// readEscape reads the escape that b begins with. Its size is less than usual
// when b ends within it.
func readEscape(b []byte) (c byte, offset int64, size int) {
	if len(b) < escapeBytes {
		return 0, 0, len(b)
	}
	for _, piece := range b[3:escapeBytes] {
		offset = offset<<escapeBits | int64(piece&0x3F)
	}
	return b[1]<<4 | b[2]&0x0F, offset, escapeBytes
}

// findEscape returns the place of the first escape in b, or -1.
func findEscape(b []byte) int {
	bad, nul := bytes.IndexByte(b, escapeBad), bytes.IndexByte(b, escapeNUL)
	if bad < 0 || nul >= 0 && nul < bad {
		return nul
	}
	return bad
}
