package ingest

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// validUTF8 says what utf8.Valid says, wherever a character stands.
func TestValidUTF8(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	parts := []string{"福", "州", "，", "a", "12345678", "é", "\U00020000", "\uFFFD", "\u0800", "\uD7FF", "\uE000",
		"\xE0\x9F\xBF", "\xED\xA0\x80", "\xE0\xA0\x80", "\xE7\xA6", "\x80", "\xC0\xAF", "\xF4\x90\x80\x80", "\xFF", "\xE7\xA6\x8F"}
	for range 100_000 {
		var b strings.Builder
		for range dice.IntN(8) {
			b.WriteString(parts[dice.IntN(len(parts)>>dice.IntN(2))])
		}
		if got, want := validUTF8([]byte(b.String())), utf8.ValidString(b.String()); got != want {
			t.Fatalf("%q: %t", b.String(), got)
		}
	}
	for a := range 256 { // every first two bytes of three
		for b := range 256 {
			text := []byte{byte(a), byte(b), 0x80, 0xE7, 0xA6, 0x8F, 'x', 'y', 'z'}
			if validUTF8(text) != utf8.Valid(text) {
				t.Errorf("% X", text)
			}
		}
	}
}

func BenchmarkValidUTF8(b *testing.B) {
	text := []byte(strings.Repeat("福州鼓楼华兴贸易有限公司,法人及非法人组织,91350100MA00000123,2026-01-31,,,,\"，执法人员在鼓楼区东方路12号检查发现\",", 2000))
	for name, valid := range map[string]func([]byte) bool{"library": utf8.Valid, "quick": validUTF8} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				valid(text)
			}
		})
	}
}
