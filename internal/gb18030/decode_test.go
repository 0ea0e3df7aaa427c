package gb18030_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/internal/gb18030"
)

// Every code point is read back from what the library writes for it, alone and
// amid others. For some of private use the library itself does not read what it
// writes; then what it reads counts.
func TestEveryCodePoint(t *testing.T) {
	encoder := simplifiedchinese.GB18030.NewEncoder()
	var all, want []byte
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if r >= 0xD800 && r <= 0xDFFF { // surrogates are no characters
			continue
		}
		char := utf8.AppendRune(nil, r)
		raw, err := encoder.Bytes(char)
		if err != nil {
			t.Fatalf("%U: %v", r, err)
		}
		if 0xE000 <= r && r <= 0xE864 {
			if char, err = library.Bytes(raw); err != nil {
				t.Fatalf("%U: %v", r, err)
			}
		}
		if got, bad := gb18030.Append(nil, raw); bad >= 0 || !bytes.Equal(got, char) {
			t.Fatalf("%U, % X: got %q, bad %d", r, raw, got, bad)
		}
		if size := gb18030.Size(raw); size != len(raw) {
			t.Fatalf("%U, % X: size %d", r, raw, size)
		}
		all, want = append(all, raw...), append(want, char...)
	}
	if got, bad := gb18030.Append([]byte("x"), all); bad >= 0 || !bytes.Equal(got[1:], want) {
		t.Errorf("all code points in a row: bad %d of %d bytes", bad, len(all))
	}
}

// Every one, two and four bytes that could be a character mean the same to the
// library.
func TestEverySequence(t *testing.T) {
	for a := range 256 {
		compare(t, []byte{byte(a)})
		for b := range 256 {
			compare(t, []byte{byte(a), byte(b)})
			for _, c := range []int{0x00, 0x2C, 0x40, 0x80, 0x81, 0xFE, 0xFF} {
				for _, d := range []int{0x00, 0x2F, 0x30, 0x39, 0x3A, 0x81, 0xFF} {
					compare(t, []byte{byte(a), byte(b), byte(c), byte(d)})
				}
			}
		}
	}
	for n := range 126 * 10 * 126 * 10 {
		compare(t, []byte{byte(0x81 + n/12600), byte(0x30 + n/1260%10), byte(0x81 + n/10%126), byte(0x30 + n%10)})
	}
}

// Random bytes mean the same, and euro signs never write past the end.
func TestRandomBytes(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	likely := []byte("a,\"\n0159\x80\x81\x90\xA4\xB0\xB8\xC8\xD6\xFE\xFF")
	for range 200_000 {
		raw := make([]byte, dice.IntN(24))
		for i := range raw {
			raw[i] = likely[dice.IntN(len(likely))]
		}
		compare(t, raw)
	}
	compare(t, bytes.Repeat([]byte{0x80}, 1000))
	compare(t, append(bytes.Repeat([]byte{0x80}, 100), bytes.Repeat([]byte("\xB8\xA3"), 1000)...))
}

// A destination with room is used as it is.
func TestAppendWithRoomAllocatesNothing(t *testing.T) {
	raw := bytes.Repeat([]byte("\xB8\xA3\xD6\xDD,2026-01-31,"), 100)
	space := make([]byte, 0, gb18030.Room(len(raw)))
	if n := testing.AllocsPerRun(100, func() { gb18030.Append(space, raw) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzAppend(f *testing.F) {
	f.Add([]byte("\xB8\xA3\xD6\xDD\xCA\xD0,\x84\x31\xA4\x37\x80\xFF"))
	f.Fuzz(func(t *testing.T, raw []byte) { compare(t, raw) })
}

func compare(t *testing.T, raw []byte) {
	t.Helper()
	got, bad := gb18030.Append(nil, raw)
	if want, wantBad := slow(raw); bad != wantBad || !bytes.Equal(got, want) {
		t.Fatalf("% X: got %q, bad %d; the library says %q, bad %d", raw, got, bad, want, wantBad)
	}
}

var library = simplifiedchinese.GB18030.NewDecoder()

// slow decodes with the library, one character of the standard's form at a time.
func slow(raw []byte) (text []byte, bad int) {
	for i := 0; i < len(raw); {
		rest, size := raw[i:], gb18030.Size(raw[i:])
		if size == 0 {
			return text, i
		}
		char, err := library.Bytes(slices.Clone(rest[:size]))
		if err != nil || strings.ContainsRune(string(char), utf8.RuneError) && string(rest[:size]) != "\x84\x31\xA4\x37" {
			return text, i
		}
		text = append(text, char...)
		i += size
	}
	return text, -1
}

func BenchmarkAppend(b *testing.B) {
	text := strings.Repeat("福州鼓楼华兴贸易有限公司,法人及非法人组织,91350100MA00000123,2026-01-31,,,,\"，执法人员在鼓楼区东方路12号检查发现\",", 2000)
	raw, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		b.Fatal(err)
	}
	space := make([]byte, 2*len(raw)+8)
	b.Run("library", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			library.Reset()
			library.Transform(space, raw, true)
		}
	})
	b.Run("quick", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			gb18030.Append(space[:0], raw)
		}
	})
}
