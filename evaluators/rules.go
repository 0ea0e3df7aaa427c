package evaluators

import (
	"fmt"
	"slices"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
)

// Header is what every rule file says of itself.
type Header struct {
	Title         string       `yaml:"title"`
	Version       int          `yaml:"version"`
	EffectiveFrom credit.Date  `yaml:"effective_from"`
	EffectiveTo   *credit.Date `yaml:"effective_to"` // last day in force; absent while it lasts
	Owner         string       `yaml:"owner"`        // the body that answers for it
	Basis         string       `yaml:"basis"`        // documents and articles
	Trust         string       `yaml:"trust"`        // official, published, proposal, memory
}

func (h *Header) head() *Header    { return h }
func (h *Header) eventDated() bool { return false }

// clip is the part of some days on which the file holds.
func (h *Header) clip(from credit.Date, to *credit.Date) (credit.Date, *credit.Date, bool) {
	from = max(from, h.EffectiveFrom)
	if h.EffectiveTo != nil && (to == nil || *h.EffectiveTo < *to) {
		to = h.EffectiveTo
	}
	return from, to, to == nil || from <= *to
}

func (h Header) inForce(day credit.Date) bool {
	return h.EffectiveFrom <= day && (h.EffectiveTo == nil || day <= *h.EffectiveTo)
}

func (h Header) check(doc *strictyaml.Document) {
	for key, value := range map[string]string{"title": h.Title, "owner": h.Owner, "basis": h.Basis} {
		if value == "" {
			doc.Fault(key, "is missing")
		}
	}
	if h.Version < 1 {
		doc.Fault("version", "is missing: count from 1")
	}
	if !doc.Has("effective_from") {
		doc.Fault("effective_from", "is missing: the first day the rule holds")
	}
	if h.EffectiveTo != nil && *h.EffectiveTo < h.EffectiveFrom {
		doc.Fault("effective_to", "is before effective_from")
	}
	oneOf(doc, "trust", h.Trust, trusts)
}

// severities classes penalties as 轻微, 一般 or 严重.
type severities struct {
	Rule   string `yaml:"rule"`
	Header `yaml:",inline"`
	Lines  []severity `yaml:"severities"`
}

type severity struct {
	ID          string `yaml:"id"`
	PenaltyKind string `yaml:"penalty_kind"` // empty: any
	FineFrom    *int64 `yaml:"fine_from"`    // 元, at least
	FineUpTo    *int64 `yaml:"fine_up_to"`   // 元, at most
	Severity    string `yaml:"severity"`
	Basis       string `yaml:"basis"`

	from credit.Date // the days of its file
	to   *credit.Date
}

func (r *severities) eventDated() bool { return true }

func (r *severities) join(set *RuleSet) {
	for _, l := range r.Lines {
		l.from, l.to = r.EffectiveFrom, r.EffectiveTo
		set.severities = append(set.severities, l)
	}
}

func (r severities) check(doc *strictyaml.Document) {
	for i, l := range r.Lines {
		at := fmt.Sprintf("severities[%d]", i)
		needID(doc, at, l.ID, l.Basis)
		switch l.Severity {
		case "轻微", "一般", "严重":
		default:
			doc.Fault(at+".severity", "is %q, wants 轻微, 一般 or 严重", l.Severity)
		}
	}
	if n := len(r.Lines); n == 0 || r.Lines[n-1].PenaltyKind != "" || r.Lines[n-1].FineFrom != nil || r.Lines[n-1].FineUpTo != nil {
		doc.Fault("severities", "must end with a line without conditions, so that every penalty has a severity")
	}
}

// publicity says how long a class of record is published and used.
type publicity struct {
	Rule        string `yaml:"rule"`
	Header      `yaml:",inline"`
	Transitions []transition      `yaml:"transitions"`
	Periods     []publicityPeriod `yaml:"periods"`
}

