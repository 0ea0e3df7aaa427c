package credit_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rongxin/internal/credit"
)

func at(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", text, credit.ChinaTime)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func TestWorkingTime(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string
		want     time.Duration
	}{
		"within a day":                 {"2026-06-30 09:00", "2026-06-30 17:30", 8*time.Hour + 30*time.Minute},
		"over midnight":                {"2026-06-30 23:00", "2026-07-01 01:00", 2 * time.Hour},
		"over a weekend":               {"2026-06-26 18:00", "2026-06-29 09:00", 15 * time.Hour}, // Friday to Monday
		"begins and ends on a weekend": {"2026-06-27 10:00", "2026-06-28 10:00", 0},
		"a Sunday that is worked":      {"2026-01-04 10:00", "2026-01-04 12:00", 2 * time.Hour}, // 国办发明电〔2025〕7号
		"over the May holidays":        {"2026-04-30 12:00", "2026-05-06 12:00", 24 * time.Hour},
		"no time":                      {"2026-06-30 09:00", "2026-06-30 09:00", 0},
		"backwards":                    {"2026-06-30 09:00", "2026-06-29 09:00", 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := credit.WorkCalendar().WorkingTime(at(t, c.from), at(t, c.to))
			if err != nil || got != c.want {
				t.Errorf("%s %v, want %s", got, err, c.want)
			}
		})
	}
	if _, err := credit.WorkCalendar().WorkingTime(at(t, "2035-01-01 00:00"), at(t, "2035-01-02 00:00")); !errors.Is(err, credit.ErrNoCalendar) {
		t.Errorf("a year without a notice: %v", err)
	}
}

// It adds up, and over whole days it is the count of working days.
func TestWorkingTimeAddsUp(t *testing.T) {
	c := credit.WorkCalendar()
	rapid.Check(t, func(rt *rapid.T) {
		start := at(t, "2019-01-01 00:00")
		from := start.Add(time.Duration(rapid.IntRange(0, 3_000_000).Draw(rt, "from")) * time.Minute)
		middle := from.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(rt, "to the middle")) * time.Minute)
		to := middle.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(rt, "to the end")) * time.Minute)
		one, err1 := c.WorkingTime(from, middle)
		two, err2 := c.WorkingTime(middle, to)
		all, err3 := c.WorkingTime(from, to)
		if err := errors.Join(err1, err2, err3); err != nil || one+two != all {
			rt.Fatalf("%s and %s are %s: %v", one, two, all, err)
		}
		day := credit.DateOf(from)
		n := rapid.IntRange(0, 40).Draw(rt, "days")
		whole, err := c.WorkingTime(day.Begins(), day.AddDays(n).Begins())
		days, err2 := c.WorkingDaysBetween(day.AddDays(-1), day.AddDays(n-1))
		if err := errors.Join(err, err2); err != nil || whole != time.Duration(days)*24*time.Hour {
			rt.Fatalf("%d days from %s: %s, want %d working days: %v", n, day, whole, days, err)
		}
	})
}
