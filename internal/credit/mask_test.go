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

// CountDigits counts eight bytes at a time; here they are looked at one by one.
func TestCountDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := []string{"0", "5", "9", "/", ":", "０", "９", "／", "：", "a", "福", "，", "\xEF", "\xBC", "\x90", "\xB5", "\xFF", "\x00"}
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 40).Draw(t, "text"), "")
		want := 0
		for i := range len(text) {
			isWide := i+2 < len(text) && text[i:i+2] == "\xEF\xBC" && '\x90' <= text[i+2] && text[i+2] <= '\x99'
			if '0' <= text[i] && text[i] <= '9' || isWide {
				want++
			}
		}
		if got := credit.CountDigits([]byte(text)); got != want {
			t.Fatalf("%q: %d, want %d", text, got, want)
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
		{"longer run", "单号3501021900010100151", "单号3****************51"},
		{"longer run, no id in it", "单号3501021900010100101", "单号3501021900010100101"},
		{"two in one run", "350102190001010015350102190001010015", "3****************53****************5"},
		{"after letters", "ID350102190001010015", "ID3****************5"},
		{"in a digest", "a350102190001010010b", "a350102190001010010b"},
		{"blanks and hyphens", "350102 1900-0101 0015", "3***** ****-**** ***5"},
		{"full width with blanks", "３５０１０２　１９０００１０１　００１５", "３*****　********　***５"},
		{"15 with blanks", "350102 600101 001", "3***** ****** **1"},
		{"after a telephone", "13900000000 350102190001010015", "13900000000 3****************5"},
		{"dates are none", "2026-05-20 2026-06-30 35", "2026-05-20 2026-06-30 35"},
		{"telephone", "13900000000", "13900000000"},
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

func TestMaskPersonal(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"id", "张某350102190001010015", "张某3****************5"},
		{"mobile", "电话13900001234。", "电话139****1234。"},
		{"mobile with blanks", "139 0000-1234", "139 ****-1234"},
		{"mobile of full width", "１３９００００１２３４", "１３９****１２３４"},
		{"mobile from abroad", "+8613900001234", "+86139****1234"},
		{"longer", "单号139000012345", "单号139000012345"},
		{"passport", "护照E12345678", "护照E*******8"},
		{"permit", "通行证H1234567890，", "通行证H*********0，"},
		{"code", "91350102MA8T00219E", "91350102MA8T00219E"},
		{"money and dates", "罚款1390000元，2026-05-20", "罚款1390000元，2026-05-20"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := credit.MaskPersonal(tt.in); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// A commitment code is no person's number, though 18 of its digits would pass.
func TestMaskWholeIDs(t *testing.T) {
	for text, want := range map[string]string{
		"350102190001010015":     credit.MaskIDs("350102190001010015"),
		"证号 350102190001010015。": credit.MaskIDs("证号 350102190001010015。"),
		"35010219000101001523":   "35010219000101001523",
		"12350102190001010015":   "12350102190001010015",
	} {
		if got := credit.MaskWholeIDs(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
