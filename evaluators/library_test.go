package evaluators_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators"
	"rongxin/internal/credit"
)

// twoSeverities are the rules that ship with a second version of the severities,
// in force from 2026-04-01.
func twoSeverities(t *testing.T, firstEnds, secondOpens string) fstest.MapFS {
	t.Helper()
	data, err := os.ReadFile("rules/severity.yml")
	if err != nil {
		t.Fatal(err)
	}
	first := strings.Replace(string(data), "effective_from: 2008-01-01", "effective_from: 2008-01-01\neffective_to: "+firstEnds, 1)
	second := strings.NewReplacer("version: 1", "version: 2", "effective_from: 2008-01-01", "effective_from: "+secondOpens,
		"fine_from: 300000", "fine_from: 500000").Replace(string(data))
	files := fstest.MapFS{}
	maps.Copy(files, changedRules(t, "tiers.yml", "rule: tiers", "rule: tiers").(fstest.MapFS))
	files["severity.yml"] = &fstest.MapFile{Data: []byte(first)}
	files["severity_2.yml"] = &fstest.MapFile{Data: []byte(second)}
	return files
}

// A rule set holds every version of an event-dated rule that was ever in force
// up to its day, each with its own days, and no later one.
func TestEventDatedRules(t *testing.T) {
	library, err := evaluators.Load(twoSeverities(t, "2026-03-31", "2026-04-01"))
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		From, To string
		Fine     int64 // fen
	}
	lines := func(on credit.Date) []line {
		set, err := library.On(on)
		if err != nil {
			t.Fatal(err)
		}
		var got []line
		for _, seed := range set.Seeds() {
			at := func(column string) int {
				for i, c := range seed.Columns {
					if c.Name == column {
						return i
					}
				}
				return -1
			}
			for _, row := range seed.Rows {
				if seed.Name == "rules.penalty_severity" && row[at("rule_id")] == "SEV-9" {
					l := line{From: row[at("effective_from")].(time.Time).Format(time.DateOnly), Fine: row[at("fine_from")].(int64)}
					if to, ok := row[at("effective_to")].(time.Time); ok {
						l.To = to.Format(time.DateOnly)
					}
					got = append(got, l)
				}
			}
		}
		slices.SortFunc(got, func(a, b line) int { return strings.Compare(a.From, b.From) })
		return got
	}
	old := line{"2008-01-01", "2026-03-31", 300_000_00}
	if diff := cmp.Diff([]line{old}, lines(credit.NewDate(2026, 3, 31))); diff != "" {
		t.Errorf("the day before: %s", diff)
	}
	if diff := cmp.Diff([]line{old, {"2026-04-01", "", 500_000_00}}, lines(credit.NewDate(2026, 4, 1))); diff != "" {
		t.Errorf("the first day: %s", diff)
	}
}

// Days without a version of an event-dated rule, and days with two, are faults.
func TestVersionFaults(t *testing.T) {
	tests := []struct{ ends, opens, want string }{
		{"2026-03-30", "2026-04-01", "severity.yml:7:1: effective_to: no version holds on the day after 2026-03-30"},
		{"2026-04-01", "2026-04-01", "severity_2.yml:6:1: effective_from: holds on the same days as severity.yml"},
	}
	for _, tt := range tests {
		if _, err := evaluators.Load(twoSeverities(t, tt.ends, tt.opens)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
}
