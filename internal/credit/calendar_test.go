package credit_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/internal/credit"
)

func day(t testing.TB, text string) credit.Date {
	t.Helper()
	d, err := credit.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAddWorkingDays(t *testing.T) {
	c := credit.WorkCalendar()
	tests := []struct {
		from string
		want [3]string // after 1, 7 and 20 working days
	}{
		{"2025-09-26", [3]string{"2025-09-28", "2025-10-13", "2025-10-30"}},
		{"2025-12-31", [3]string{"2026-01-04", "2026-01-12", "2026-01-29"}},
		{"2026-02-13", [3]string{"2026-02-14", "2026-03-02", "2026-03-19"}},
		{"2026-04-30", [3]string{"2026-05-06", "2026-05-13", "2026-06-01"}},
		{"2026-09-18", [3]string{"2026-09-20", "2026-09-29", "2026-10-22"}},
	}
	for _, tt := range tests {
		var got [3]string
		for i, n := range []int{1, 7, 20} {
			d, err := c.AddWorkingDays(day(t, tt.from), n)
			if err != nil {
				t.Fatal(err)
			}
			got[i] = d.String()
			if between, err := c.WorkingDaysBetween(day(t, tt.from), d); err != nil || between != n {
				t.Errorf("%s to %s: %d working days, %v; want %d", tt.from, d, between, err, n)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.from, diff)
		}
	}
}

// The notices of 2023 to 2026, typed from another reading than the embedded
// tables.
func TestHolidays(t *testing.T) {
	notices := []struct{ off, work string }{
		{"2026-01-01..03 2026-02-15..23 2026-04-04..06 2026-05-01..05 2026-06-19..21 2026-09-25..27 2026-10-01..07",
			"2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10"},
		{"2025-01-01 2025-01-28..31 2025-02-01..04 2025-04-04..06 2025-05-01..05 2025-05-31 2025-06-01..02 2025-10-01..08",
			"2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11"},
		{"2024-01-01 2024-02-10..17 2024-04-04..06 2024-05-01..05 2024-06-10 2024-09-15..17 2024-10-01..07",
			"2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12"},
		{"2023-01-01..02 2023-01-21..27 2023-04-05 2023-04-29..30 2023-05-01..03 2023-06-22..24 2023-09-29..30 2023-10-01..06",
			"2023-01-28 2023-01-29 2023-04-23 2023-05-06 2023-06-25 2023-10-07 2023-10-08"},
		{"2018-12-30..31 2022-12-31", "2018-12-29"}, // named in the notice of the next year
	}
	c := credit.WorkCalendar()
	special := map[credit.Date]bool{}
	for _, notice := range notices {
		for _, span := range strings.Fields(notice.off) {
			first, last, ok := strings.Cut(span, "..")
			if !ok {
				last = first[8:]
			}
			for d := day(t, first); d <= day(t, first[:8]+last); d++ {
				special[d] = false
			}
		}
		for _, text := range strings.Fields(notice.work) {
			special[day(t, text)] = true
		}
	}
	for d := day(t, "2023-01-01"); d <= day(t, "2026-12-31"); d++ {
		want, ok := special[d]
		if !ok {
			want = d.Weekday() >= 1 && d.Weekday() <= 5
		}
		if got, err := c.IsWorkingDay(d); err != nil || got != want {
			t.Errorf("%s: working day %v, %v; want %v", d, got, err, want)
		}
	}
	for _, text := range []string{"2018-12-29", "2018-12-31", "2022-12-31"} {
		if got, err := c.IsWorkingDay(day(t, text)); err != nil || got != special[day(t, text)] {
			t.Errorf("%s: working day %v, %v", text, got, err)
		}
	}
}

func TestYearWithoutTable(t *testing.T) {
	c := credit.WorkCalendar()
	if diff := cmp.Diff([]int{2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026}, c.Years()); diff != "" {
		t.Error(diff)
	}
	_, err1 := c.IsWorkingDay(day(t, "2027-01-04"))
	_, err2 := c.AddWorkingDays(day(t, "2026-12-28"), 7)
	_, err3 := c.WorkingDaysBetween(day(t, "2026-12-28"), day(t, "2027-01-04"))
	_, err4 := c.AddWorkingDays(day(t, "2018-01-02"), -5)
	for i, err := range []error{err1, err2, err3, err4} {
		if !errors.Is(err, credit.ErrNoCalendar) {
			t.Errorf("answer %d: error %v", i+1, err)
		}
	}
	if diff := cmp.Diff("no working-day calendar for 2027", err1.Error()); diff != "" {
		t.Error(diff)
	}
	n, err := c.WorkingDaysBetween(day(t, "2030-01-02"), day(t, "2030-01-01"))
	if n != 0 || err != nil {
		t.Errorf("backwards: %d, %v", n, err)
	}
}

func TestWorkingDaysAddUp(t *testing.T) {
	c := credit.WorkCalendar()
	rapid.Check(t, func(t *rapid.T) {
		d := credit.NewDate(2018, 3, 1).AddDays(rapid.IntRange(0, 3000).Draw(t, "day"))
		n := rapid.IntRange(1, 30).Draw(t, "working days")
		end, err := c.AddWorkingDays(d, n)
		if err != nil {
			t.Fatal(err)
		}
		if works, err := c.IsWorkingDay(end); err != nil || !works {
			t.Fatalf("%s and %d working days is %s, no working day", d, n, end)
		}
		if got, err := c.WorkingDaysBetween(d, end); err != nil || got != n {
			t.Fatalf("%s to %s: %d, %v", d, end, got, err)
		}
		counted := 0
		for day := d + 1; day <= end; day++ {
			if works, err := c.IsWorkingDay(day); err != nil {
				t.Fatal(err)
			} else if works {
				counted++
			}
		}
		if counted != n {
			t.Fatalf("%s to %s: %d working days one by one, %d at once", d, end, counted, n)
		}
		if back, err := c.AddWorkingDays(end, -n); err != nil || back < d.AddDays(-15) || back > d {
			t.Fatalf("%s back %d working days is %s, %v", end, n, back, err)
		}
	})
}

func TestReadCalendarFaults(t *testing.T) {
	table := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	good := table(`{"year":2030,"days":[{"name":"元旦","date":"2030-01-01","isOffDay":true}]}`)
	tests := []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"nothing", fstest.MapFS{}, "calendar: no tables"},
		{"empty year", fstest.MapFS{"2031.json": table(`{"year":2031,"days":[]}`)}, "calendar: 2031.json: year 2031: no days"},
		{"twice", fstest.MapFS{"a.json": good, "b.json": good}, "calendar: b.json: year 2030: a second table"},
		{"contradiction", fstest.MapFS{"2030.json": good,
			"2031.json": table(`{"year":2031,"days":[{"date":"2030-01-01","isOffDay":false}]}`)},
			"calendar: 2031.json: 2030-01-01: contradicts another table"},
		{"another year", fstest.MapFS{"2030.json": table(`{"year":2030,"days":[{"date":"2020-01-01","isOffDay":true}]}`)},
			"calendar: 2030.json: 2020-01-01: not a day of the table of 2030"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := credit.ReadCalendar(tt.files)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	if c, err := credit.ReadCalendar(fstest.MapFS{"2030.json": good}); err != nil || !cmp.Equal(c.Years(), []int{2030}) {
		t.Error(c, err)
	}
}
