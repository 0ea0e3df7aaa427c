package transforms_test

import (
	"testing"
	"time"

	"rongxin/transforms"
	"rongxin/warehouse/run"
)

func reference(t *testing.T, name string) run.Seed {
	t.Helper()
	seeds, err := transforms.References(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range seeds {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no table %s", name)
	return run.Seed{}
}

// Each day of receipt belongs to one period of each rhythm, and the last day
// of a period to that period.
func TestPeriods(t *testing.T) {
	last, until := map[string]time.Time{}, map[string]int{}
	for _, row := range reference(t, "ref.periods").Rows {
		every, period := row[0].(string), row[1].(string)
		to, from, windowTo := row[3].(time.Time), row[4].(time.Time), row[5].(time.Time)
		if before, ok := last[every]; ok && !from.Equal(before.AddDate(0, 0, 1)) && every != "daily" {
			t.Errorf("%s: window from %v, the one before ends on %v", period, from, before)
		}
		if to.Before(from) || to.After(windowTo) {
			t.Errorf("%s: closes on %v, outside its window %v to %v", period, to, from, windowTo)
		}
		last[every], until[every] = windowTo, until[every]+1
	}
	for every, want := range map[string]int{"month": 276, "quarter": 92, "half-year": 46, "year": 23} {
		if until[every] != want {
			t.Errorf("%s: %d periods, want %d", every, until[every], want)
		}
	}
	if until["daily"] < 2000 {
		t.Errorf("%d working days", until["daily"])
	}
}

// The number of a day counts working days: the seventh after 2026-02-13, over
// the spring festival, is 2026-03-02.
func TestCalendar(t *testing.T) {
	numbers := map[string]int64{}
	for _, row := range reference(t, "ref.calendar").Rows {
		numbers[row[0].(time.Time).Format(time.DateOnly)] = row[2].(int64)
	}
	if got := numbers["2026-03-02"] - numbers["2026-02-13"]; got != 7 {
		t.Errorf("%d working days, want 7", got)
	}
	if numbers["2026-02-22"] != numbers["2026-02-14"] {
		t.Error("a day off has a number of its own")
	}
}
