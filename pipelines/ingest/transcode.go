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
	decode func()
	in     []byte // read and not yet decoded
	offset int64  // of in[0] in the file
	out    []byte // decoded and not yet handed over
	eof    bool

	inSpace, outSpace []byte
}

func newTranscoder(r io.Reader, encoding string, offset int64) *transcoder {
	t := &transcoder{r: r, offset: offset, inSpace: make([]byte, 64<<10)}
	switch encoding {
	case utf16leName:
		t.decode = func() { t.decodeUTF16(binary.LittleEndian) }
	case utf16beName:
		t.decode = func() { t.decodeUTF16(binary.BigEndian) }
	default:
		t.decode = t.decodeGB18030
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
	t.decode()
	t.outSpace = t.out
	return nil
}

// pass goes on by n bytes of the file.
func (t *transcoder) pass(n int) { t.in, t.offset = t.in[n:], t.offset+int64(n) }

// escape passes n bytes that do not decode.
func (t *transcoder) escape(n int) {
	for range n {
		t.out = appendEscape(t.out, escapeBad, t.in[0], t.offset)
		t.pass(1)
	}
}

func (t *transcoder) decodeUTF16(order binary.ByteOrder) {
	for len(t.in) >= 2 || t.eof && len(t.in) > 0 {
		if len(t.in) < 2 {
			t.escape(1)
			return
		}
		r, size := rune(order.Uint16(t.in)), 2
		if utf16.IsSurrogate(r) {
			if len(t.in) < 4 && !t.eof {
				return
			}
			var low rune
			if len(t.in) >= 4 {
				low = rune(order.Uint16(t.in[2:]))
			}
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				t.escape(2)
				continue
			}
			size = 4
		}
		if r == 0 {
			t.out = appendEscape(t.out, escapeNUL, 0, t.offset)
		} else {
			t.out = utf8.AppendRune(t.out, r)
		}
		t.pass(size)
	}
}

func (t *transcoder) decodeGB18030() {
	for len(t.in) > 0 {
		part, isWhole := t.in, t.eof
		if i := bytes.IndexByte(part, 0); i >= 0 {
			part, isWhole = part[:i], true
		}
		var bad int
		t.out, bad = gb18030.Append(t.out, part)
		if bad < 0 {
			bad = len(part)
		}
		t.pass(bad)
		switch {
		case bad+4 > len(part) && !isWhole:
			return // the character may go on
		case bad < len(part):
			t.escape(1)
		case len(t.in) > 0:
			t.out = appendEscape(t.out, escapeNUL, 0, t.offset)
			t.pass(1)
		}
	}
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
