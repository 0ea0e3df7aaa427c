package credit

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The quick look never hides a document from the expression.
func TestMayHoldDocument(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		parts := []string{"E", "e", "K", "h", "m", "D", "s", "\u017F", "\u212A", "1", "1234567", "12345678", "123456789", "90", "福", ",", " "}
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 6).Draw(t, "text"), "")
		if travelDocument.MatchString(text) {
			found++
			if !mayHoldDocument(text) {
				t.Fatalf("%q", text)
			}
		}
	})
	if found == 0 {
		t.Error("no text held a document")
	}
	if mayHoldDocument("福州鼓楼,91350100MA00000123,11350108MA01243920,2026-01-31") {
		t.Error("codes are taken for documents")
	}
}
