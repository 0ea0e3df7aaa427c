package ingest

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	simd "github.com/segmentio/asm/utf8"
)

// The vector code that checks UTF-8 says what the standard library says, wherever
// a character stands.
func TestValidUTF8(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	parts := []string{"福", "州", "，", "a", "12345678", "é", "\U00020000", "\uFFFD", "\u0800", "\uD7FF", "\uE000",
		"\xE0\x9F\xBF", "\xED\xA0\x80", "\xE0\xA0\x80", "\xE7\xA6", "\x80", "\xC0\xAF", "\xF4\x90\x80\x80", "\xFF", "\xE7\xA6\x8F"}
	for range 100_000 {
		var b strings.Builder
		for range dice.IntN(40) {
			b.WriteString(parts[dice.IntN(len(parts)>>dice.IntN(2))])
		}
		if got, want := simd.Valid([]byte(b.String())), utf8.ValidString(b.String()); got != want {
			t.Fatalf("%q: %t", b.String(), got)
		}
	}
	for a := range 256 { // every first two bytes of three
		for b := range 256 {
			text := append(bytes.Repeat([]byte("福州a"), 12), byte(a), byte(b), 0x80, 0xE7, 0xA6, 0x8F, 'x', 'y', 'z')
			for start := range 40 {
				if simd.Valid(text[start:]) != utf8.Valid(text[start:]) {
					t.Errorf("% X", text[start:])
				}
			}
		}
	}
}

// trim is bytes.TrimSpace of valid text.
func TestTrim(t *testing.T) {
	dice := rand.New(rand.NewPCG(9, 10))
	parts := []string{" ", "\t", "\u3000", "\u00A0", "\u0085", "\u2003", "\u1680", "。", "《", "福", "a", "é", "\U00020000", "\x7F"}
	for range 100_000 {
		var b strings.Builder
		for range dice.IntN(6) {
			b.WriteString(parts[dice.IntN(len(parts))])
		}
		if got, want := string(trim([]byte(b.String()))), strings.TrimSpace(b.String()); got != want {
			t.Fatalf("%q: %q, want %q", b.String(), got, want)
		}
	}
}
