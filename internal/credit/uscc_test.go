package credit_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/internal/credit"
)

type vector struct {
	code, outer, inner, verdict string
}

func readVectors(t testing.TB) []vector {
	t.Helper()
	f, err := os.Open("testdata/uscc_vectors.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	for _, row := range rows[1:] {
		vectors = append(vectors, vector{row[0], row[2], row[3], row[4]})
	}
	if len(vectors) != 102 {
		t.Fatalf("%d vectors, want 102", len(vectors))
	}
	return vectors
}

// wantStatus maps the verdict of the collected vectors, which judges what a
// code is in the world, to ours, which judges what can be computed: whatever
// its origin, a well-formed code that fails exactly one check is suspect.
func wantStatus(v vector) credit.CodeStatus {
	oneFails := v.outer == "pass" && v.inner == "fail" || v.outer == "fail" && v.inner == "pass"
	switch v.verdict {
	case "valid", "real_nonconforming", "invalid":
		switch {
		case oneFails:
			return credit.CodeSuspect
		case v.verdict == "valid":
			return credit.CodeValid
		}
		return credit.CodeInvalid
	case "check_ok_category_bad", "valid_after_cleanup":
		return credit.CodeValid
	case "check_ok_but_reject":
		return credit.CodeInvalid
	}
	return "unknown verdict " + credit.CodeStatus(v.verdict)
}

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		t.Run(v.code, func(t *testing.T) {
			got := vector{v.code, string(credit.OuterCheck(v.code)), string(credit.InnerCheck(v.code)), v.verdict}
			if diff := cmp.Diff(v, got, cmp.AllowUnexported(vector{})); diff != "" {
				t.Error("the checks on the text as it is:", diff)
			}
			c := credit.CheckCode(v.code)
			if c.Status != wantStatus(v) {
				t.Errorf("status %s, want %s", c.Status, wantStatus(v))
			}
			if again := credit.ClassifyCode(c.Code); again != c.Status {
				t.Errorf("ClassifyCode says %s, CheckCode %s", again, c.Status)
			}
			if v.verdict == "valid_after_cleanup" {
				if credit.ClassifyCode(v.code) != credit.CodeInvalid {
					t.Error("the text is valid without cleaning")
				}
			}
			category := v.verdict != "check_ok_category_bad"
			if c.Status == credit.CodeValid && category && len(c.Reasons) > 0 {
				t.Errorf("valid, but with reasons %v", c.Reasons)
			}
		})
	}
}

func TestFieldVectors(t *testing.T) {
	valid := `91350200MA2YJ1XR9G 91350200776049653A 913502000728319549 9135021359498494XQ 91230500MA1B3N1N2M
		11230500001755309F 123502001549897397 91110000600037341L 9151010032159783XA 91110108582533228W
		91511025206762369T 11420000MB15291767 91440101MA5CJQ4N59
		91350100MA8T00016W 91350102MA8T00024L 92350103MA8T00032T 93350121MA8T00040L 11350100000000019N
		12350100000000027E 51350100500000015Y 52350100500000023N 53350100500000031E 313501000000000435
		81350100000000051T N2350121MF00000136 Y1350100MF0000021E A135010000000006XG`
	for _, code := range strings.Fields(valid) {
		if c := credit.CheckCode(code); c.Status != credit.CodeValid || c.OuterCheck != "pass" || c.InnerCheck != "pass" {
			t.Errorf("%s: %+v", code, c)
		}
	}
}

func TestCheckCode(t *testing.T) {
	tests := []struct {
		in   string
		want credit.CodeCheck
	}{
		{"91350100M000100Y43", credit.CodeCheck{Status: "valid", OuterCheck: "pass", InnerCheck: "pass", Category: "91", Division: "350100"}},
		{"91110000600037341N", credit.CodeCheck{Status: "suspect", OuterCheck: "fail", InnerCheck: "pass", Category: "91", Division: "110000",
			Reasons: []string{"OUTER_CHECK_FAILED"}}},
		{"91350203M0001QAY9B", credit.CodeCheck{Status: "suspect", OuterCheck: "fail", InnerCheck: "pass", Category: "91", Division: "350203",
			Reasons: []string{"OUTER_CHECK_FAILED"}}},
		{"911101005JLR20JR60", credit.CodeCheck{Status: "suspect", OuterCheck: "pass", InnerCheck: "fail", Category: "91", Division: "110100",
			Reasons: []string{"INNER_CHECK_FAILED"}}},
		{"9111000060003IOZSV", credit.CodeCheck{Status: "invalid", OuterCheck: "n/a", InnerCheck: "fail", Category: "91", Division: "110000",
			Reasons: []string{"WRONG_LETTER", "INNER_CHECK_FAILED"}}},
		{"91320100250571846X", credit.CodeCheck{Status: "invalid", OuterCheck: "fail", InnerCheck: "fail", Category: "91", Division: "320100",
			Reasons: []string{"OUTER_CHECK_FAILED", "INNER_CHECK_FAILED"}}},
		{"00000000000000000X", credit.CodeCheck{Status: "invalid", OuterCheck: "fail", InnerCheck: "pass", Category: "00", Division: "000000",
			Reasons: []string{"PLACEHOLDER", "OUTER_CHECK_FAILED", "UNKNOWN_CATEGORY", "UNKNOWN_DIVISION"}}},
		{"9A350100M000100Y47", credit.CodeCheck{Status: "valid", OuterCheck: "pass", InnerCheck: "pass", Category: "9A", Division: "350100",
			Reasons: []string{"UNKNOWN_CATEGORY"}}},
		{"12345", credit.CodeCheck{Status: "invalid", OuterCheck: "n/a", InnerCheck: "n/a", Reasons: []string{"WRONG_LENGTH"}}},
		{"", credit.CodeCheck{Status: "invalid", OuterCheck: "n/a", InnerCheck: "n/a", Reasons: []string{"EMPTY"}}},
		{"无", credit.CodeCheck{Status: "invalid", OuterCheck: "n/a", InnerCheck: "n/a", Reasons: []string{"WRONG_LENGTH", "WRONG_LETTER", "PLACEHOLDER"}}},
		{"福州市鼓楼区", credit.CodeCheck{Status: "invalid", OuterCheck: "n/a", InnerCheck: "n/a", Reasons: []string{"WRONG_LENGTH", "WRONG_LETTER"}}},
		{"350100100000017", credit.CodeCheck{Status: "invalid", OuterCheck: "n/a", InnerCheck: "n/a", Reasons: []string{"WRONG_LENGTH", "REGISTRATION_NO"}}},
		{"600037341", credit.CodeCheck{Status: "invalid", OuterCheck: "n/a", InnerCheck: "n/a", Reasons: []string{"WRONG_LENGTH", "ORG_CODE"}}},
	}
	for _, tt := range tests {
		got := credit.CheckCode(tt.in)
		tt.want.Code = tt.in
		if tt.want.Reasons == nil {
			tt.want.Reasons = []string{}
		}
		tt.want.Suggestions = got.Suggestions // TestSuggestions looks at these
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.in, diff)
		}
	}
}

