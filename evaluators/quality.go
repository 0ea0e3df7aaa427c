package evaluators

import (
	"fmt"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
)

// codeQuality defines wrong and duplicate codes, the figures on a department's
// data and the order of departments.
type codeQuality struct {
	Rule         string `yaml:"rule"`
	Header       `yaml:",inline"`
	Findings     []countedFinding      `yaml:"findings"`
	Unanswerable []unanswerableFinding `yaml:"unanswerable"`
	Exceptions   []codeException       `yaml:"exceptions"`
	Reviewed     []reviewedCode        `yaml:"reviewed"`
	Register     struct {
		LiveStatuses []string `yaml:"live_statuses"`
	} `yaml:"register"`
	PublicationItems []string         `yaml:"publication_items"`
	CoverageFrom     credit.Date      `yaml:"coverage_from"`
	Measures         []qualityMeasure `yaml:"measures"`
}

// countedFinding says which measure a finding counts in.
type countedFinding struct {
	Finding string `yaml:"finding"`
	Measure string `yaml:"measure"`
	Meaning string `yaml:"meaning"`
	Basis   string `yaml:"basis"`
}

// unanswerableFinding is one that a department is told of and need not answer.
type unanswerableFinding struct {
	Finding string `yaml:"finding"`
	Meaning string `yaml:"meaning"` // why nothing is left to answer
	Basis   string `yaml:"basis"`
}

// codeException is what looks like a duplicate and is none.
type codeException struct {
	Exception string   `yaml:"exception"`
	Statuses  []string `yaml:"statuses"` // of registrations that are not compared
	Meaning   string   `yaml:"meaning"`
	Basis     string   `yaml:"basis"`
}

// reviewedCode is one code that a finding does not count for.
type reviewedCode struct {
	Finding  string       `yaml:"finding"`
	Code     string       `yaml:"code"`
	From     credit.Date  `yaml:"from"`
	Until    *credit.Date `yaml:"until"`
	Reason   string       `yaml:"reason"`
	Approver string       `yaml:"approver"`
}

// qualityMeasure is a figure of a department, a share of integers.
type qualityMeasure struct {
	Measure     string `yaml:"measure"`
	Title       string `yaml:"title"`
	Numerator   string `yaml:"numerator"`
	Denominator string `yaml:"denominator"`
	Better      string `yaml:"better"` // more or less
	Goal        string `yaml:"goal"`   // "below 1‰", "at least 100%"; empty for none
	Basis       string `yaml:"basis"`
}

// The names that SQL and the notice know.
var (
	findingMeasures = []string{"wrong_code", "duplicate_code", "unattached"}
	exceptionNames  = []string{"rename", "branch", "move", "conversion"}
	measureNames    = []string{"coverage", "goals_missed", "code_faults", "timeliness", "rejects", "unattached", "answered"}
)

