package policy

import (
	"fmt"

	"rongxin/evaluators"
	"rongxin/evaluators/compare"
)

// Levels of a finding.
const (
	Warn = "warn"
	Stop = "stop"
)

// A Finding is a limit that a change passes.
type Finding struct {
	ID    string `json:"id"`
	Level string `json:"level"`
	Text  string `json:"text"`  // what the limit is about
	Where string `json:"where"` // 全市, a division, a scorecard …
	Is    string `json:"is"`
	Bound string `json:"bound"`
	Basis string `json:"basis"`
}

// findings holds an impact against the limits, in their order.
func findings(i Impact, groups map[string][]compare.Group, limits *evaluators.PolicyLimits) []Finding {
	list := []Finding{}
	for _, m := range limits.Moves {
		by := m.By
		if by == "" {
			by = "all"
		}
		for _, g := range groups[by] {
			if g.Subjects >= m.MinSubjects {
				list = append(list, moveFindings(m, g)...)
			}
		}
	}
	for _, s := range limits.Stability {
		of := i.Scorecards
		if s.Of == "characteristic" {
			of = i.Characteristics
		}
		for _, measured := range of {
			list = append(list, stabilityFindings(s, measured)...)
		}
	}
	return append(list, inspectionFindings(limits.Inspections, i.Inspections)...)
}

func moveFindings(m evaluators.MoveLimit, g compare.Group) []Finding {
	count := g.Count(m.Direction, m.Classes)
	f := Finding{ID: m.ID, Text: m.Text, Where: g.Title, Basis: m.Basis,
		Is: fmt.Sprintf("%d户，占%s", count, Percent(count, g.Subjects))}
	if m.StopSubjects > 0 && count > m.StopSubjects {
		f.Level, f.Bound = Stop, fmt.Sprintf("%d户", m.StopSubjects)
		return []Finding{f}
	}
	warn, stop := m.Shares()
	return f.above(m.Limit, count*10000, g.Subjects*warn, g.Subjects*stop)
}

func stabilityFindings(s evaluators.StabilityLimit, measured compare.Stability) []Finding {
	if measured.Index == nil {
		return nil
	}
	f := Finding{ID: s.ID, Text: s.Text, Where: measured.Title, Basis: s.Basis, Is: "PSI " + Index(measured.Index)}
	warn, stop := s.Indexes()
	return f.above(s.Limit, *measured.Index, warn, stop)
}

func inspectionFindings(l evaluators.Limit, i Inspections) []Finding {
	more := i.Then - i.Now
	f := Finding{ID: l.ID, Text: l.Text, Where: "全市", Basis: l.Basis, Is: fmt.Sprintf("%d次增至%d次，增加%s", i.Now, i.Then, Percent(more, i.Now))}
	warn, stop := l.Shares()
	return f.above(l, more*10000, i.Now*warn, i.Now*stop)
}

// above is the finding when is passes a bound, nothing when it does not.
func (f Finding) above(l evaluators.Limit, is, warn, stop int64) []Finding {
	switch {
	case is > stop:
		f.Level, f.Bound = Stop, l.StopAbove
	case is > warn:
		f.Level, f.Bound = Warn, l.WarnAbove
	default:
		return nil
	}
	return []Finding{f}
}

// String is the finding in one line, for officials.
func (f Finding) String() string {
	verdict := "超过停止限度"
	if f.Level == Warn {
		verdict = "超过预警限度"
	}
	return fmt.Sprintf("%s %s（%s）：%s，%s %s", f.ID, f.Text, f.Where, f.Is, verdict, f.Bound)
}

// Percent writes a share with two decimals, rounded half away from zero.
func Percent(n, of int64) string {
	if of == 0 {
		return "—"
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	bp := (n*20000 + of) / (2 * of)
	return fmt.Sprintf("%s%d.%02d%%", sign, bp/100, bp%100)
}

// Index writes a stability index with four decimals.
func Index(n *int64) string {
	if n == nil {
		return "—"
	}
	return fmt.Sprintf("%d.%04d", *n/10000, *n%10000)
}
