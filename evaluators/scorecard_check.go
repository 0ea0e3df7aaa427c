package evaluators

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
)

var (
	errWhole   = errors.New("is a number of records: a whole number")
	errFen     = errors.New("is an amount in 元 with at most two decimals")
	tableForm  = regexp.MustCompile(`^[a-z]+\.[a-z0-9_]+$`)
	columnForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// maxCharacteristics leaves room for the positions of bounds and vetoes.
const maxCharacteristics = PositionBounds - 1

func (s *Scorecard) check(doc *strictyaml.Document) {
	if !tableForm.MatchString(s.Population) {
		doc.Fault("population", "is %q, wants the table of subjects to score, such as intermediate.subjects", s.Population)
	}
	if !doc.Has("base_points") {
		doc.Fault("base_points", "is missing")
	}
	if s.Lowest != nil && s.Highest != nil && *s.Lowest >= *s.Highest {
		doc.Fault("highest", "is not above lowest")
	}
	if len(s.Characteristics) > maxCharacteristics {
		doc.Fault("characteristics", "are more than %d", maxCharacteristics)
	}
	s.checkGrades(doc)
	codes, names, least := []string{"BASE", "BOUNDS"}, []string{"base", "bounds"}, s.BasePoints
	for i := range s.Characteristics {
		c := &s.Characteristics[i]
		at := fmt.Sprintf("characteristics[%d]", i)
		c.check(doc, at)
		codes = once(doc, at+".reason_code", c.ReasonCode, codes)
		names = once(doc, at+".name", c.Name, names)
		least += c.least()
	}
	for i := range s.Vetoes {
		v := &s.Vetoes[i]
		at := fmt.Sprintf("vetoes[%d]", i)
		v.check(doc, at, s)
		codes = once(doc, at+".reason_code", v.ReasonCode, codes)
		names = once(doc, at+".name", v.Name, names)
	}
	if s.Lowest == nil && least < 0 {
		doc.Fault("base_points", "all caps together reach %s: say lowest: 0, or let the points of all characteristics not fall below 0", least)
	}
	if s.Lowest != nil && *s.Lowest < 0 {
		doc.Fault("lowest", "is below 0")
	}
}

func (l *Leaf) check(doc *strictyaml.Document, at string, needFact bool) {
	needWords(doc, at, map[string]string{"name": l.Name, "title": l.Title, "reason_code": l.ReasonCode, "basis": l.Basis})
	if needFact && !tableForm.MatchString(l.Fact) {
		doc.Fault(at+".fact", "is %q, wants a table such as marts.records_in_force", l.Fact)
	}
	if l.Day != "" && !columnForm.MatchString(l.Day) {
		doc.Fault(at+".day", "%q is no column", l.Day)
	}
	if l.WithinMonths < 0 || l.WithinMonths == 0 && doc.Has(at+".within_months") {
		doc.Fault(at+".within_months", "is %d, wants at least 1", l.WithinMonths)
	}
	checkWhere(doc, at+".where", l.Where)
}

func checkWhere(doc *strictyaml.Document, at string, where map[string]Value) {
	for _, column := range sortedKeys(where) {
		if !columnForm.MatchString(column) {
			doc.Fault(at+"."+column, "is no column")
		}
		if len(where[column]) == 0 {
			doc.Fault(at+"."+column, "is an empty list: no record would ever fit")
		}
	}
}

func (v *Veto) check(doc *strictyaml.Document, at string, s *Scorecard) {
	v.Leaf.check(doc, at, true)
	if v.AtLeast < 0 || v.AtLeast == 0 && doc.Has(at+".at_least") {
		doc.Fault(at+".at_least", "is %d, wants at least 1", v.AtLeast)
	}
	effects := 0
	for key, grade := range map[string]string{"grade": v.Grade, "ceiling": v.Ceiling} {
		if grade == "" {
			continue
		}
		effects++
		if !slices.ContainsFunc(s.Grades, func(g Grade) bool { return g.Grade == grade }) {
			doc.Fault(at+"."+key, "%q is not a grade of this scorecard", grade)
		}
	}
	if v.Score != nil {
		effects++
		if *v.Score < 0 {
			doc.Fault(at+".score", "is below 0")
		}
	}
	if effects != 1 {
		doc.Fault(at, "has %d of the keys grade, ceiling, score, wants one", effects)
	}
}

func (s *Scorecard) checkGrades(doc *strictyaml.Document) {
	if len(s.Grades) < 2 {
		doc.Fault("grades", "wants at least two grades")
		return
	}
	var seen []string
	for i, g := range s.Grades {
		at := fmt.Sprintf("grades[%d]", i)
		needWords(doc, at, map[string]string{"grade": g.Grade})
		if g.Grade == string(credit.NotEvaluated) {
			doc.Fault(at+".grade", "%s is no grade: it says that there is none", credit.NotEvaluated)
		}
		seen = once(doc, at+".grade", g.Grade, seen)
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
			} else if i > 0 && !last && s.Grades[i-1].UpTo != nil && *g.UpTo <= *s.Grades[i-1].UpTo {
				doc.Fault(at+".up_to", "bounds must ascend")
			}
		}
	default:
		doc.Fault("better", "is %q, wants higher or lower", s.Better)
	}
}

func abs(p Points) Points { return max(p, -p) }

// orNone is the points as text, none where there are none.
func orNone(p *Points) string {
	if p == nil {
		return "none"
	}
	return strings.TrimSpace(p.String())
}
