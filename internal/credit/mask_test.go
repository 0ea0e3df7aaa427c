package credit_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"rongxin/internal/credit"
)

func TestMask(t *testing.T) {
	tests := []struct {
		in          string
		left, right int
		want        string
	}{
		{"陈某某", 1, 0, "陈**"},
		{"陈", 1, 0, "*"},
		{"350102190001010015", 1, 1, "3****************5"},
		{"350102190001010015", 6, 4, "350102********0015"},
		{"13800000000", 3, 4, "138****0000"},
		{"1380000", 3, 4, "*******"},
		{"1380000", 0, 0, "*******"},
		{"1380000", -1, 2, "*****00"},
		{"", 1, 1, ""},
	}
	for _, tt := range tests {
		if got := credit.Mask(tt.in, tt.left, tt.right); got != tt.want {
			t.Errorf("Mask(%q, %d, %d) = %q, want %q", tt.in, tt.left, tt.right, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[\p{Han}a-z]{1,20}`).Draw(t, "text")
		masked := credit.Mask(s, rapid.IntRange(-1, 12).Draw(t, "left"), rapid.IntRange(-1, 12).Draw(t, "right"))
		if utf8.RuneCountInString(masked) != utf8.RuneCountInString(s) || !strings.Contains(masked, "*") {
			t.Fatalf("%q masked as %q", s, masked)
		}
	})
}

func TestMaskIDs(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"none", "当事人张某，罚款2000元", "当事人张某，罚款2000元"},
		{"18 digits", "张某（身份证350102190001010015）违法", "张某（身份证3****************5）违法"},
		{"ending in x", "35010219000101004x", "3****************x"},
		{"wrong check", "身份证350102190001010010", "身份证3****************0"},
		{"impossible date", "35010019000229001X", "3****************X"},
		{"15 digits", "旧证350102600101001号", "旧证3*************1号"},
		{"full width", "３５０１０２１９０００１０１００１５", "３****************５"},
		{"two", "350102190001010015,350102190001010015", "3****************5,3****************5"},
		{"credit code", "福建某公司（91350100M000100Y43）", "福建某公司（91350100M000100Y43）"},
		{"credit code of digits", "事业单位123502001549897397、企业913502000728319549", "事业单位123502001549897397、企业913502000728319549"},
		{"registration number", "注册号350100100000017", "注册号350100100000017"},
		{"longer run", "单号3501021900010100151", "单号3501021900010100151"},
		{"not a province", "990102190001010015", "990102190001010015"},
		{"undecodable", "\xff350102190001010015\xff", "\xff3****************5\xff"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := credit.MaskIDs(tt.in); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// What the quick look passes over holds nothing to mask, and it passes over no
// run of digits wherever it stands.
func TestMayHoldPersonID(t *testing.T) {
	for before := range 40 {
		for digits := range 20 {
			text := strings.Repeat("9", before%3) + strings.Repeat("x", before) + strings.Repeat("1", digits) + "，号"
			if got := credit.MayHoldPersonID([]byte(text)); got != (digits >= 15) {
				t.Errorf("%q: %t", text, got)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([0-9]{0,20}|3[0-9]{16}[0-9X]|[０-９，。\x{FF0F}\x{FF1A}A-Z]{0,3}|福州|[0-9]{14}０){0,6}`).Draw(t, "text")
		if !credit.MayHoldPersonID([]byte(text)) && credit.MaskIDs(text) != text {
			t.Fatalf("%q is passed over, masked it is %q", text, credit.MaskIDs(text))
		}
	})
}
