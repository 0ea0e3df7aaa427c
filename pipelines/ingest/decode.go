package ingest

import (
	"fmt"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// A textDecoder turns the bytes of one record into UTF-8. It belongs to one
// goroutine.
type textDecoder struct {
	gb    *encoding.Decoder // nil for UTF-8
	pairs []uint32          // of GB18030
	valid bool              // the whole file is known to be UTF-8
}

func newTextDecoder(name string, valid bool) *textDecoder {
	d := &textDecoder{valid: valid}
	if name == gb18030Name {
		d.gb, d.pairs = simplifiedchinese.GB18030.NewDecoder(), gbPairs()
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
	ascii := leadingASCII(raw)
	if ascii == len(raw) {
		return raw, -1
	}
	// Two bytes become three at most, four become four.
	space := a.take(len(raw) + len(raw)/2 + utf8.UTFMax)
	text = append(space[:0], raw[:ascii]...)
	for i := ascii; i < len(raw); {
		if raw[i] < utf8.RuneSelf {
			n := leadingASCII(raw[i:])
			text = append(text, raw[i:i+n]...)
			i += n
			continue
		}
		if pair := d.pair(raw[i:]); pair != 0 {
			text = appendPair(text, pair)
			i += 2
			continue
		}
		char, size, ok := d.gbChar(raw[i:])
		if !ok {
			return nil, i
		}
		text = append(text, char...)
		i += size
	}
	a.release(len(space) - len(text))
	return text, -1
}

// leadingASCII returns how many bytes of b come before the first that is none.
func leadingASCII(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if (b[i]|b[i+1]|b[i+2]|b[i+3]|b[i+4]|b[i+5]|b[i+6]|b[i+7])&0x80 != 0 {
			break
		}
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

// The two-byte characters of GB18030 begin with 81–FE and go on with 40–FE.
const (
	gbLead, gbTrail = 0x81, 0x40
	gbTrails        = 0xFF - gbTrail
)

// gbPairs holds every two-byte character as UTF-8, first byte lowest, with its
// length in the highest byte; 0 where there is none. It is filled from the
// library, which it is several times as fast as.
var gbPairs = sync.OnceValue(func() []uint32 {
	pairs := make([]uint32, (0xFF-gbLead)*gbTrails)
	d := textDecoder{gb: simplifiedchinese.GB18030.NewDecoder()}
	for lead := gbLead; lead < 0xFF; lead++ {
		for trail := gbTrail; trail < 0xFF; trail++ {
			char, size, ok := d.gbChar([]byte{byte(lead), byte(trail)})
			if !ok || size != 2 || len(char) > 3 {
				continue
			}
			pair := uint32(len(char)) << 24
			for i, c := range char {
				pair |= uint32(c) << (8 * i)
			}
			pairs[(lead-gbLead)*gbTrails+trail-gbTrail] = pair
		}
	}
	return pairs
})

// pair looks up the two-byte character that raw begins with, or 0.
func (d *textDecoder) pair(raw []byte) uint32 {
	if len(raw) < 2 || raw[0] < gbLead || raw[0] == 0xFF || raw[1] < gbTrail || raw[1] == 0xFF {
		return 0
	}
	return d.pairs[int(raw[0]-gbLead)*gbTrails+int(raw[1]-gbTrail)]
}

func appendPair(b []byte, pair uint32) []byte {
	b = append(b, byte(pair), byte(pair>>8))
	if pair>>24 == 3 {
		b = append(b, byte(pair>>16))
	}
	return b
}

// gbReplacement is how GB18030 writes U+FFFD, which the library also returns
// for what it cannot read; only the bytes tell the two apart.
const gbReplacement = "\x84\x31\xA4\x37"

// gbChar decodes the first character of raw by itself.
func (d *textDecoder) gbChar(raw []byte) (char []byte, size int, ok bool) {
	size = gbSize(raw)
	if size == 0 {
		return nil, 1, false
	}
	out := make([]byte, 2*utf8.UTFMax)
	d.gb.Reset()
	n, _, err := d.gb.Transform(out, raw[:size], true)
	char = out[:n]
	isBad := err != nil || string(char) == "\uFFFD" && string(raw[:size]) != gbReplacement
	if isBad || utf8.RuneCount(char) != 1 {
		return nil, 1, false
	}
	return char, size, true
}

// gbSize is the length of the character that raw begins with, by the structure
// of GB 18030: one byte below 80, two bytes 81–FE 40–FE, four bytes
// 81–FE 30–39 81–FE 30–39; and 80 alone, the euro sign of Windows code page 936.
// It is 0 when raw begins with no character.
func gbSize(raw []byte) int {
	isLead := func(c byte) bool { return gbLead <= c && c <= 0xFE }
	isDigit := func(c byte) bool { return '0' <= c && c <= '9' }
	switch {
	case raw[0] <= 0x80:
		return 1
	case !isLead(raw[0]) || len(raw) < 2:
		return 0
	case gbTrail <= raw[1] && raw[1] <= 0xFE && raw[1] != 0x7F:
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
		char, size, ok := d.next(raw)
		if ok {
			out = append(out, char...)
		} else {
			out = fmt.Appendf(out, `\x%02X`, raw[0])
		}
		raw = raw[size:]
	}
	return out
}

func (d *textDecoder) next(raw []byte) (char []byte, size int, ok bool) {
	if d.gb != nil {
		return d.gbChar(raw)
	}
	r, size := utf8.DecodeRune(raw)
	return raw[:size], size, r != utf8.RuneError || size > 1
}
