package credit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/internal/credit"
)

func TestSuggestions(t *testing.T) {
	tests := []struct {
		name, in string
		first    string // the likeliest suggestion; "" for none at all
	}{
		{"letter O for zero", "9135O100M000100Y43", "91350100M000100Y43"},
		{"letters I, O for digits in three places", "9I35O1OOMA8T00016W", "91350100MA8T00016W"},
		{"Z and S", "91ZZ0100799655058B", ""},
		{"Z that is none of its look-alikes", "9133010079965505zB", "91330100799655058B"},
		{"S for 5", "91330100799655OS8B", "91330100799655058B"},
		{"V for U", "91500105MA5VM6TF71", "91500105MA5UM6TF71"},
		{"B for 8", "91350102MABT00024L", "91350102MA8T00024L"},
		{"D for 0 in the division", "9135D100MA8T00016W", "91350100MA8T00016W"},
		{"two neighbours swapped", "91351000MA8T00016W", "91350100MA8T00016W"},
		{"last sign wrong", "91110000600037341N", "91110000600037341L"},
		{"too short", "9135010M000100Y43", ""},
		{"all zeros", "000000000000000000", ""},
		{"six wrong letters", "9I35OIOOMA8TOOOI6W", ""},
		{"valid", "91350100M000100Y43", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := credit.CheckCode(tt.in).Suggestions
			if got == nil {
				t.Fatal("suggestions are nil")
			}
			if tt.first == "" && len(got) > 0 || tt.first != "" && (len(got) == 0 || got[0] != tt.first) {
				t.Errorf("%s: suggested %v, want %q first", tt.in, got, tt.first)
			}
		})
	}
}

// Of codes that fit equally well the check sign comes before the body; those of
// an unknown category or division, or with a letter inside an organisation code
// of digits, come last.
func TestSuggestionOrder(t *testing.T) {
	for in, want := range map[string][]string{
		"91350211M0000XUF46": {"91350211M0000XUF4R", "91350211M00B0XUF46", "93150211M0000XUF46", "91350281M0000XUF46", "91351211M0000XUF46"},
		"91110108717743469L": {"91110108717743469K", "81110108717743469L", "91110108717T43469L", "91110T08717743469L", "9111D108717743469L"},
		// The outer check holds, so no single slip leads to a valid code.
		"911101005JLR20JR60": {},
	} {
		if diff := cmp.Diff(want, credit.CheckCode(in).Suggestions); diff != "" {
			t.Errorf("%s: %s", in, diff)
		}
	}
}

func TestSuggestionsContainTheOriginal(t *testing.T) {
	confused := strings.NewReplacer("1", "I", "0", "O", "2", "Z", "5", "S", "U", "V")
	rapid.Check(t, func(t *rapid.T) {
		code := validCode(t)
		i := rapid.IntRange(0, 16).Draw(t, "place")
		swapped := code[:i] + code[i+1:i+2] + code[i:i+1] + code[i+2:]
		misread := code[:i] + confused.Replace(code[i:i+1]) + code[i+1:]
		for _, wrong := range []string{swapped, misread} {
			c := credit.CheckCode(wrong)
			if wrong == code || slices.Contains(c.Reasons, credit.ReasonPlaceholder) {
				continue
			}
			if !slices.Contains(c.Suggestions, code) {
				t.Fatalf("%s, a slip of %s: suggested %v", wrong, code, c.Suggestions)
			}
			if diff := cmp.Diff(c, credit.CheckCode(wrong)); diff != "" {
				t.Fatal("not deterministic:", diff)
			}
		}
	})
}

func TestSuggestionsAreValidAndFew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[0-9A-Z]{18}`).Draw(t, "code")
		got := credit.CheckCode(code).Suggestions
		if len(got) > 5 {
			t.Fatalf("%d suggestions", len(got))
		}
		for i, s := range got {
			if credit.ClassifyCode(s) != credit.CodeValid || slices.Contains(got[:i], s) {
				t.Fatalf("%s: suggested %v", code, got)
			}
		}
	})
}
