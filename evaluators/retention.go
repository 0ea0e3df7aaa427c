package evaluators

import (
	"fmt"
	"slices"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
)

// Kinds of runs by what became of them.
const (
	PublishedRun   = "published"
	UnpublishedRun = "unpublished"
	ChallengerRun  = "challenger"
)

// Retention says how long runs are kept.
type Retention struct {
	Rule   string `yaml:"rule"`
	Header `yaml:",inline"`
	Runs   []Keep `yaml:"runs"`
}

// Keep is how long runs of one kind are kept, in months or in days.
type Keep struct {
	ID     string `yaml:"id"`
	Of     string `yaml:"of"`
	Months int    `yaml:"keep_months"`
	Days   int    `yaml:"keep_days"`
	Basis  string `yaml:"basis"`
}

// Retention is the rule in force, nil where there is none.
func (s *RuleSet) Retention() *Retention { return s.retention }

// Until is the last day on which a run of that kind, as old as from, is kept,
// and the line that says so.
func (r *Retention) Until(kind string, from credit.Date) (credit.Date, string) {
	k := r.Runs[slices.IndexFunc(r.Runs, func(k Keep) bool { return k.Of == kind })] // checked when it was read
	if k.Months > 0 {
		return from.AddMonths(k.Months), k.ID
	}
	return from.AddDays(k.Days), k.ID
}

func (r *Retention) check(doc *strictyaml.Document) {
	kinds := []string{PublishedRun, UnpublishedRun, ChallengerRun}
	seen := map[string]bool{}
	for i, k := range r.Runs {
		at := fmt.Sprintf("runs[%d]", i)
		needID(doc, at, k.ID, k.Basis)
		oneOf(doc, at+".of", k.Of, kinds)
		if seen[k.Of] {
			doc.Fault(at+".of", "%s stands twice", k.Of)
		}
		seen[k.Of] = true
		if k.Months < 0 || k.Days < 0 || (k.Months > 0) == (k.Days > 0) {
			doc.Fault(at, "wants keep_months or keep_days, above 0")
		}
	}
	for _, kind := range kinds {
		if !seen[kind] {
			doc.Fault("runs", "says nothing of %s runs", kind)
		}
	}
}
