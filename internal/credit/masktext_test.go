package credit

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The quick look never hides a document from the expression.
func TestMayHoldDocument(t *testing.T) {
	around := rapid.StringMatching(`[ ,福E1.]{0,3}`)
	document := rapid.StringMatching(`[DEGPSdegps\x{17F}][0-9]{8}|[Ee][A-Za-z\x{17F}\x{212A}][0-9]{7}|[HMhm][0-9]{8}([0-9]{2})?`)
	rapid.Check(t, func(t *rapid.T) {
		text := around.Draw(t, "before") + document.Draw(t, "document") + around.Draw(t, "after")
		if travelDocument.MatchString(text) && !mayHoldDocument(text) {
			t.Fatalf("%q", text)
		}
	})
	if text := "E12345678"; !travelDocument.MatchString(text) || !mayHoldDocument(text) {
		t.Error(text)
	}
	if mayHoldDocument("福州鼓楼,91350100MA00000123,11350108MA01243920,2026-01-31") {
		t.Error("codes are taken for documents")
	}
}

// Nor does it hide a chain that is long enough.
func TestMayHoldNumber(t *testing.T) {
	parts := []string{"1", "138", "3501", "０", "９", " ", "-", "—", "\u00A0", "\U000E0001", ".", "·", "x", "X", "福", "，", ",", "\xEF", "\xEF\xBC"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 24).Draw(t, "text"), "")
		for c := range chains(text) {
			if len(c.digits) >= leastNumber && !mayHoldNumber(text) {
				t.Fatalf("%q", text)
			}
		}
	})
	if text := "138 0000-0000"; !mayHoldNumber(text) || MaskPersonal(text) == text {
		t.Error(text)
	}
	if mayHoldNumber("2025-06-06，执法人员在闽清区博华路39号检查发现，经营场所内使用的三台电子计价秤未经检定合格") {
		t.Error("a day and a house number are taken for one")
	}
}
