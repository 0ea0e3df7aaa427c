package credit_test

import (
	"testing"

	"pgregory.net/rapid"

	"rongxin/internal/credit"
)

func TestNormalizeCode(t *testing.T) {
	const want = "91330100799655058B"
	for _, in := range []string{
		want, " 91330100799655058B\r\n", "91330100799655058b", "91 330100 79965505 8B", "91330100-79965505-8-B",
		"９１３３０１００７９９６５５０５８Ｂ", "９１３３０１００７９９６５５０５８ｂ", "91330100—799655058B", "\ufeff91330100\u200b799655058B",
		"91330100\u00a0799655058\u3000B", "统一社会信用代码：91330100799655058B", "代码 : 91330100799655058B", "'91330100799655058B",
		"单位：某公司，代码：91330100799655058B",
	} {
		if got := credit.NormalizeCode(in); got != want {
			t.Errorf("NormalizeCode(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"9135O1OOM": "9135O1OOM", // a correction is not a normalisation
		"":          "", " - ": "", "统一社会信用代码：": "", "无": "无",
	} {
		if got := credit.NormalizeCode(in); got != want {
			t.Errorf("NormalizeCode(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNormalizeCodeTwiceIsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := credit.NormalizeCode(rapid.String().Draw(t, "text"))
		if twice := credit.NormalizeCode(once); twice != once {
			t.Fatalf("%q becomes %q", once, twice)
		}
	})
}
