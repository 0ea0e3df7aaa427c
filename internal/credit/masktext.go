package credit

import (
	"encoding/binary"
	"math/bits"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaskIDs masks, by (1, 1), what looks like a resident id number inside a text:
// a run of exactly 18 characters (17 digits and a digit or X) that begins with
// a province, or of 15 digits that also has a possible birth date in places 7
// to 12. The check character is not asked, since a mistyped number still tells
// who is meant; so a few numbers that are no ids are masked too, which is the
// safe side. A number with blanks or hyphens inside must have a birth date as
// well, and one inside a longer run, or attached to letters, its check too. A
// valid unified social credit code stays, unless it is an id number as well.
// Full-width digits count as digits. Masking twice changes nothing.
func MaskIDs(text string) string { return maskNumbers(text, numberChain.residentID) }

// MaskWholeIDs masks what MaskIDs masks but for what stands inside a longer run
// of digits. It is for fields that hold numbers of another kind: one in eleven
// commitment codes, which are 20 digits with a date in their midst, holds 18
// digits that would pass.
func MaskWholeIDs(text string) string {
	return maskNumbers(text, func(c numberChain, i int) (length, left, right int) {
		if length, left, right = c.residentID(i); length > 0 && !c.bounded(i, length) {
			return 0, 0, 0
		}
		return length, left, right
	})
}

// MaskPersonal masks what MaskIDs masks and, by (3, 4), what looks like a mobile
// telephone number (11 digits from 13 up), and, by (1, 1), like the number of a
// Chinese passport or of a permit of Hong Kong, Macau or Taiwan. It is for texts
// in which such a number is not the matter: free text and refused values.
func MaskPersonal(text string) string {
	if CountDigits([]byte(text)) < LeastPersonal {
		return text
	}
	text = MaskIDs(text)
	text = maskNumbers(text, numberChain.mobile)
	if !mayHoldDocument(text) {
		return text
	}
	return travelDocument.ReplaceAllStringFunc(text, func(s string) string { return Mask(s, 1, 1) })
}

// LeastPersonal digits are in every text in which MaskPersonal finds something.
const LeastPersonal = 7

var travelDocument = regexp.MustCompile(`(?i)\b(?:[DEGPS][0-9]{8}|E[A-Z][0-9]{7}|[HM][0-9]{8}(?:[0-9]{2})?)\b`)

// mayHoldDocument is true of every text in which travelDocument finds something,
// and of few others: it knows the letters before seven or eight digits, which may
// also be the long s and the Kelvin sign.
func mayHoldDocument(text string) bool {
	run := 0
	for i := range len(text) {
		if text[i]-'0' > 9 {
			run = 0
			continue
		}
		run++
		if run < 7 || run > 8 || i < run {
			continue
		}
		switch before := text[i-run] | 0x20; {
		case before == 0xBF || before == 0xAA:
			return true
		case run == 7 && i > run && 'a' <= before && before <= 'z' && text[i-run-1]|0x20 == 'e':
			return true
		case run == 8 && strings.IndexByte("deghmps", before) >= 0:
			return true
		}
	}
	return false
}

// CountDigits counts the digits of a text, those of full width included. A text
// of fewer than 15 holds no id number.
func CountDigits(text []byte) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	n, i := 0, 0
	for ; i+8 <= len(text); i += 8 {
		eight := binary.LittleEndian.Uint64(text[i:])
		// The highest bit of each byte tells that it is no digit.
		n += bits.OnesCount64(^((eight^each*'0')&^high + each*(0x7F-9) | eight) & high)
		wide := eight ^ each*0xEF // has a zero byte where one of full width may begin
		for found := (wide - each) &^ wide & high; found != 0; found &= found - 1 {
			if isWideDigit(text[i+bits.TrailingZeros64(found)/8:]) {
				n++
			}
		}
	}
	for ; i < len(text); i++ {
		if text[i]-'0' <= 9 || isWideDigit(text[i:]) {
			n++
		}
	}
	return n
}

// isWideDigit reports a digit of full width, U+FF10 to U+FF19, at the start.
func isWideDigit(text []byte) bool {
	return text[0] == 0xEF && len(text) > 2 && text[1] == 0xBC && text[2]-0x90 <= 9
}

// leastNumber digits has the shortest number that is masked.
const leastNumber = 11

// mayHoldNumber is true of every text with a chain of as many digits, and of few
// others: for any sign that is not ASCII may stand between two digits.
func mayHoldNumber(text string) bool {
	digits, gap := 0, 0 // gap is in bytes
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c-'0' <= 9, c == 0xEF && isWideDigit([]byte(text[i:])):
			if digits++; digits == leastNumber {
				return true
			}
			if gap = 0; c == 0xEF {
				i += 2
			}
		case c >= utf8.RuneSelf, c == ' ', c == '\t', c == '.', c == '-':
			if gap++; gap > maxGap*utf8.UTFMax {
				digits = 0
			}
		default:
			digits = 0
		}
	}
	return false
}

