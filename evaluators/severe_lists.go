package evaluators

import (
	"fmt"
	"slices"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
)

// severeGroup is the group of records that every severe list belongs to. Rules
// name it instead of its lists.
const severeGroup = "严重失信主体名单"

// severeLists names each list of 严重失信主体, the dataset that brings its
// entries, and how long they last.
type severeLists struct {
	Rule   string `yaml:"rule"`
	Header `yaml:",inline"`
	Lists  []severeList `yaml:"lists"`
}

type severeList struct {
	ID              string       `yaml:"id"`
	List            string       `yaml:"list"`    // its name, the category of its records
	Dataset         string       `yaml:"dataset"` // what brings them
	TermMonths      *int64       `yaml:"term_months"`
	StatedMonths    *int64       `yaml:"stated_months"`
	EarlyExitMonths *int64       `yaml:"early_exit_months"`
	DeleteWithin    *int64       `yaml:"delete_within"` // working days
	EffectiveFrom   credit.Date  `yaml:"effective_from"`
	EffectiveTo     *credit.Date `yaml:"effective_to"`
	Trust           string       `yaml:"trust"`
	Basis           string       `yaml:"basis"`
}

// listLines are the lines of all versions.
type listLines []severeList

func (r *severeLists) eventDated() bool { return true }

func (r *severeLists) join(set *RuleSet) {
	for _, l := range r.Lists {
		var holds bool
		if l.EffectiveFrom, l.EffectiveTo, holds = r.clip(l.EffectiveFrom, l.EffectiveTo); holds {
			set.lists = append(set.lists, l)
			set.newer(l.EffectiveFrom)
		}
	}
}

func (r severeLists) check(doc *strictyaml.Document) {
	var ids []string
	for i, l := range r.Lists {
		at := fmt.Sprintf("lists[%d]", i)
		needID(doc, at, l.ID, l.Basis)
		needWords(doc, at, map[string]string{"list": l.List, "dataset": l.Dataset})
		oneOf(doc, at+".trust", l.Trust, trusts)
		ids = once(doc, at+".id", l.ID, ids)
		l.checkMonths(doc, at)
		for j, other := range r.Lists[:i] {
			if (other.Dataset == l.Dataset) != (other.List == l.List) {
				doc.Fault(at, "shares with lists[%d] only one of list and dataset: an entry is known by its dataset", j)
			}
			if other.Dataset == l.Dataset && overlap(l.EffectiveFrom, l.EffectiveTo, other.EffectiveFrom, other.EffectiveTo) {
				doc.Fault(at, "holds on the same days as lists[%d] %s for %s", j, other.ID, l.List)
			}
		}
	}
}

func (l severeList) checkMonths(doc *strictyaml.Document, at string) {
	for _, key := range []string{"early_exit_months", "delete_within", "effective_from"} {
		if !doc.Has(at + "." + key) {
			doc.Fault(at+"."+key, "is missing")
		}
	}
	for key, n := range map[string]*int64{"term_months": l.TermMonths, "stated_months": l.StatedMonths,
		"early_exit_months": l.EarlyExitMonths, "delete_within": l.DeleteWithin} {
		if n != nil && *n < 0 {
			doc.Fault(at+"."+key, "is below 0")
		}
	}
	for key, longer := range map[string]*int64{"term_months": l.TermMonths, "stated_months": l.StatedMonths} {
		if l.EarlyExitMonths != nil && longer != nil && *longer < *l.EarlyExitMonths {
			doc.Fault(at+"."+key, "is below early_exit_months")
		}
	}
	if l.TermMonths != nil && l.StatedMonths != nil && *l.StatedMonths < *l.TermMonths {
		doc.Fault(at+".stated_months", "is below term_months")
	}
}

// newest is the last line of each list.
func (lines listLines) newest() listLines {
	var lists listLines
	for _, l := range lines {
		at := slices.IndexFunc(lists, func(other severeList) bool { return other.Dataset == l.Dataset })
		switch {
		case at < 0:
			lists = append(lists, l)
		case lists[at].EffectiveFrom < l.EffectiveFrom:
			lists[at] = l
		}
	}
	return lists
}
