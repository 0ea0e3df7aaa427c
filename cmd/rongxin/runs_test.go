package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rongxin/internal/credit"
	"rongxin/warehouse/run"
)

// What was published is kept three years, and what a kept run is verified against
// as long; then it goes, and the rest still verifies.
func TestPruneKeepsWhatIsNeeded(t *testing.T) {
	home, _ := landedCity(t, "50")
	var ids []string
	for _, day := range []string{"2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30"} {
		mustRun(t, home, "run", "--as-of", day)
		ids = append(ids, published(t, home).ID)
	}
	prune := func(day string) int {
		t.Helper()
		d, err := credit.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		clock := func() time.Time { return d.Begins() }
		return runBy(t.Context(), clock, []string{"--home", home, "runs", "prune", "--reason", "年度清理"}, nil, &out, &errs)
	}
	standing := func() (list []string) {
		for _, id := range ids {
			if _, err := os.Stat(filepath.Join(run.Dir(home), id)); err == nil {
				list = append(list, id)
			}
		}
		return list
	}
	for _, c := range []struct {
		day  string
		code int
		left []string
	}{
		{"2029-06-30", exitNothing, ids}, // the first is in its last day
		{"2029-07-01", exitNothing, ids}, // over, and the second is verified against it
		{"2029-08-01", exitDone, ids[1:]},
		{"2029-09-30", exitDone, ids[2:]}, // the published one stays, and the one before it
		{"2039-01-01", exitNothing, ids[2:]},
	} {
		if code := prune(c.day); code != c.code {
			t.Errorf("%s: exit %d, want %d", c.day, code, c.code)
		}
		if left := standing(); len(left) != len(c.left) || left[0] != c.left[0] {
			t.Errorf("%s: %v stand, want %v", c.day, left, c.left)
		}
	}
	mustRun(t, home, "verify", "CURRENT")
	if _, err := run.AsOf(home, credit.NewDate(2026, 7, 15)); !errors.Is(err, run.ErrNoRun) {
		t.Errorf("a day of which the run is gone: %v, want ErrNoRun", err)
	}
}
