// Package gb18030 decodes the encoding of most departments' extracts. It reads
// what golang.org/x/text reads, from which its tables are filled, at several
// times the speed, and tells the place of the first byte that does not decode.
package gb18030

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// By GB 18030 a character is one byte below 80, two bytes 81–FE 40–FE or four
// bytes 81–FE 30–39 81–FE 30–39. Besides, 80 alone is the euro sign, as in
// Windows code page 936. Characters of four bytes are numbered from 81308130.
const (
	perLead = 10 * 126 * 10 // numbers that begin with the same byte
	plane0  = 39420         // the numbers below are U+0080 to U+FFFF
	astral  = 15 * perLead  // 90308130 is U+10000; the others follow
)

// tables hold what x/text makes of the characters of two bytes and of those of
// four bytes up to U+FFFF.
type tables struct {
	// pairs has UTF-8, three bytes at most, first byte lowest, and its length in the
	// highest byte, by the two bytes as a number, the first lowest; 0 where there is
	// none.
	pairs [1 << 16]uint32
	fours [plane0]uint16 // by number
}

var load = sync.OnceValue(func() *tables {
	t := new(tables)
	library := simplifiedchinese.GB18030.NewDecoder()
	out := make([]byte, 2*utf8.UTFMax)
	look := func(raw ...byte) []byte {
		n, _, err := library.Transform(out, raw, true)
		if err != nil || string(out[:n]) == "\uFFFD" && string(raw) != replacement || utf8.RuneCount(out[:n]) != 1 {
			return nil
		}
		return out[:n]
	}
	for lead := 0x81; lead <= 0xFE; lead++ {
		for trail := 0x40; trail <= 0xFE; trail++ {
			char := look(byte(lead), byte(trail))
			for i, c := range char {
				t.pairs[trail<<8|lead] |= uint32(c)<<(8*i) | uint32(len(char))<<24
			}
		}
	}
	for n := range t.fours {
		r, _ := utf8.DecodeRune(look(byte(0x81+n/perLead), byte('0'+n/1260%10), byte(0x81+n/10%126), byte('0'+n%10)))
		t.fours[n] = uint16(r)
	}
	return t
})

// replacement is how GB 18030 writes U+FFFD, which x/text also returns for what
// it cannot read; only the bytes tell the two apart.
const replacement = "\x84\x31\xA4\x37"

// Append appends src as UTF-8. It stops at the first byte that does not decode;
// bad is its place in src, or -1. It allocates nothing when dst has room for
// [Room] bytes more, as long as there are no euro signs of one byte.
func Append(dst, src []byte) (out []byte, bad int) {
	t := load()
	i, o := 0, len(dst)
	dst = slices.Grow(dst, Room(len(src)))
	dst = dst[:cap(dst)]
	for i < len(src) {
		for i+4 <= len(src) { // Chinese text: two characters of two bytes at a time
			four := binary.LittleEndian.Uint32(src[i:])
			first, second := t.pairs[four&0xFFFF], t.pairs[four>>16]
			if first == 0 || second == 0 {
				break
			}
			to := dst[o : o+8]
			binary.LittleEndian.PutUint32(to, first)
			binary.LittleEndian.PutUint32(to[first>>24&3:], second)
			i, o = i+4, o+int(first>>24+second>>24)
		}
		switch {
		case i == len(src):
			return dst[:o], -1
		case src[i] < utf8.RuneSelf && i+8 <= len(src): // all eight are stored, those before the first that is not ASCII count
			eight := binary.LittleEndian.Uint64(src[i:])
			binary.LittleEndian.PutUint64(dst[o:], eight)
			n := bits.TrailingZeros64(eight&0x8080808080808080) / 8
			i, o = i+n, o+n
			continue
		case src[i] < utf8.RuneSelf:
			dst[o] = src[i]
			i, o = i+1, o+1
			continue
		case i+2 <= len(src):
			if pair := t.pairs[binary.LittleEndian.Uint16(src[i:])]; pair != 0 {
				binary.LittleEndian.PutUint32(dst[o:], pair)
				i, o = i+2, o+int(pair>>24)
				continue
			}
		}
		r, size := t.rare(src[i:])
		if size == 0 {
			return dst[:o], i
		}
		i += size
		dst = slices.Grow(utf8.AppendRune(dst[:o], r), Room(len(src)-i))
		o, dst = len(dst), dst[:cap(dst)]
	}
	return dst[:o], -1
}

// Room is how many bytes n bytes may take when decoded, and a few that Append
// writes beyond the end.
func Room(n int) int { return n + n/2 + 8 }

// Trail is the lowest second byte of a character of two bytes. ASCII signs from
// there on may be part of a character.
const Trail = 0x40

// Size returns the size of the character that src begins with, by the form of
// its bytes, whether or not it stands for anything; 0 when they have no form.
func Size(src []byte) int {
	switch {
	case src[0] <= 0x80:
		return 1
	case !isLead(src[0]) || len(src) < 2:
		return 0
	case Trail <= src[1] && src[1] <= 0xFE && src[1] != 0x7F:
		return 2
	case len(src) >= 4 && isDigit(src[1]) && isLead(src[2]) && isDigit(src[3]):
		return 4
	}
	return 0
}

func isLead(c byte) bool  { return 0x81 <= c && c <= 0xFE }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// rare decodes a character that is neither ASCII nor of two bytes; size is 0
// when it is none.
func (t *tables) rare(src []byte) (r rune, size int) {
	if src[0] == 0x80 {
		return '€', 1
	}
	if Size(src) != 4 {
		return 0, 0
	}
	n := int(src[0]-0x81)*perLead + int(src[1]-'0')*1260 + int(src[2]-0x81)*10 + int(src[3]-'0')
	switch {
	case n < plane0:
		return rune(t.fours[n]), 4
	case n >= astral && n-astral+0x10000 <= utf8.MaxRune:
		return rune(n - astral + 0x10000), 4
	}
	return 0, 0
}