func (r codeQuality) check(doc *strictyaml.Document) {
	var findings []string
	for i, f := range r.Findings {
		at := fmt.Sprintf("findings[%d]", i)
		needWords(doc, at, map[string]string{"finding": f.Finding, "meaning": f.Meaning, "basis": f.Basis})
		oneOf(doc, at+".measure", f.Measure, findingMeasures)
		findings = once(doc, at+".finding", f.Finding, findings)
	}
	var unanswerable []string
	for i, f := range r.Unanswerable {
		at := fmt.Sprintf("unanswerable[%d]", i)
		needWords(doc, at, map[string]string{"finding": f.Finding, "meaning": f.Meaning, "basis": f.Basis})
		if slices.Contains(findings, f.Finding) {
			doc.Fault(at+".finding", "%s counts as a fault under findings, which has to be mended", f.Finding)
		}
		unanswerable = once(doc, at+".finding", f.Finding, unanswerable)
	}
	if !doc.Has("unanswerable") {
		doc.Fault("unanswerable", "is missing: the findings that want no answer, [] for none")
	}
	var exceptions []string
	for i, e := range r.Exceptions {
		at := fmt.Sprintf("exceptions[%d]", i)
		needWords(doc, at, map[string]string{"meaning": e.Meaning, "basis": e.Basis})
		oneOf(doc, at+".exception", e.Exception, exceptionNames)
		exceptions = once(doc, at+".exception", e.Exception, exceptions)
		if byStatus := e.Exception == "move" || e.Exception == "conversion"; byStatus != (len(e.Statuses) > 0) {
			doc.Fault(at+".statuses", "belong to move and conversion, and to no other")
		}
	}
	for i, c := range r.Reviewed {
		at := fmt.Sprintf("reviewed[%d]", i)
		needWords(doc, at, map[string]string{"code": c.Code, "reason": c.Reason, "approver": c.Approver})
		oneOf(doc, at+".finding", c.Finding, findings)
		if !doc.Has(at + ".from") {
			doc.Fault(at+".from", "is missing: the first day the exception holds")
		}
		if c.Until != nil && *c.Until < c.From {
			doc.Fault(at+".until", "is before from")
		}
		for j, other := range r.Reviewed[:i] {
			if c.Finding == other.Finding && c.Code == other.Code && overlap(c.From, c.Until, other.From, other.Until) {
				doc.Fault(at, "holds on the same days as reviewed[%d]", j)
			}
		}
	}
	if len(r.Register.LiveStatuses) == 0 {
		doc.Fault("register.live_statuses", "is missing: which registrations have a code in use")
	}
	if len(r.PublicationItems) == 0 {
		doc.Fault("publication_items", "is missing: the catalogue items of 双公示")
	}
	if !doc.Has("coverage_from") {
		doc.Fault("coverage_from", "is missing: the day from which periods are expected")
	}
	r.checkMeasures(doc)
}

func (r codeQuality) checkMeasures(doc *strictyaml.Document) {
	var seen []string
	for i, m := range r.Measures {
		at := fmt.Sprintf("measures[%d]", i)
		needWords(doc, at, map[string]string{"title": m.Title, "basis": m.Basis})
		oneOf(doc, at+".measure", m.Measure, measureNames)
		oneOf(doc, at+".better", m.Better, []string{"more", "less"})
		seen = once(doc, at+".measure", m.Measure, seen)
		if _, err := m.goalPPM(); err != nil {
			doc.Fault(at+".goal", "%v", err)
		}
		if m.Measure != "goals_missed" {
			needWords(doc, at, map[string]string{"numerator": m.Numerator, "denominator": m.Denominator})
		}
	}
	for _, name := range measureNames {
		if !slices.Contains(seen, name) {
			doc.Fault("measures", "%s is missing", name)
		}
	}
}

// goalPPM is the goal in millionths; nil without one. Below belongs to less,
// at least to more.
func (m qualityMeasure) goalPPM() (any, error) {
	if m.Goal == "" {
		return nil, nil
	}
	prefix, want := "below ", "below 1‰"
	if m.Better == "more" {
		prefix, want = "at least ", "at least 100%"
	}
	text, ok := strings.CutPrefix(m.Goal, prefix)
	if perMille, is := strings.CutSuffix(text, "‰"); ok && is {
		hundredths, err := basisPoints(perMille + "%")
		return hundredths * 10, err
	}
	hundredths, err := basisPoints(text)
	if !ok || err != nil {
		return nil, fmt.Errorf("%q is no goal such as %q", m.Goal, want)
	}
	return hundredths * 100, nil
}

func needWords(doc *strictyaml.Document, at string, values map[string]string) {
	for _, key := range sortedKeys(values) {
		if values[key] == "" {
			doc.Fault(at+"."+key, "is missing")
		}
	}
}

func oneOf(doc *strictyaml.Document, at, value string, known []string) {
	if !slices.Contains(known, value) {
		doc.Fault(at, "is %q, wants one of %s", value, strings.Join(known, ", "))
	}
}

// once notes a name that stands twice, and returns the names seen.
func once(doc *strictyaml.Document, at, name string, seen []string) []string {
	if name != "" && slices.Contains(seen, name) {
		doc.Fault(at, "%s stands twice", name)
	}
	return append(seen, name)
}
