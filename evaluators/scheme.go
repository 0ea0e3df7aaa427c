package evaluators

import (
	"fmt"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
)

// A Scheme is one industry evaluation with its own scale, mapped to the four
// levels of the overlay.
type Scheme struct {
	Name       string `yaml:"scheme"`
	Header     `yaml:",inline"`
	Department string           `yaml:"department"` // who runs it and receives its list
	Status     []SchemeStatus   `yaml:"status"`
	Imported   *Imported        `yaml:"imported"`
	Computed   *Computed        `yaml:"computed"`
	Levels     map[string]int64 `yaml:"levels"` // grade → 1 (best) … 4; 0 is unranked
	ScoreBands []ScoreBand      `yaml:"score_bands"`
}

// SchemeStatus is the state of a scheme from a day on. A suspended or withdrawn
// scheme keeps its results and has no part in the overlay.
type SchemeStatus struct {
	From   credit.Date `yaml:"from"`
	Status string      `yaml:"status"`
}

// Imported takes the authority's own result as it is, from
// intermediate.industry_results.
type Imported struct {
	Dataset     string `yaml:"dataset"`      // where the authority sends it
	ValidMonths int64  `yaml:"valid_months"` // how long a result holds that has no last day of its own
}

// Computed takes the grade of a scorecard. It fills in for subjects without an
// imported result; a scorecard that takes the scheme's own result adjusts it, and
// stands in its place.
type Computed struct {
	Scorecard string `yaml:"scorecard"`
}

// ScoreBand is the published range of scores of a grade, with one bound of each
// side: from or above, below or up_to. A result outside is told to the department
// and kept as it is.
type ScoreBand struct {
	Grade string `yaml:"grade"`
	From  *int64 `yaml:"from"`
	Above *int64 `yaml:"above"`
	Below *int64 `yaml:"below"`
	UpTo  *int64 `yaml:"up_to"`
}

// milli is the band in thousandths, from inclusive, below exclusive. Scores have
// two decimals, so nothing lies between a bound and the thousandth above it.
func (b ScoreBand) milli() (from, below int64, ok bool) {
	switch {
	case (b.From == nil) == (b.Above == nil) || (b.Below == nil) == (b.UpTo == nil):
		return 0, 0, false
	case b.From != nil:
		from = milli(*b.From)
	default:
		from = milli(*b.Above) + 1
	}
	if b.Below != nil {
		below = milli(*b.Below)
	} else {
		below = milli(*b.UpTo) + 1
	}
	return from, below, from < below
}

func (s *Scheme) check(doc *strictyaml.Document) {
	if s.Department == "" {
		doc.Fault("department", "is missing")
	}
	if s.Imported == nil && s.Computed == nil {
		doc.Fault("", "a scheme is imported, computed or both")
	}
	if s.Imported != nil && (s.Imported.Dataset == "" || s.Imported.ValidMonths < 1) {
		doc.Fault("imported", "wants dataset and valid_months")
	}
	if len(s.Levels) == 0 {
		doc.Fault("levels", "is missing: each grade has a level 1 to 4, or 0 for unranked")
	}
	for grade, level := range s.Levels {
		if level < 0 || level > 4 {
			doc.Fault("levels."+grade, "level %d is not between 0 and 4", level)
		}
	}
	s.checkBands(doc)
	if len(s.Status) == 0 {
		doc.Fault("status", "is missing")
	}
	for i, st := range s.Status {
		at := fmt.Sprintf("status[%d]", i)
		switch st.Status {
		case "active", "suspended", "withdrawn":
		default:
			doc.Fault(at+".status", "is %q, wants active, suspended or withdrawn", st.Status)
		}
		if i > 0 && st.From <= s.Status[i-1].From {
			doc.Fault(at+".from", "days must ascend")
		}
	}
}

// checkBands wants bands that no score fits twice, unless the grades say more
// than the score does, as M does in tax: a grade has one band at most.
func (s *Scheme) checkBands(doc *strictyaml.Document) {
	seen := map[string]bool{}
	for i, b := range s.ScoreBands {
		at := fmt.Sprintf("score_bands[%d]", i)
		if _, ok := s.Levels[b.Grade]; !ok || seen[b.Grade] {
			doc.Fault(at+".grade", "%q is no grade of this scheme, or has a band already", b.Grade)
		}
		seen[b.Grade] = true
		if _, _, ok := b.milli(); !ok {
			doc.Fault(at, "wants from or above, and below or up_to, in ascending order")
		}
	}
	if len(s.ScoreBands) > 0 && s.Imported == nil {
		doc.Fault("score_bands", "belong to an imported result; a computed one has the grades of its scorecard")
	}
}

// statusOn is the scheme's state on a day.
func (s *Scheme) statusOn(day credit.Date) string {
	status := "withdrawn" // before its first day
	for _, st := range s.Status {
		if st.From <= day {
			status = st.Status
		}
	}
	return status
}
