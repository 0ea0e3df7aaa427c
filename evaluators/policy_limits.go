package evaluators

import (
	"fmt"
	"math/big"
	"slices"

	"rongxin/internal/strictyaml"
)

// PolicyLimits say how far a change of rules may go before somebody must answer
// for it, and into which sizes its effect is divided.
type PolicyLimits struct {
	Rule        string `yaml:"rule"`
	Header      `yaml:",inline"`
	Moves       []MoveLimit      `yaml:"moves"`
	Stability   []StabilityLimit `yaml:"stability"`
	Inspections Limit            `yaml:"inspections"`
	Sizes       Sizes            `yaml:"sizes"`
}

// A Limit warns above one figure and stops above another.
type Limit struct {
	ID        string `yaml:"id"`
	Text      string `yaml:"text"`
	WarnAbove string `yaml:"warn_above"` // a share such as 5%; of stability an index such as 0.10
	StopAbove string `yaml:"stop_above"`
	Basis     string `yaml:"basis"`
}

// Shares are the bounds in basis points. The rule was checked when it was read.
func (l Limit) Shares() (warn, stop int64) {
	warn, _ = basisPoints(l.WarnAbove)
	stop, _ = basisPoints(l.StopAbove)
	return warn, stop
}

// MoveLimit bounds how many subjects change their class.
type MoveLimit struct {
	Limit        `yaml:",inline"`
	Direction    string `yaml:"direction"`     // any, stricter, milder
	Classes      int64  `yaml:"classes"`       // by at least so many classes
	By           string `yaml:"by"`            // empty: of all; division, industry, size: of each group
	MinSubjects  int64  `yaml:"min_subjects"`  // smaller groups are not looked at
	StopSubjects int64  `yaml:"stop_subjects"` // and never more than so many; 0: no bound
}

// StabilityLimit bounds the population stability index.
type StabilityLimit struct {
	Limit `yaml:",inline"`
	Of    string `yaml:"of"` // scorecard or characteristic
}

// Indexes are the bounds in ten-thousandths.
func (l StabilityLimit) Indexes() (warn, stop int64) {
	warn, _ = tenThousandths(l.WarnAbove)
	stop, _ = tenThousandths(l.StopAbove)
	return warn, stop
}

// Sizes divide enterprises by what the register says of them.
type Sizes struct {
	Basis   string     `yaml:"basis"`
	Bands   []SizeBand `yaml:"bands"`   // the first that fits
	Unknown string     `yaml:"unknown"` // of whom the register says nothing that a band asks for
}

// SizeBand is one size. A band without a condition fits every known capital.
type SizeBand struct {
	Size         string   `yaml:"size"`
	EntityTypes  []string `yaml:"entity_types"`
	CapitalBelow int64    `yaml:"capital_below"` // 万元
}

// Limits are those in force, nil where there are none.
func (s *RuleSet) Limits() *PolicyLimits { return s.limits }

func (p *PolicyLimits) check(doc *strictyaml.Document) {
	ids := map[string]bool{}
	for i, m := range p.Moves {
		at := fmt.Sprintf("moves[%d]", i)
		m.checkShares(doc, at, ids)
		oneOf(doc, at+".direction", m.Direction, []string{"any", "stricter", "milder"})
		if m.By != "" {
			oneOf(doc, at+".by", m.By, []string{"division", "industry", "size"})
		}
		if m.Classes < 1 || m.Classes > 3 {
			doc.Fault(at+".classes", "%d is not between 1 and 3", m.Classes)
		}
		if m.MinSubjects < 0 || m.StopSubjects < 0 {
			doc.Fault(at, "min_subjects and stop_subjects are not below 0")
		}
	}
	for i, s := range p.Stability {
		at := fmt.Sprintf("stability[%d]", i)
		s.identify(doc, at, ids)
		oneOf(doc, at+".of", s.Of, []string{"scorecard", "characteristic"})
		s.ascend(doc, at, tenThousandths)
	}
	if len(p.Moves) == 0 || len(p.Stability) == 0 {
		doc.Fault("moves", "moves and stability want at least one limit each")
	}
	p.Inspections.checkShares(doc, "inspections", ids)
	p.Sizes.check(doc)
}

func (l Limit) identify(doc *strictyaml.Document, at string, ids map[string]bool) {
	needID(doc, at, l.ID, l.Basis)
	if l.Text == "" {
		doc.Fault(at+".text", "is missing: what officials read when it is broken")
	}
	if ids[l.ID] {
		doc.Fault(at+".id", "%s stands twice", l.ID)
	}
	ids[l.ID] = true
}

func (l Limit) checkShares(doc *strictyaml.Document, at string, ids map[string]bool) {
	l.identify(doc, at, ids)
	l.ascend(doc, at, basisPoints)
}

// ascend wants both bounds, the one that stops no lower than the one that warns.
func (l Limit) ascend(doc *strictyaml.Document, at string, read func(string) (int64, error)) {
	warn, err := read(l.WarnAbove)
	if err != nil {
		doc.Fault(at+".warn_above", "%v", err)
	}
	stop, err := read(l.StopAbove)
	if err != nil {
		doc.Fault(at+".stop_above", "%v", err)
	}
	if stop < warn {
		doc.Fault(at+".stop_above", "%s is below warn_above %s", l.StopAbove, l.WarnAbove)
	}
}

func (s Sizes) check(doc *strictyaml.Document) {
	if s.Basis == "" || s.Unknown == "" || len(s.Bands) == 0 {
		doc.Fault("sizes", "wants basis, bands and unknown")
	}
	below, names := int64(0), []string{s.Unknown}
	for i, b := range s.Bands {
		at := fmt.Sprintf("sizes.bands[%d]", i)
		if b.Size == "" || slices.Contains(names, b.Size) {
			doc.Fault(at+".size", "%q is missing or stands twice", b.Size)
		}
		names = append(names, b.Size)
		if b.EntityTypes != nil && b.CapitalBelow != 0 {
			doc.Fault(at, "is by entity_types or by capital_below")
		}
		if b.CapitalBelow < 0 || b.CapitalBelow > 0 && b.CapitalBelow <= below {
			doc.Fault(at+".capital_below", "bounds must ascend")
		}
		below = max(below, b.CapitalBelow)
	}
	if n := len(s.Bands); n > 0 && (s.Bands[n-1].EntityTypes != nil || s.Bands[n-1].CapitalBelow != 0) {
		doc.Fault("sizes.bands", "must end with a band without conditions")
	}
}

// tenThousandths reads an index such as 0.25.
func tenThousandths(s string) (int64, error) {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return 0, fmt.Errorf("%q is not a number such as 0.25", s)
	}
	r.Mul(r, big.NewRat(10000, 1))
	if !r.IsInt() || r.Sign() < 0 || !r.Num().IsInt64() {
		return 0, fmt.Errorf("%q is not at least 0 with at most four decimals", s)
	}
	return r.Num().Int64(), nil
}
