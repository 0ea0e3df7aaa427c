package evaluators

import (
	"fmt"
	"regexp"
	"slices"

	"rongxin/internal/strictyaml"
)

// An InspectionPlan says how much of each class is inspected, who inspects it,
// and who is left in peace.
type InspectionPlan struct {
	Name       string `yaml:"inspection_plan"`
	Header     `yaml:",inline"`
	Schemes    []string        `yaml:"schemes"` // whose lists follow it; empty: every list without a plan of its own
	Period     string          `yaml:"period"`  // month, quarter or year
	Quotas     []planQuota     `yaml:"quotas"`
	Control    planControl     `yaml:"control"`
	Inspectors planInspectors  `yaml:"inspectors"`
	Exclusions []planExclusion `yaml:"exclusions"`
	Joint      planJoint       `yaml:"joint"`
	Publish    planPublication `yaml:"publish_within"`
}

// planQuota is the share of some objects that is inspected.
type planQuota struct {
	ID          string   `yaml:"id"`
	Classes     []int64  `yaml:"classes"`      // supervision classes
	Industries  []string `yaml:"industries"`   // GB/T 4754 sections (C) and divisions (62); empty: any
	RiskClasses []string `yaml:"risk_classes"` // A to D of market supervision; empty: any, also not shared
	RatioMin    string   `yaml:"ratio_min"`    // the least an annual plan may set
	Ratio       string   `yaml:"ratio"`        // what it sets
	MaxChecks   int64    `yaml:"max_checks_per_year"`
	Minimum     int64    `yaml:"minimum"` // objects of a stratum
	Frequency   string   `yaml:"frequency"`
	Trust       string   `yaml:"trust"`
	Basis       string   `yaml:"basis"`
}

type planControl struct {
	Share string `yaml:"share"` // of what the quotas come to
	Basis string `yaml:"basis"`
}

type planInspectors struct {
	PerObject int64          `yaml:"per_object"`
	Spares    int64          `yaml:"spares"`
	Basis     string         `yaml:"basis"`
	Conflicts []planConflict `yaml:"conflicts"`
}

// planConflict keeps an inspector away from an enterprise.
type planConflict struct {
	Conflict string `yaml:"conflict"`
	Months   int64  `yaml:"months"` // of recent_visit
	Text     string `yaml:"text"`
	Basis    string `yaml:"basis"`
}

// planExclusion keeps an enterprise out of the draw.
type planExclusion struct {
	Exclusion   string   `yaml:"exclusion"`
	Months      int64    `yaml:"months"`       // of new: since it was founded
	Statuses    []string `yaml:"statuses"`     // of closed: registrations
	Results     []string `yaml:"results"`      // of closed: what the last inspection found
	Classes     []int64  `yaml:"classes"`      // of no_disturbance
	RiskClasses []string `yaml:"risk_classes"` // of no_disturbance: and one of these, where given
	Text        string   `yaml:"text"`
	Basis       string   `yaml:"basis"`
}

type planJoint struct {
	Basis     string          `yaml:"basis"`
	MaxVisits map[int64]int64 `yaml:"max_visits_per_year"` // by class, of all departments together
	// The first of these that takes part in a joint visit initiates it; where none
	// does, the first by name.
	Initiators []string `yaml:"initiators"`
}

type planPublication struct {
	WorkingDays int64  `yaml:"working_days"`
	Basis       string `yaml:"basis"`
}

// The names that SQL and the draw know.
var (
	planPeriods    = []string{"month", "quarter", "year"}
	conflictNames  = []string{"former_employer", "declared_interest", "recent_visit"}
	exclusionNames = []string{"new", "closed", "inspected", "cap_reached", "no_disturbance"}
	riskClasses    = []string{"A", "B", "C", "D"}
	trusts         = []string{"official", "published", "proposal", "memory"}
	classes        = []int64{1, 2, 3, 4}
	industryForm   = regexp.MustCompile(`^([A-T]|[0-9]{2})$`)
)

func (p *InspectionPlan) check(doc *strictyaml.Document) {
	oneOf(doc, "period", p.Period, planPeriods)
	p.checkQuotas(doc)
	if _, err := basisPoints(p.Control.Share); err != nil {
		doc.Fault("control.share", "%v", err)
	}
	for at, basis := range map[string]string{"control": p.Control.Basis, "inspectors": p.Inspectors.Basis, "joint": p.Joint.Basis, "publish_within": p.Publish.Basis} {
		needWords(doc, at, map[string]string{"basis": basis})
	}
	if p.Inspectors.PerObject < 1 || p.Inspectors.Spares < 0 || !doc.Has("inspectors.spares") {
		doc.Fault("inspectors", "wants per_object, at least 1, and spares, at least 0")
	}
	if p.Publish.WorkingDays < 1 {
		doc.Fault("publish_within.working_days", "is missing: at least 1")
	}
	p.checkConflicts(doc)
	p.checkExclusions(doc)
	for _, class := range classes {
		if p.Joint.MaxVisits[class] < 1 {
			doc.Fault("joint.max_visits_per_year", "class %d is missing: at least 1", class)
		}
	}
	if len(p.Joint.Initiators) == 0 {
		doc.Fault("joint.initiators", "is missing: departments, the one that initiates first")
	}
	var seen []string
	for i, name := range p.Joint.Initiators {
		at := fmt.Sprintf("joint.initiators[%d]", i)
		needWords(doc, at, map[string]string{"department": name})
		seen = once(doc, at, name, seen)
	}
	if len(p.Joint.MaxVisits) > len(classes) {
		doc.Fault("joint.max_visits_per_year", "wants the classes 1 to 4 and no other")
	}
}

