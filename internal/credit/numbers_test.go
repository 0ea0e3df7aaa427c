package credit_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/internal/credit"
)

func TestRegistrationNo(t *testing.T) {
	for number, want := range map[string]bool{
		"110108000000016":  true,
		"350100100000017":  true,
		"350100100000018":  false,
		"35010010000001":   false,
		"3501001000000171": false,
		"35010010000001X":  false,
		"000000000000000":  false,
		"":                 false,
	} {
		if got := credit.ValidRegistrationNo(number); got != want {
			t.Errorf("ValidRegistrationNo(%q) = %v", number, got)
		}
	}
	if _, ok := credit.RegistrationCheckDigit("3501001000000A"); ok {
		t.Error("a letter has a check digit")
	}
	rapid.Check(t, func(t *rapid.T) {
		first14 := rapid.StringMatching(`[1-6][0-9]{13}`).Draw(t, "number")
		digit, ok := credit.RegistrationCheckDigit(first14)
		for d := byte('0'); ok && d <= '9'; d++ {
			number := first14 + string(d)
			if got := credit.ValidRegistrationNo(number); got != (d == digit) && strings.Trim(number, number[:1]) != "" {
				t.Fatalf("%s: %v, check digit %c", number, got, digit)
			}
		}
	})
}

func TestOrgCode(t *testing.T) {
	for code, want := range map[string]bool{
		"60003734-1": true,
		"600037341":  true,
		"59498494X":  true,
		"MA8T00016":  true,
		"600037342":  false,
		"6000373-41": false,
		"60003734":   false,
		"00000000-0": false,
		"":           false,
		"福州市":        false,
	} {
		if got := credit.ValidOrgCode(code); got != want {
			t.Errorf("ValidOrgCode(%q) = %v", code, got)
		}
	}
}

func TestPersonID(t *testing.T) {
	tests := []struct {
		id   string
		want credit.PersonID
		err  string
	}{
		{"350102190001010015", credit.PersonID{Division: "350102", Born: credit.NewDate(1900, 1, 1), Male: true}, ""},
		{"360426199101010071", credit.PersonID{Division: "360426", Born: credit.NewDate(1991, 1, 1), Male: true}, ""},
		{"35010019000229001X", credit.PersonID{}, "no such birth date"},
		{"35010019000229001x", credit.PersonID{}, "no such birth date"},
		{"531501020103010268", credit.PersonID{}, "no such birth date"}, // year 103
		{"350102190001010016", credit.PersonID{}, "check character"},
		{"990102190001010015", credit.PersonID{}, "province"},
		{"350102000101001", credit.PersonID{}, "15-digit"},
		{"35010219000101001A", credit.PersonID{}, "not 17 digits"},
		{"3501021900X1010015", credit.PersonID{}, "not 17 digits"},
		{"", credit.PersonID{}, "not 17 digits"},
	}
	for _, tt := range tests {
		got, err := credit.ParsePersonID(tt.id)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.id, diff)
		}
		switch {
		case tt.err == "" && err != nil, tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("%s: error %v, want one with %q", tt.id, err, tt.err)
		case err != nil && tt.id != "" && strings.Contains(err.Error(), tt.id):
			t.Errorf("the error repeats the number: %v", err)
		}
	}
}

// One person, one number, however it is written.
func TestNormalizePersonID(t *testing.T) {
	tests := []struct {
		in   string
		kind credit.PersonIDKind
		want string
	}{
		{"350102190001010015", credit.ResidentID, "350102190001010015"},
		{" ３５０１０２１９０００１０１００１５", credit.ResidentID, "350102190001010015"},
		{"350102 1900-0101 0015", credit.ResidentID, "350102190001010015"},
		{"身份证：350102190001010015", credit.ResidentID, "350102190001010015"},
		{"35010219000101004x", credit.ResidentID, "35010219000101004X"},
		{"350102190001010010", credit.ResidentID, "350102190001010010"}, // a wrong check
		{"350102600101001", credit.ResidentID, "350102196001010012"},
		{"350102601301001", credit.OtherPersonID, "350102601301001"}, // no such month
		{"e1234 5678", credit.OtherPersonID, "E12345678"},
		{"", credit.OtherPersonID, ""},
	}
	for _, tt := range tests {
		if kind, got := credit.NormalizePersonID(tt.in); kind != tt.kind || got != tt.want {
			t.Errorf("NormalizePersonID(%q) = %s %q, want %s %q", tt.in, kind, got, tt.kind, tt.want)
		}
	}
	if _, upgraded := credit.NormalizePersonID("350102600101001"); upgraded != "" {
		if _, err := credit.ParsePersonID(upgraded); err != nil {
			t.Errorf("the upgraded number does not pass its check: %v", err)
		}
	}
}