func TestPersonIDInPlaceOfACode(t *testing.T) {
	c := credit.CheckCode("350102190001010015")
	want := []string{"OUTER_CHECK_FAILED", "INNER_CHECK_FAILED", "PERSON_ID", "UNKNOWN_DIVISION"}
	if diff := cmp.Diff(want, c.Reasons); c.Status != credit.CodeInvalid || diff != "" {
		t.Errorf("%s %s", c.Status, diff)
	}
	if len(c.Suggestions) > 0 {
		t.Errorf("suggested %v for a person", c.Suggestions)
	}
}

func TestCodeCheckJSON(t *testing.T) {
	got, err := json.Marshal(credit.CheckCode("12345"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"code":"12345","status":"invalid","outer_check":"n/a","inner_check":"n/a",` +
		`"reasons":["WRONG_LENGTH"],"suggestions":[],"category":"","division":""}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestNewCode(t *testing.T) {
	tests := []struct {
		first8, org8, want string
	}{
		{"91350100", "MA8T0001", "91350100MA8T00016W"},
		{"A1350100", "00000006", "A135010000000006XG"},
		{"9135010", "MA8T0001", ""},
		{"91350100", "MA8T000", ""},
		{"91350100", "MA8T000O", ""}, // O is a sign of GB 11714 but not of GB 32100
		{"9I350100", "MA8T0001", ""},
	}
	for _, tt := range tests {
		got, ok := credit.NewCode(tt.first8, tt.org8)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("NewCode(%q, %q) = %q, %v; want %q", tt.first8, tt.org8, got, ok, tt.want)
		}
	}
}

// The outer check finds every single wrong sign and every swap of neighbours,
// because 31 is prime and neighbouring weights differ; so no such slip can
// turn one valid code into another.
func TestOneSlipIsNeverValid(t *testing.T) {
	const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	rapid.Check(t, func(t *rapid.T) {
		code := validCode(t)
		i := rapid.IntRange(0, 17).Draw(t, "place")
		for _, sign := range []byte(signs) {
			wrong := code[:i] + string(sign) + code[i+1:]
			if sign != code[i] && credit.ClassifyCode(wrong) == credit.CodeValid {
				t.Fatalf("%s and %s are both valid", code, wrong)
			}
		}
		if i < 17 && code[i] != code[i+1] {
			wrong := code[:i] + code[i+1:i+2] + code[i:i+1] + code[i+2:]
			if credit.ClassifyCode(wrong) == credit.CodeValid {
				t.Fatalf("%s and %s are both valid", code, wrong)
			}
		}
	})
}

// validCode draws a code of a Fuzhou division, a common category and an
// organisation code of digits or with a letter first.
func validCode(t *rapid.T) string {
	signs := []rune("0123456789ABCDEFGHJKLMNPQRTUWXY")
	category := rapid.SampledFrom([]string{"11", "12", "51", "52", "91", "92", "93"}).Draw(t, "category")
	division := rapid.SampledFrom(credit.FuzhouDivisions()).Draw(t, "division").Code
	org := rapid.OneOf(
		rapid.StringMatching(`[0-9]{7}[1-9]`),
		rapid.StringMatching(`MA[0-9A-H][0-9A-H][0-9]{4}`),
		rapid.StringOfN(rapid.RuneFrom(signs[10:]), 1, 1, 1),
	).Draw(t, "org")
	org += rapid.StringOfN(rapid.RuneFrom(signs), 8-len(org), 8-len(org), 8).Draw(t, "rest of org")
	code, ok := credit.NewCode(category+division, org)
	if !ok || credit.ClassifyCode(code) != credit.CodeValid {
		t.Fatalf("%s %s %s: NewCode made %q", category, division, org, code)
	}
	return code
}
