package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
)

// A warehouse that is well has nothing broken; each thing that is not right is
// named with what to do.
func TestDoctorNamesWhatIsWrong(t *testing.T) {
	healthyHome, _ := landedCity(t, "50")
	mustRun(t, healthyHome, "run", "--as-of", asOf)
	examine := func(t *testing.T, home string, now time.Time, args ...string) (int, map[string]symptom) {
		t.Helper()
		var out, errs bytes.Buffer
		clock := func() time.Time { return now }
		code := runBy(t.Context(), clock, append([]string{"--home", home, "doctor", "--json"}, args...), nil, &out, &errs)
		var report struct{ Examined []symptom }
		lastJSON(t, out.String(), &report)
		found := map[string]symptom{}
		for _, s := range report.Examined {
			if found[s.Of] = s; (s.Outcome == healthy) != (s.Mend == "") {
				t.Errorf("%+v: what is not well, and nothing else, has a mend", s)
			}
		}
		return code, found
	}
	for name, c := range map[string]struct {
		spoil func(t *testing.T, home string)
		now   time.Time
		full  bool
		of    string
		want  string // outcome
		says  string
	}{
		"well":         {of: "digests", want: healthy, says: "1 runs and 0 batches read"},
		"well in full": {full: true, of: "digests", want: healthy, says: "every file as written"},
		"clock apart":  {now: time.Now().AddDate(0, 0, 9), of: "clock", want: ailing, says: "the clock of the disk is"},
		"ops readable": {spoil: func(t *testing.T, home string) { noError(t, os.Chmod(filepath.Join(home, "ops.db"), 0o644)) }, of: "home", want: ailing, says: "can be read by others"},
		"file altered": {spoil: func(t *testing.T, home string) {
			flip(t, theOnly(t, filepath.Join(home, "runs/*/overlay/subject_classes.parquet")))
		}, of: "digests", want: ailing, says: "overlay/subject_classes.parquet"},
		"batch altered": {full: true, spoil: func(t *testing.T, home string) {
			list, err := landing.List(home)
			noError(t, err)
			flip(t, filepath.Join(landing.Dir(home, list[0].Dataset, list[0].ID), landing.RecordsName))
		}, of: "digests", want: ailing, says: "digest does not match"},
		"CURRENT gone": {spoil: func(t *testing.T, home string) { noError(t, os.Remove(filepath.Join(home, "CURRENT"))) }, of: "published run", want: ailing, says: "nothing is published"},
		"run cut off": {spoil: func(t *testing.T, home string) {
			noError(t, os.Mkdir(filepath.Join(home, "runs/.tmp-2026-07-31-00000000"), 0o755))
		}, of: "unfinished", want: warning, says: "2026-07-31-00000000"},
		"keys gone":      {spoil: func(t *testing.T, home string) { noError(t, os.Remove(home+".keys")) }, of: "keys", want: ailing, says: "are missing"},
		"calendar ended": {now: credit.NewDate(2099, 1, 1).Begins(), of: "calendar", want: ailing, says: "no working days are known"},
	} {
		t.Run(name, func(t *testing.T) {
			home := filepath.Join(t.TempDir(), "home")
			copyTree(t, healthyHome, home)
			noError(t, os.Chmod(filepath.Join(home, "ops.db"), 0o600))
			noError(t, os.Symlink(healthyHome+".keys", home+".keys"))
			if c.spoil != nil {
				c.spoil(t, home)
			}
			if c.now.IsZero() {
				c.now = time.Now()
			}
			args := []string{}
			if c.full {
				args = append(args, "--full")
			}
			code, found := examine(t, home, c.now, args...)
			s := found[c.of]
			if s.Outcome != c.want || !strings.Contains(s.Found, c.says) {
				t.Errorf("%s: %+v, want %s and %q", c.of, s, c.want, c.says)
			}
			if (c.want == ailing) != (code == exitBadData) {
				t.Errorf("exit %d for %s", code, c.want)
			}
		})
	}
}

func theOnly(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v %v, want one", pattern, found, err)
	}
	return found[0]
}
