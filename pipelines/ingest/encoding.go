package ingest

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// Encodings of a text extract.
const (
	utf8Name    = "utf-8"
	gb18030Name = "gb18030"
)

const utf8BOM = "\xEF\xBB\xBF"

// textProbe watches a file go by and judges how it is encoded.
type textProbe struct {
	head  []byte // the first bytes of the file
	tail  []byte // an unfinished character at the end of what was seen
	multi int64  // well-formed UTF-8 characters beyond ASCII, by sample
	bad   int64  // bytes that no UTF-8 character contains
}

// headBytes are enough to see a mark, a magic number or UTF-16 without one.
const headBytes = 4096

// enoughBad ends the counting: that many misfits, and more of them than of
// characters, is no damaged UTF-8.
const enoughBad = 4096

func (p *textProbe) add(b []byte) {
	if room := headBytes - len(p.head); room > 0 {
		p.head = append(p.head, b[:min(room, len(b))]...)
	}
	if p.bad >= enoughBad && p.isForeign() {
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
			p.bad += int64(-skip)
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
				p.multi += 16
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
		p.bad++
	case size > 1:
		p.multi++
	}
}

func (p *textProbe) finish() {
	p.bad += int64(len(p.tail))
	p.tail = nil
}

func (p *textProbe) hasBOM() bool { return bytes.HasPrefix(p.head, []byte(utf8BOM)) }

// startsWith reports whether the first sign of the text is c.
func (p *textProbe) startsWith(c byte) bool {
	text := bytes.TrimLeft(bytes.TrimPrefix(p.head, []byte(utf8BOM)), " \t\r\n")
	return len(text) > 0 && text[0] == c
}

// isForeign reports text that is not even damaged UTF-8. A file with a few bad
// bytes among many good characters is UTF-8 with damaged rows. Of GB18030 text
// read as UTF-8, an eighth of the characters fit by chance and the others give
// two misfits each.
func (p *textProbe) isForeign() bool { return p.bad > p.multi }

// encoding decides between the declared encoding and what the bytes are.
func (p *textProbe) encoding(declared string) (string, error) {
	switch {
	case bytes.HasPrefix(p.head, []byte("\xFF\xFE")), bytes.HasPrefix(p.head, []byte("\xFE\xFF")):
		return "", fmt.Errorf("the file is UTF-16")
	case bytes.Count(p.head, []byte{0})*4 > len(p.head):
		return "", fmt.Errorf("the file is UTF-16 or binary: a quarter of its first bytes are zero")
	case declared == gb18030Name && p.hasBOM():
		return "", fmt.Errorf("the contract says gb18030, but the file begins with the mark of UTF-8")
	case declared != "auto":
		return declared, nil
	case p.hasBOM() || p.bad == 0 || !p.isForeign():
		return utf8Name, nil
	}
	return gb18030Name, nil
}

// A textDecoder turns the bytes of one record into UTF-8. It belongs to one
// goroutine.
type textDecoder struct {
	gb    *encoding.Decoder // nil for UTF-8
	valid bool              // the whole file is known to be UTF-8
}

func newTextDecoder(name string, valid bool) *textDecoder {
	d := &textDecoder{valid: valid}
	if name == gb18030Name {
		d.gb = simplifiedchinese.GB18030.NewDecoder()
	}
	return d
}

// decode returns the text of a record, in space from a when it had to be
// converted. bad is the offset of the first byte that does not decode, or -1.
func (d *textDecoder) decode(raw []byte, a *arena) (text []byte, bad int) {
	if d.gb == nil {
		if d.valid || utf8.Valid(raw) {
			return raw, -1
		}
		return nil, firstInvalid(raw)
	}
	if isASCII(raw) {
		return raw, -1
	}
	// Two bytes become three at most, four become four.
	space := a.take(len(raw) + len(raw)/2 + utf8.UTFMax)
	d.gb.Reset()
	n, _, err := d.gb.Transform(space, raw, true)
	text = space[:n]
	if err != nil && err != transform.ErrShortSrc {
		return nil, 0
	}
	a.release(len(space) - n)
	// The converter writes U+FFFD for what it cannot read, but GB18030 also has
	// a code for U+FFFD itself; only the bytes tell the two apart.
	if bytes.Contains(text, []byte("\uFFFD")) {
		if bad = d.firstBadGB(raw); bad >= 0 {
			return nil, bad
		}
	}
	return text, -1
}

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&0x80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
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

// gbReplacement is how GB18030 writes U+FFFD.
const gbReplacement = "\x84\x31\xA4\x37"

// firstBadGB walks raw character by character.
func (d *textDecoder) firstBadGB(raw []byte) int {
	for i := 0; i < len(raw); {
		_, size, ok := d.gbRune(raw[i:])
		if !ok {
			return i
		}
		i += size
	}
	return -1
}

// gbRune decodes the first character of raw by itself.
func (d *textDecoder) gbRune(raw []byte) (text []byte, size int, ok bool) {
	size = gbSize(raw)
	if size == 0 {
		return nil, 1, false
	}
	var out [utf8.UTFMax * 2]byte
	d.gb.Reset()
	n, _, err := d.gb.Transform(out[:], raw[:size], true)
	text = bytes.Clone(out[:n])
	isBad := err != nil || string(text) == "\uFFFD" && string(raw[:size]) != gbReplacement
	if isBad || utf8.RuneCount(text) != 1 {
		return nil, 1, false
	}
	return text, size, true
}

// gbSize is the length of the character that raw begins with, by the structure
// of GB 18030: one byte below 80, two bytes 81–FE 40–FE, four bytes
// 81–FE 30–39 81–FE 30–39. It is 0 when raw begins with no character.
func gbSize(raw []byte) int {
	isLead := func(c byte) bool { return 0x81 <= c && c <= 0xFE }
	isDigit := func(c byte) bool { return '0' <= c && c <= '9' }
	switch {
	case raw[0] < 0x80:
		return 1
	case !isLead(raw[0]) || len(raw) < 2:
		return 0
	case 0x40 <= raw[1] && raw[1] <= 0xFE && raw[1] != 0x7F:
		return 2
	case len(raw) >= 4 && isDigit(raw[1]) && isLead(raw[2]) && isDigit(raw[3]):
		return 4
	}
	return 0
}

// legible is the text of a record for people: what decodes, with \xNN for each
// byte that does not.
func (d *textDecoder) legible(raw []byte) []byte {
	out := make([]byte, 0, len(raw)*2)
	for len(raw) > 0 {
		text, size, ok := d.next(raw)
		if ok {
			out = append(out, text...)
		} else {
			out = fmt.Appendf(out, `\x%02X`, raw[0])
		}
		raw = raw[size:]
	}
	return out
}

func (d *textDecoder) next(raw []byte) (text []byte, size int, ok bool) {
	if d.gb != nil {
		return d.gbRune(raw)
	}
	r, size := utf8.DecodeRune(raw)
	return raw[:size], size, r != utf8.RuneError || size > 1
}

// arena hands out byte slices that stay valid until reset.
type arena struct {
	slab []byte
	used int
}

const slabBytes = 256 << 10

func (a *arena) take(n int) []byte {
	if a.used+n > len(a.slab) {
		a.slab, a.used = make([]byte, max(slabBytes, n)), 0
	}
	a.used += n
	return a.slab[a.used-n : a.used : a.used]
}

// release gives back the last n bytes of the last take.
func (a *arena) release(n int) { a.used -= n }

func (a *arena) copyOf(b []byte) []byte {
	space := a.take(len(b))
	copy(space, b)
	return space
}
