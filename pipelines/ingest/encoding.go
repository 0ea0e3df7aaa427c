package ingest

import (
	"slices"
	"unicode/utf8"

	simd "github.com/segmentio/asm/utf8"
)

// Encodings of a text extract.
const (
	utf8Name    = "utf-8"
	gb18030Name = "gb18030"
	utf16Name   = "utf-16" // of either byte order, only in contracts
	utf16leName = "utf-16le"
	utf16beName = "utf-16be"
)

// textProbe watches a file go by and judges how it is encoded.
type textProbe struct {
	Head  []byte // the first bytes of the file
	Multi int64  // well-formed UTF-8 characters beyond ASCII, by sample
	Bad   int64  // bytes that no UTF-8 character contains
	Wide  bool   // a character of three bytes or more was seen, as every Chinese one is
	tail  []byte // an unfinished character at the end of what was seen

	// Doubt is text that tells GB18030 from others: from before the first misfit
	// on. Narrow is the same where there are only characters of two bytes.
	Doubt, Narrow []byte
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
	if simd.Valid(b) {
		// How many characters were right matters only beside wrong ones; a
		// sixteenth of the piece tells.
		for _, c := range b[:(len(b)+15)/16] {
			if c >= 0xC2 {
				p.Multi += 16
			}
		}
		if !p.Wide {
			p.lookForWide(b)
		}
		return
	}
	if p.Doubt == nil {
		p.Doubt = sampleAt(b, firstInvalid(b))
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
		p.Wide = p.Wide || size > 2
	}
}

func (p *textProbe) lookForWide(b []byte) {
	for i := 0; i < len(b); i += 2 {
		if i += leadingASCII(b[i:]); i == len(b) {
			return
		}
		if b[i] >= 0xE0 {
			p.Wide = true
			return
		}
		if p.Narrow == nil {
			p.Narrow = sampleAt(b, i)
		}
	}
}

// sampleAt copies what is around b[i], from a byte on that no GB18030 character
// ends in.
func sampleAt(b []byte, i int) []byte {
	for i > 0 && b[i-1] >= '0' {
		i--
	}
	return slices.Clone(b[i:min(len(b), i+headBytes)])
}

func (p *textProbe) finish() {
	p.Bad += int64(len(p.tail))
	p.tail = nil
}

// isForeign reports text that is not even damaged UTF-8. A file with a few bad
// bytes among many good characters is UTF-8 with damaged rows. Of GB18030 text
// read as UTF-8, an eighth of the characters fit by chance and the others give
// two misfits each.
func (p *textProbe) isForeign() bool { return p.Bad > p.Multi }
