package ingest

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Encodings of a text extract.
const (
	utf8Name    = "utf-8"
	gb18030Name = "gb18030"
)

const utf8BOM = "\xEF\xBB\xBF"

// textProbe watches a file go by and judges how it is encoded.
type textProbe struct {
	Head  []byte // the first bytes of the file
	Multi int64  // well-formed UTF-8 characters beyond ASCII, by sample
	Bad   int64  // bytes that no UTF-8 character contains
	tail  []byte // an unfinished character at the end of what was seen
}

// headBytes are enough to see a mark, a magic number or UTF-16 without one.
const headBytes = 4096

// enoughBad ends the counting: that many misfits, and more of them than of
// characters, is no damaged UTF-8.
const enoughBad = 4096

func (p *textProbe) add(b []byte) {
	if room := headBytes - len(p.Head); room > 0 {
		p.Head = append(p.Head, b[:min(room, len(b))]...)
	}
	if p.Bad >= enoughBad && p.isForeign() {
		return
	}
	if len(p.tail) > 0 {
		// Finish the character that the last piece ended in.
		n := min(utf8.UTFMax-1, len(b))
		joined := append(p.tail, b[:n]...)
		r, size := utf8.DecodeRune(joined)
		if r == utf8.RuneError && size == 1 && !utf8.FullRune(joined) {
			p.tail = joined
			return
		}
		p.count(r, size)
		skip := size - len(p.tail)
		p.tail = nil
		if skip < 0 { // the unfinished character was none: its other bytes are misfits too
			p.Bad += int64(-skip)
			skip = 0
		}
		b = b[skip:]
	}
	whole := len(b)
	for back := 1; back < utf8.UTFMax && back <= len(b); back++ {
		if utf8.RuneStart(b[len(b)-back]) {
			if !utf8.FullRune(b[len(b)-back:]) {
				whole = len(b) - back
			}
			break
		}
	}
	p.tail = slices.Clone(b[whole:])
	p.scan(b[:whole])
}

func (p *textProbe) scan(b []byte) {
	if utf8.Valid(b) {
		// How many characters were right matters only beside wrong ones; a
		// sixteenth of the piece tells.
		for _, c := range b[:(len(b)+15)/16] {
			if c >= 0xC2 {
				p.Multi += 16
			}
		}
		return
	}
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		p.count(r, size)
		b = b[size:]
	}
}

func (p *textProbe) count(r rune, size int) {
	switch {
	case r == utf8.RuneError && size == 1:
		p.Bad++
	case size > 1:
		p.Multi++
	}
}

func (p *textProbe) finish() {
	p.Bad += int64(len(p.tail))
	p.tail = nil
}

func (p *textProbe) hasBOM() bool { return bytes.HasPrefix(p.Head, []byte(utf8BOM)) }

// startsWith reports whether the first sign of the text is c.
func (p *textProbe) startsWith(c byte) bool {
	text := bytes.TrimLeft(bytes.TrimPrefix(p.Head, []byte(utf8BOM)), " \t\r\n")
	return len(text) > 0 && text[0] == c
}

// isForeign reports text that is not even damaged UTF-8. A file with a few bad
// bytes among many good characters is UTF-8 with damaged rows. Of GB18030 text
// read as UTF-8, an eighth of the characters fit by chance and the others give
// two misfits each.
func (p *textProbe) isForeign() bool { return p.Bad > p.Multi }

// encoding decides between the declared encoding and what the bytes are.
func (p *textProbe) encoding(declared string) (string, error) {
	switch {
	case bytes.HasPrefix(p.Head, []byte("\xFF\xFE")), bytes.HasPrefix(p.Head, []byte("\xFE\xFF")):
		return "", fmt.Errorf("the file is UTF-16")
	case bytes.Count(p.Head, []byte{0})*4 > len(p.Head):
		return "", fmt.Errorf("the file is UTF-16 or binary: a quarter of its first bytes are zero")
	case declared == gb18030Name && p.hasBOM():
		return "", fmt.Errorf("the contract says gb18030, but the file begins with the mark of UTF-8")
	case declared != "auto":
		return declared, nil
	case p.hasBOM() || p.Bad == 0 || !p.isForeign():
		return utf8Name, nil
	}
	return gb18030Name, nil
}
