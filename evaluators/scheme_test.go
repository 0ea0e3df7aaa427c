package evaluators_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"rongxin/evaluators"
	"rongxin/internal/credit"
)

// A scheme or an overlay that cannot be meant is refused at its place.
func TestSchemeFaults(t *testing.T) {
	for _, tt := range []struct{ name, file, old, new, want string }{
		{"no source", "schemes/labour.yml", "imported: {dataset: labour/grades, valid_months: 24}\n", "", "labour.yml:1:1: a scheme is imported, computed or both"},
		{"an import without a dataset", "schemes/labour.yml", "dataset: labour/grades, ", "", "imported: wants dataset and valid_months"},
		{"a result that never lapses", "schemes/labour.yml", "valid_months: 24", "valid_months: 0", "imported: wants dataset and valid_months"},
		{"a band with two lower bounds", "schemes/tax.yml", "from: 90,", "from: 90, above: 90,", "score_bands[0]: wants from or above, and below or up_to"},
		{"a band upside down", "schemes/tax.yml", "from: 70, below: 90", "from: 90, below: 90", "score_bands[1]: wants from or above"},
		{"a grade with two bands", "schemes/tax.yml", "grade: M, from", "grade: B, from", `score_bands[2].grade: "B" is no grade of this scheme, or has a band already`},
		{"bands of a computed grade", "schemes/fire.yml", "levels: {A: 1", "score_bands: [{grade: A, from: 90, up_to: 100}]\nlevels: {A: 1", "score_bands: belong to an imported result"},
		{"an unknown status", "schemes/tax.yml", "status: active", "status: paused", `status[0].status: is "paused", wants active, suspended or withdrawn`},
		{"days of status that go back", "schemes/bidding.yml", "{from: 2027-01-01,", "{from: 2023-01-01,", "status[1].from: days must ascend"},
		{"a conflict that is read better", "overlay.yml", "level: 1, use_level: 2", "level: 2, use_level: 1", "conflicts[0]: wants a public grade, a level and a stricter use_level"},
		{"a conflict of no grade", "overlay.yml", "{public: D, level", "{public: E, level", "conflicts[0]: wants a public grade"},
		{"a conflict without a citation", "overlay.yml", "use_level: 2, basis: 国办发〔2026〕8号（公共信用评价为 D 的，行业信用评价不得为 A）}", "use_level: 2}", "conflicts[0].basis: is missing"},
		{"a national result for ever", "overlay.yml", "  valid_months: 24 ", "  #", "public.valid_months: is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := evaluators.Load(changedRules(t, tt.file, tt.old, tt.new))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant it to say %q", err, tt.want)
			}
		})
	}
}

// A grade that a scorecard gives and the scheme does not know would be unranked
// for no reason.
func TestGradesOfScorecardsHaveLevels(t *testing.T) {
	library, err := evaluators.Load(changedRules(t, "schemes/fire.yml", "C: 3, ", ""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = library.On(day); err == nil || !strings.Contains(err.Error(), "scheme fire: grade C of scorecard fire has no level") {
		t.Errorf("got %v", err)
	}
}

// Which schemes are suspended turns on the days that their files name.
func TestStatusTurnsOnItsDay(t *testing.T) {
	library, err := evaluators.Load(os.DirFS("rules"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		day  credit.Date
		want []string
	}{
		{credit.NewDate(2026, 4, 1), []string{"bidding suspended"}},
		{credit.NewDate(2026, 4, 2), []string{"bidding suspended", "construction suspended"}},
		{credit.NewDate(2026, 12, 31), []string{"bidding suspended", "construction suspended"}},
		{credit.NewDate(2027, 1, 1), []string{"construction suspended"}},
	} {
		set, err := library.On(tt.day)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.DeleteFunc(cells(t, seedOf(t, set, "rules.schemes"), "scheme", "status"), func(line string) bool { return strings.HasSuffix(line, " active") })
		if !slices.Equal(got, tt.want) {
			t.Errorf("on %s: %v, want %v", tt.day, got, tt.want)
		}
	}
}