func (p *InspectionPlan) checkQuotas(doc *strictyaml.Document) {
	var ids []string
	for i, q := range p.Quotas {
		at := fmt.Sprintf("quotas[%d]", i)
		q.check(doc, at)
		ids = once(doc, at+".id", q.ID, ids)
		for j, before := range p.Quotas[:i] {
			if before.covers(q) {
				doc.Fault(at, "is never asked: quotas[%d] %s before it fits all that this one fits", j, before.ID)
			}
		}
	}
	for _, class := range classes {
		if !slices.ContainsFunc(p.Quotas, func(q planQuota) bool { return q.covers(planQuota{Classes: []int64{class}}) }) {
			doc.Fault("quotas", "class %d wants a line without industries and risk_classes, so that every subject has a quota", class)
		}
	}
}

func (q planQuota) check(doc *strictyaml.Document, at string) {
	needWords(doc, at, map[string]string{"id": q.ID, "frequency": q.Frequency, "basis": q.Basis})
	oneOf(doc, at+".trust", q.Trust, trusts)
	least, err := basisPoints(q.RatioMin)
	if err != nil {
		doc.Fault(at+".ratio_min", "%v", err)
	}
	ratio, err := basisPoints(q.Ratio)
	if err != nil {
		doc.Fault(at+".ratio", "%v", err)
	}
	if least > ratio {
		doc.Fault(at+".ratio_min", "%s is above ratio %s", q.RatioMin, q.Ratio)
	}
	if q.MaxChecks < 1 {
		doc.Fault(at+".max_checks_per_year", "is missing: at least 1")
	}
	if q.Minimum < 0 || q.Minimum > 0 && ratio == 0 {
		doc.Fault(at+".minimum", "is %d: at least 0, and 0 where the ratio is 0%%", q.Minimum)
	}
	if len(q.Classes) == 0 {
		doc.Fault(at+".classes", "is missing: supervision classes")
	}
	checkClasses(doc, at, q.Classes, q.RiskClasses)
	for n, industry := range q.Industries {
		if !industryForm.MatchString(industry) {
			doc.Fault(fmt.Sprintf("%s.industries[%d]", at, n), "%q is no section (C) or division (62) of GB/T 4754", industry)
		}
	}
}

func checkClasses(doc *strictyaml.Document, at string, supervision []int64, risks []string) {
	for n, class := range supervision {
		if !slices.Contains(classes, class) {
			doc.Fault(fmt.Sprintf("%s.classes[%d]", at, n), "class %d is not between 1 and 4", class)
		}
	}
	for n, risk := range risks {
		oneOf(doc, fmt.Sprintf("%s.risk_classes[%d]", at, n), risk, riskClasses)
	}
}

// covers tells that every subject that other fits is fitted by q.
func (q planQuota) covers(other planQuota) bool {
	return within(other.Classes, q.Classes) &&
		(len(q.Industries) == 0 || len(other.Industries) > 0 && within(other.Industries, q.Industries)) &&
		(len(q.RiskClasses) == 0 || len(other.RiskClasses) > 0 && within(other.RiskClasses, q.RiskClasses))
}

func within[T comparable](small, large []T) bool {
	return !slices.ContainsFunc(small, func(v T) bool { return !slices.Contains(large, v) })
}

func (p *InspectionPlan) checkConflicts(doc *strictyaml.Document) {
	var seen []string
	for i, c := range p.Inspectors.Conflicts {
		at := fmt.Sprintf("inspectors.conflicts[%d]", i)
		needWords(doc, at, map[string]string{"text": c.Text, "basis": c.Basis})
		oneOf(doc, at+".conflict", c.Conflict, conflictNames)
		seen = once(doc, at+".conflict", c.Conflict, seen)
		if (c.Conflict == "recent_visit") != (c.Months > 0) {
			doc.Fault(at+".months", "belongs to recent_visit, at least 1, and to no other")
		}
	}
}

func (p *InspectionPlan) checkExclusions(doc *strictyaml.Document) {
	var seen []string
	for i, e := range p.Exclusions {
		at := fmt.Sprintf("exclusions[%d]", i)
		needWords(doc, at, map[string]string{"text": e.Text, "basis": e.Basis})
		oneOf(doc, at+".exclusion", e.Exclusion, exclusionNames)
		seen = once(doc, at+".exclusion", e.Exclusion, seen)
		if (e.Exclusion == "new") != (e.Months > 0) {
			doc.Fault(at+".months", "belongs to new, at least 1, and to no other")
		}
		if (e.Exclusion == "closed") != (len(e.Statuses)+len(e.Results) > 0) {
			doc.Fault(at, "statuses and results belong to closed, one at least, and to no other")
		}
		if (e.Exclusion == "no_disturbance") != (len(e.Classes) > 0) || len(e.RiskClasses) > 0 && len(e.Classes) == 0 {
			doc.Fault(at, "classes, and risk_classes where wanted, belong to no_disturbance and to no other")
		}
		checkClasses(doc, at, e.Classes, e.RiskClasses)
	}
}
