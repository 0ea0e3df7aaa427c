package evaluators

import (
	"fmt"
	"slices"

	"rongxin/internal/strictyaml"
)

// measures are what may follow from a severe list or a good grade. A body
// considers them case by case; no program applies one.
type measures struct {
	Rule     string `yaml:"rule"`
	Header   `yaml:",inline"`
	Measures []struct {
		ID    string           `yaml:"id"`
		Kind  string           `yaml:"kind"`
		Group string           `yaml:"group"`
		Title string           `yaml:"title"`
		For   []measureTrigger `yaml:"for"`
	} `yaml:"measures"`
}

// measureTrigger is one of a severe list, a public grade, or a scheme with a
// grade, and the law that connects the measure with it.
type measureTrigger struct {
	List        string `yaml:"list"`
	PublicGrade string `yaml:"public_grade"`
	Scheme      string `yaml:"scheme"`
	Grade       string `yaml:"grade"`
	By          string `yaml:"by"`
	Basis       string `yaml:"basis"`
}

func (r measures) check(doc *strictyaml.Document) {
	var ids []string
	for i, m := range r.Measures {
		at := fmt.Sprintf("measures[%d]", i)
		needWords(doc, at, map[string]string{"id": m.ID, "title": m.Title, "group": m.Group})
		oneOf(doc, at+".kind", m.Kind, []string{"惩戒", "激励"})
		ids = once(doc, at+".id", m.ID, ids)
		if len(m.For) == 0 {
			doc.Fault(at+".for", "is missing: a measure without a trigger that its law names is none")
		}
		for j, t := range m.For {
			t.check(doc, fmt.Sprintf("%s.for[%d]", at, j), m.Kind)
		}
	}
}

func (t measureTrigger) check(doc *strictyaml.Document, at, kind string) {
	needWords(doc, at, map[string]string{"by": t.By, "basis": t.Basis})
	triggers := 0
	for _, given := range []bool{t.List != "", t.PublicGrade != "", t.Scheme != ""} {
		if given {
			triggers++
		}
	}
	if triggers != 1 || (t.Scheme != "") != (t.Grade != "") {
		doc.Fault(at, "wants one of list, public_grade, scheme with grade")
	}
	if (t.List != "") != (kind == "惩戒") {
		doc.Fault(at, "discipline follows from a severe list, an incentive from a good grade")
	}
	if t.PublicGrade != "" {
		oneOf(doc, at+".public_grade", t.PublicGrade, publicGrades)
	}
}

// kind and value name the trigger as rules.measure_triggers does.
func (t measureTrigger) kind() (kind, value, grade string) {
	switch {
	case t.List != "":
		return "severe_list", t.List, ""
	case t.PublicGrade != "":
		return "public_grade", "", t.PublicGrade
	default:
		return "scheme_grade", t.Scheme, t.Grade
	}
}

// measuresFit says which measures name what the other rules do not know.
func (s *RuleSet) measuresFit() (faults []error) {
	if s.measures == nil {
		return nil
	}
	for _, m := range s.measures.Measures {
		for _, t := range m.For {
			if t.List != "" && !slices.ContainsFunc(s.lists, func(l severeList) bool { return l.List == t.List }) {
				faults = append(faults, fmt.Errorf("measure %s: severe_lists has no list %s", m.ID, t.List))
			}
			scheme := slices.IndexFunc(s.Schemes, func(c *Scheme) bool { return c.Name == t.Scheme })
			if t.Scheme != "" && scheme >= 0 && !slices.Contains(sortedKeys(s.Schemes[scheme].Levels), t.Grade) {
				faults = append(faults, fmt.Errorf("measure %s: scheme %s has no grade %s", m.ID, t.Scheme, t.Grade))
			}
		}
	}
	return faults
}
