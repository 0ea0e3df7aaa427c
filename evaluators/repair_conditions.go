package evaluators

import (
	"fmt"

	"rongxin/internal/strictyaml"
)

// repairConditions say what it takes to have a record repaired, who decides and
// in how many working days. When one may apply, the periods say.
type repairConditions struct {
	Rule         string `yaml:"rule"`
	Header       `yaml:",inline"`
	AcceptWithin int64 `yaml:"accept_within"`
	AnswerWithin int64 `yaml:"answer_within"`
	CityWithin   int64 `yaml:"city_within"`
	Conditions   []struct {
		ID      string   `yaml:"id"`
		Class   string   `yaml:"class"` // of record, or severeGroup for every list
		Decides string   `yaml:"decides"`
		Require []string `yaml:"require"`
		Papers  []string `yaml:"papers"`
		Basis   string   `yaml:"basis"`
	} `yaml:"conditions"`
}

func (r repairConditions) check(doc *strictyaml.Document) {
	for key, days := range map[string]int64{"accept_within": r.AcceptWithin, "answer_within": r.AnswerWithin, "city_within": r.CityWithin} {
		if days < 1 {
			doc.Fault(key, "is missing: at least 1 working day")
		}
	}
	if r.AnswerWithin < r.AcceptWithin {
		doc.Fault("answer_within", "is below accept_within")
	}
	var classes []string
	for i, c := range r.Conditions {
		at := fmt.Sprintf("conditions[%d]", i)
		needID(doc, at, c.ID, c.Basis)
		needWords(doc, at, map[string]string{"class": c.Class, "decides": c.Decides})
		classes = once(doc, at+".class", c.Class, classes)
		if len(c.Require) == 0 || len(c.Papers) == 0 {
			doc.Fault(at, "wants require and papers")
		}
	}
}
