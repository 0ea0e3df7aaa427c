package credit_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"rongxin/internal/credit"
)

func FuzzCheckCode(f *testing.F) {
	for _, v := range readVectors(f)[:40] {
		f.Add(v.code)
	}
	for _, text := range []string{"", "统一社会信用代码：", "９１３５", "000000000000000000", "\xff\xfe", "9I35OIOOMA8TOOOI6W", "350102190001010015"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := credit.CheckCode(text)
		if c.Code != credit.NormalizeCode(c.Code) || c.Status != credit.ClassifyCode(c.Code) {
			t.Errorf("%q: %+v", text, c)
		}
		if c.Reasons == nil || c.Suggestions == nil || len(c.Suggestions) > 5 {
			t.Errorf("%q: %+v", text, c)
		}
		bothPass := c.OuterCheck == credit.CheckPass && c.InnerCheck == credit.CheckPass
		if c.Status == credit.CodeValid && (!bothPass || len(c.Suggestions) > 0) || c.Status != credit.CodeValid && len(c.Reasons) == 0 {
			t.Errorf("%q: %+v", text, c)
		}
		for _, s := range c.Suggestions {
			if credit.ClassifyCode(s) != credit.CodeValid {
				t.Errorf("%q: suggested %q", text, s)
			}
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, text := range []string{"2026-01-02", "2026/1/2", "20260102", "2026年1月2日", "2026-01-02 15:04:05", "2026-02-29", "", "20261", "2026-1-2T1:2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := credit.ParseDate(text)
		if err != nil {
			return
		}
		want, err := time.Parse(time.DateOnly, d.String())
		if err != nil || !d.Time().Equal(want) {
			t.Errorf("%q is %s: %v", text, d, err)
		}
	})
}

func FuzzMaskIDs(f *testing.F) {
	for _, text := range []string{"", "张某350102190001010015", "３５０１０２１９０００１０１００１５", "\xff350102600101001", "91350100M000100Y43", "350102 1900-0101 0015", "1234567890123456735010219000101001X", "+86 13900001234 E12345678"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, mask := range []func(string) string{credit.MaskIDs, credit.MaskPersonal} {
			masked := mask(text)
			if again := mask(masked); again != masked {
				t.Errorf("%q: %q, then %q", text, masked, again)
			}
			if utf8.RuneCountInString(masked) != utf8.RuneCountInString(text) {
				t.Errorf("%q: %q has another length", text, masked)
			}
		}
	})
}