// A digit of a text, or the X that may end an id number.
type digit struct {
	char  byte // in ASCII
	start int  // in the text
	end   int
	apart bool // blanks or hyphens stand between it and the digit before
}

// A numberChain is as many digits as follow each other with nothing but single
// blanks or hyphens between them.
type numberChain struct {
	digits       []digit
	before, tail bool // a letter is attached to it
}

// A finder says whether a number begins at digit i, how many digits it has, and
// how many of them stay clear at either end.
type finder func(c numberChain, i int) (length, left, right int)

// maskNumbers masks every number that find finds. What is left of a run beside
// a masked number may be one itself, so it looks again until there is none.
func maskNumbers(text string, find finder) string {
	for mayHoldNumber(text) {
		var hidden []digit
		for c := range chains(text) {
			for i := 0; i < len(c.digits); i++ {
				if length, left, right := find(c, i); length > 0 {
					hidden = append(hidden, c.digits[i+left:i+length-right]...)
					i += length - 1
				}
			}
		}
		if len(hidden) == 0 {
			return text
		}
		var b strings.Builder
		kept := 0
		for _, d := range hidden {
			b.WriteString(text[kept:d.start])
			b.WriteByte('*')
			kept = d.end
		}
		text = b.String() + text[kept:]
	}
	return text
}

// maxGap blanks or hyphens may stand between two digits of a number.
const maxGap = 2

// chains yields the chains of a text in their order.
func chains(text string) func(yield func(numberChain) bool) {
	return func(yield func(numberChain) bool) {
		var c numberChain
		gap, letter := 0, false // since the last digit; whether the last sign was a letter
		finish := func() bool {
			ok := len(c.digits) == 0 || yield(c)
			c, gap = numberChain{digits: c.digits[:0]}, 0
			return ok
		}
		for start := 0; start < len(text); {
			r, size := utf8.DecodeRuneInString(text[start:])
			r = halfWidthRune(r)
			switch isX := r == 'X' || r == 'x'; {
			case '0' <= r && r <= '9', isX && len(c.digits) >= 17:
				if len(c.digits) == 0 {
					c.before = letter
				}
				c.digits = append(c.digits, digit{byte(unicode.ToUpper(r)), start, start + size, gap > 0})
				gap, letter = 0, false
				if isX && !finish() {
					return
				}
			case len(c.digits) > 0 && gap < maxGap && isGap(r):
				gap++
				letter = false
			default:
				letter = r < utf8.RuneSelf && unicode.IsLetter(r)
				c.tail = letter && gap == 0
				if !finish() {
					return
				}
			}
			start += size
		}
		finish()
	}
}

func isGap(r rune) bool {
	return r == ' ' || r == '\t' || r == '\u00A0' || r == '.' || r == '·' || r == '−' || unicode.Is(unicode.Pd, r) || unicode.Is(unicode.Cf, r)
}

// text returns n digits from i, "" when there are not so many or an X stands
// before the last.
func (c numberChain) text(i, n int) string {
	if i+n > len(c.digits) || slices.ContainsFunc(c.digits[i:i+n-1], func(d digit) bool { return d.char == 'X' }) {
		return ""
	}
	b := make([]byte, n)
	for k, d := range c.digits[i : i+n] {
		b[k] = d.char
	}
	return string(b)
}

// bounded reports that no digit touches the n digits from i.
func (c numberChain) bounded(i, n int) bool {
	return (i == 0 || c.digits[i].apart) && (i+n == len(c.digits) || c.digits[i+n].apart)
}

// attached reports that a letter touches the n digits from i.
func (c numberChain) attached(i, n int) bool {
	return i == 0 && c.before || i+n == len(c.digits) && c.tail
}

func (c numberChain) residentID(i int) (length, left, right int) {
	if id := c.text(i, 18); looksLikePersonID(id) {
		apart := slices.ContainsFunc(c.digits[i+1:i+18], func(d digit) bool { return d.apart })
		_, born := digitDate(id[6:14])
		switch {
		case !c.bounded(i, 18) || c.attached(i, 18):
			born = IsPersonID(id)
		case !apart:
			born = true
		}
		if born {
			return 18, 1, 1
		}
	}
	if id := c.text(i, 15); looksLikePersonID(id) && c.bounded(i, 15) {
		return 15, 1, 1
	}
	return 0, 0, 0
}

func (c numberChain) mobile(i int) (length, left, right int) {
	number := c.text(i, 11)
	if number == "" || number[0] != '1' || number[1] < '3' || number[10] == 'X' {
		return 0, 0, 0
	}
	abroad := i == 2 && c.text(0, 2) == "86" && (len(c.digits) == 13 || c.digits[13].apart)
	if !abroad && (!c.bounded(i, 11) || c.attached(i, 11)) {
		return 0, 0, 0
	}
	return 11, 3, 4
}