type transition struct {
	ID            string      `yaml:"id"`
	EffectiveFrom credit.Date `yaml:"effective_from"`
	Applies       string      `yaml:"applies"` // to records from before: the earlier rule, or the later
	Basis         string      `yaml:"basis"`
}

type publicityPeriod struct {
	ID            string       `yaml:"id"`
	Class         string       `yaml:"class"`
	Fields        []string     `yaml:"fields"` // of records; absent: any, unless another line names the field
	MinMonths     int64        `yaml:"min_months"`
	MaxMonths     *int64       `yaml:"max_months"` // absent: until removed
	EffectiveFrom credit.Date  `yaml:"effective_from"`
	EffectiveTo   *credit.Date `yaml:"effective_to"`
	Basis         string       `yaml:"basis"`
}

func (r *publicity) eventDated() bool { return true }

func (r *publicity) join(set *RuleSet) {
	set.transitions = append(set.transitions, r.Transitions...)
	for _, p := range r.Periods {
		var holds bool
		if p.EffectiveFrom, p.EffectiveTo, holds = r.clip(p.EffectiveFrom, p.EffectiveTo); holds {
			set.periods = append(set.periods, p)
			set.newer(p.EffectiveFrom)
		}
	}
}

func (r publicity) check(doc *strictyaml.Document) {
	for i, t := range r.Transitions {
		at := fmt.Sprintf("transitions[%d]", i)
		needID(doc, at, t.ID, t.Basis)
		oneOf(doc, at+".applies", t.Applies, []string{"earlier", "later"})
		if !doc.Has(at + ".effective_from") {
			doc.Fault(at+".effective_from", "is missing: the first day of the later rule")
		}
	}
	for i, p := range r.Periods {
		at := fmt.Sprintf("periods[%d]", i)
		needID(doc, at, p.ID, p.Basis)
		if p.Class == "" {
			doc.Fault(at+".class", "is missing")
		}
		if p.MaxMonths != nil && *p.MaxMonths < p.MinMonths {
			doc.Fault(at+".max_months", "is below min_months")
		}
		for j, other := range r.Periods[:i] {
			if other.Class == p.Class && sameFields(p.Fields, other.Fields) && overlap(p.EffectiveFrom, p.EffectiveTo, other.EffectiveFrom, other.EffectiveTo) {
				doc.Fault(at, "holds on the same days as periods[%d] %s for %s", j, other.ID, p.Class)
			}
		}
	}
}

// sameFields tells whether two lines are for one field, or both for any.
func sameFields(a, b []string) bool {
	return len(a)+len(b) == 0 || slices.ContainsFunc(a, func(field string) bool { return slices.Contains(b, field) })
}

// results tells problems from other outcomes of an inspection.
type results struct {
	Rule    string `yaml:"rule"`
	Header  `yaml:",inline"`
	Results []struct {
		Code    string `yaml:"code"`
		Meaning string `yaml:"meaning"`
		Problem bool   `yaml:"problem"`
	} `yaml:"results"`
}

func (r results) check(doc *strictyaml.Document) {
	seen := map[string]bool{}
	for i, line := range r.Results {
		at := fmt.Sprintf("results[%d]", i)
		if line.Code == "" || line.Meaning == "" {
			doc.Fault(at, "wants code and meaning")
		}
		if seen[line.Code] {
			doc.Fault(at+".code", "%s stands twice", line.Code)
		}
		seen[line.Code] = true
		if !doc.Has(at + ".problem") {
			doc.Fault(at+".problem", "is missing")
		}
	}
}

func overlap(from1 credit.Date, to1 *credit.Date, from2 credit.Date, to2 *credit.Date) bool {
	return (to2 == nil || from1 <= *to2) && (to1 == nil || from2 <= *to1)
}

func needID(doc *strictyaml.Document, at, id, basis string) {
	if id == "" {
		doc.Fault(at+".id", "is missing")
	}
	if basis == "" {
		doc.Fault(at+".basis", "is missing: every rule names the document it rests on")
	}
}
