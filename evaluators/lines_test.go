package evaluators_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators"
)

var (
	han      = regexp.MustCompile(`\p{Han}`)
	number   = regexp.MustCompile(`^-?[0-9.]+$`)
	data     = regexp.MustCompile(`\.(where|of)\.`)
	unitless = regexp.MustCompile(`(^|[.\]])(version|id|code|risk_classes|results|is)$`)
)

// Every line of every rule that ships, and of every kind of characteristic, is
// called by Chinese words, holds from a day on and rests on a document; what is
// a number has a unit, unless it counts nothing.
func TestLines(t *testing.T) {
	for _, dir := range []string{"rules", "ruletest/testdata/kinds"} {
		library, err := evaluators.Load(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range library.Files() {
			for _, l := range f.Lines {
				at := f.Path + ": " + l.Path
				if !han.MatchString(l.Label) && !data.MatchString(l.Path) {
					t.Errorf("%s: no word for it in words.go", at)
				}
				if l.From == "" || l.Basis == "" {
					t.Errorf("%s: holds from %q, rests on %q", at, l.From, l.Basis)
				}
				if number.MatchString(l.Value) && l.Unit == "" && !unitless.MatchString(l.Path) {
					t.Errorf("%s: %s has no unit in words.go", at, l.Value)
				}
			}
		}
	}
}

// A line has its own days, unit and citation.
func TestDatesOfALine(t *testing.T) {
	library, err := evaluators.Load(os.DirFS("rules"))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range library.Versions("publicity_periods")[0].Lines {
		if l.Path == "periods[4].max_months" {
			want := evaluators.Line{Path: "periods[4].max_months", Label: "最长", Value: "36", Unit: "个月",
				From: "2023-05-01", To: "2026-03-31", Basis: "令第58号 最短3个月、最长3年"}
			if diff := cmp.Diff(want, l); diff != "" {
				t.Error(diff)
			}
			return
		}
	}
	t.Error("there is no periods[4].max_months")
}
