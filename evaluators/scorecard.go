package evaluators

import (
	"fmt"
	"slices"

	"rongxin/internal/strictyaml"
)

// A Scorecard turns records into points, and points into a grade. Its terms
// are those of PMML scorecards: characteristics, points, reason codes.
type Scorecard struct {
	Name            string `yaml:"scorecard"`
	Header          `yaml:",inline"`
	Advisory        bool             `yaml:"advisory"`   // shown, never published or used in the overlay by itself
	Population      string           `yaml:"population"` // the table whose subject_id are scored
	BasePoints      int64            `yaml:"base_points"`
	Better          string           `yaml:"better"` // higher or lower
	Grades          []Grade          `yaml:"grades"`
	Characteristics []Characteristic `yaml:"characteristics"`
	Vetoes          []Veto           `yaml:"vetoes"`
}

// A Grade covers the points from From (better higher) or up to UpTo (better
// lower); bounds ascend, so no gap can be written.
type Grade struct {
	Grade string `yaml:"grade"`
	From  *int64 `yaml:"from"`
	UpTo  *int64 `yaml:"up_to"`
}

// Leaf says which records a characteristic or a veto looks at.
type Leaf struct {
	Name         string           `yaml:"name"`
	Title        string           `yaml:"title"`
	Fact         string           `yaml:"fact"` // schema.table with subject_id, record_id and event_on
	Where        map[string]Value `yaml:"where"`
	WithinMonths int64            `yaml:"within_months"` // look-back from the day; 0 means any age
	ReasonCode   string           `yaml:"reason_code"`
	Basis        string           `yaml:"basis"`
}

// A Characteristic gives points for each record, up to a cap.
type Characteristic struct {
	Leaf `yaml:",inline"`
	Each int64 `yaml:"each"`
	Cap  int64 `yaml:"cap"` // the most that all records together give, same sign as each
}

// A Veto sets the grade when a record is there, whatever the points.
type Veto struct {
	Leaf  `yaml:",inline"`
	Grade string `yaml:"grade"`
}

func (s *Scorecard) check(doc *strictyaml.Document) {
	if s.Population == "" {
		doc.Fault("population", "is missing: the table of subjects to score")
	}
	s.checkGrades(doc)
	codes, lowest := map[string]bool{}, s.BasePoints
	for i, c := range s.Characteristics {
		at := fmt.Sprintf("characteristics[%d]", i)
		c.Leaf.check(doc, at, codes)
		if c.Each == 0 || c.Cap == 0 || (c.Each < 0) != (c.Cap < 0) || abs(c.Cap) < abs(c.Each) {
			doc.Fault(at+".cap", "each %d and cap %d must have one sign, and the cap be no smaller", c.Each, c.Cap)
		}
		lowest += min(c.Cap, 0)
	}
	for i, v := range s.Vetoes {
		at := fmt.Sprintf("vetoes[%d]", i)
		v.Leaf.check(doc, at, codes)
		if !slices.ContainsFunc(s.Grades, func(g Grade) bool { return g.Grade == v.Grade }) {
			doc.Fault(at+".grade", "%q is not a grade of this scorecard", v.Grade)
		}
	}
	if lowest < 0 {
		doc.Fault("base_points", "all caps together reach %d: points must not fall below 0, or they would no longer add up", lowest)
	}
}

func (l Leaf) check(doc *strictyaml.Document, at string, codes map[string]bool) {
	for key, value := range map[string]string{"name": l.Name, "title": l.Title, "fact": l.Fact, "reason_code": l.ReasonCode, "basis": l.Basis} {
		if value == "" {
			doc.Fault(at+"."+key, "is missing")
		}
	}
	if codes[l.ReasonCode] {
		doc.Fault(at+".reason_code", "%s stands twice", l.ReasonCode)
	}
	codes[l.ReasonCode] = true
}

func (s *Scorecard) checkGrades(doc *strictyaml.Document) {
	if len(s.Grades) < 2 {
		doc.Fault("grades", "wants at least two grades")
		return
	}
	switch s.Better {
	case "higher":
		for i, g := range s.Grades {
			at := fmt.Sprintf("grades[%d]", i)
			if g.From == nil || g.UpTo != nil {
				doc.Fault(at, "where higher is better a grade has from")
			} else if i == 0 && *g.From != 0 {
				doc.Fault(at+".from", "the lowest grade starts at 0")
			} else if i > 0 && s.Grades[i-1].From != nil && *g.From <= *s.Grades[i-1].From {
				doc.Fault(at+".from", "bounds must ascend")
			}
		}
	case "lower":
		for i, g := range s.Grades {
			at, last := fmt.Sprintf("grades[%d]", i), i == len(s.Grades)-1
			if g.From != nil || (g.UpTo == nil) != last {
				doc.Fault(at, "where lower is better each grade has up_to, but the last")
			} else if i > 0 && !last && *g.UpTo <= *s.Grades[i-1].UpTo {
				doc.Fault(at+".up_to", "bounds must ascend")
			}
		}
	default:
		doc.Fault("better", "is %q, wants higher or lower", s.Better)
	}
}

// Value is one text or a list of texts.
type Value []string

// UnmarshalYAML accepts a scalar or a list.
func (v *Value) UnmarshalYAML(unmarshal func(any) error) error {
	var list []string
	if err := unmarshal(&list); err == nil {
		*v = list
		return nil
	}
	var one string
	if err := unmarshal(&one); err != nil {
		return err
	}
	*v = Value{one}
	return nil
}

func abs(n int64) int64 { return max(n, -n) }
