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

// Imported takes the authority's own result as it is.
type Imported struct {
	Fact        string `yaml:"fact"`         // with subject_id, grade, evaluated_year, evaluated_on
	ValidMonths int64  `yaml:"valid_months"` // an older result is no result
}

// Computed takes the grade of a scorecard.
type Computed struct {
	Scorecard string `yaml:"scorecard"`
}

// ScoreBand is the published range of scores of a grade, from inclusive, below
// exclusive. A result outside is told to the department and kept as it is.
type ScoreBand struct {
	Grade string `yaml:"grade"`
	From  int64  `yaml:"from"`
	Below int64  `yaml:"below"`
}

func (s *Scheme) check(doc *strictyaml.Document) {
	if s.Department == "" {
		doc.Fault("department", "is missing")
	}
	if (s.Imported == nil) == (s.Computed == nil) {
		doc.Fault("", "a scheme is either imported or computed")
	}
	if s.Imported != nil && (s.Imported.Fact == "" || s.Imported.ValidMonths < 1) {
		doc.Fault("imported", "wants fact and valid_months")
	}
	if len(s.Levels) == 0 {
		doc.Fault("levels", "is missing: each grade has a level 1 to 4, or 0 for unranked")
	}
	for grade, level := range s.Levels {
		if level < 0 || level > 4 {
			doc.Fault("levels."+grade, "level %d is not between 0 and 4", level)
		}
	}
	for i, b := range s.ScoreBands {
		if _, ok := s.Levels[b.Grade]; !ok || b.Below <= b.From {
			doc.Fault(fmt.Sprintf("score_bands[%d]", i), "wants a grade of this scheme and from < below")
		}
	}
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
