package credit_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/internal/credit"
)

func TestParseDate(t *testing.T) {
	for _, text := range []string{
		"2026-01-02", "2026-1-2", "2026/01/02", "2026/1/2", "20260102", "2026年1月2日", "2026年01月02日", " 2026-01-02\t",
		"2026-01-02 15:04:05", "2026-01-02 0:00", "2026/1/2 15:04", "2026-01-02T15:04:05.000", "2026-01-02 15:04:05.0",
	} {
		got, err := credit.ParseDate(text)
		if err != nil || got != credit.NewDate(2026, 1, 2) {
			t.Errorf("ParseDate(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "1900/2/29", "20260230", "2026年2月30日", "0000-01-01",
		"", "2026", "2026-01", "202601", "2026010", "202601021", "2026-01/02", "2026年1月2", "2026-1-2日", "26-01-02", "02-01-2026",
		"2026-01-02x", "2026-01-02 25:00", "2026-01-02 15", "2026-01-02 15:04:61", "2026-01-02 15:04:05.", "20260102 15:04", "46024",
		"长期", "2026-01-02 15:04:05 PM", "-2026-01-02", "+2026-01-02",
	} {
		if got, err := credit.ParseDate(text); err == nil {
			t.Errorf("ParseDate(%q) = %v", text, got)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	tests := []struct {
		from   string
		months int
		want   string
	}{
		{"2026-11-30", 3, "2027-02-28"},
		{"2027-11-30", 3, "2028-02-29"},
		{"2026-04-10", 3, "2026-07-10"},
		{"2026-04-10", 12, "2027-04-10"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2024-02-29", 36, "2027-02-28"},
		{"2026-01-31", -2, "2025-11-30"},
		{"2026-12-31", 0, "2026-12-31"},
		{"2026-12-31", 1, "2027-01-31"},
	}
	for _, tt := range tests {
		from, err := credit.ParseDate(tt.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := from.AddMonths(tt.months).String(); got != tt.want {
			t.Errorf("%s and %d months = %s, want %s", tt.from, tt.months, got, tt.want)
		}
	}
	if got := credit.NewDate(2026, 13, 0); got != credit.NewDate(2026, 12, 31) {
		t.Errorf("2026-13-00 rolls to %s", got)
	}
	if got := credit.NewDate(2026, 12, 31).AddDays(1).String(); got != "2027-01-01" {
		t.Error(got)
	}
}

func TestDateText(t *testing.T) {
	type record struct {
		On credit.Date `json:"on"`
	}
	text, err := json.Marshal(record{credit.NewDate(2026, 9, 20)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"on":"2026-09-20"}`, string(text)); diff != "" {
		t.Error(diff)
	}
	var back record
	if err := json.Unmarshal([]byte(`{"on":"2026/9/20"}`), &back); err != nil || back.On != credit.NewDate(2026, 9, 20) {
		t.Error(back, err)
	}
	if err := json.Unmarshal([]byte(`{"on":"2026-09-31"}`), &back); err == nil {
		t.Error("2026-09-31 was read as", back.On)
	}
}

// The standard library is the judge of the civil calendar.
func TestDateAgreesWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := credit.Date(rapid.Int32Range(-719162, 2932896).Draw(t, "day")) // 0001-01-01 to 9999-12-31
		want := time.Unix(int64(d)*86400, 0).UTC()
		y, m, day := d.YMD()
		if y != want.Year() || m != int(want.Month()) || day != want.Day() || d.Weekday() != want.Weekday() ||
			d.String() != want.Format(time.DateOnly) || !d.Time().Equal(want) || d.Year() != y {
			t.Fatalf("%d is %s, want %s", d, d, want.Format(time.DateOnly))
		}
		if back := credit.NewDate(y, m, day); back != d {
			t.Fatalf("%s comes back as %s", d, back)
		}
		parsed, err := credit.ParseDate(d.String())
		if err != nil || parsed != d {
			t.Fatalf("%s is read as %s: %v", d, parsed, err)
		}
		n := rapid.IntRange(-600, 600).Draw(t, "months")
		if day <= 28 {
			if got := d.AddMonths(n); !got.Time().Equal(want.AddDate(0, n, 0)) {
				t.Fatalf("%s and %d months = %s", d, n, got)
			}
		}
	})
}
