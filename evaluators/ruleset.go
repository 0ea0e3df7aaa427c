package evaluators

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/run"
)

// A RuleSet is the rules in force on one day.
type RuleSet struct {
	ID          string // newest effective day and a digest of all files
	Library     string // digest of the library it was picked from
	day         credit.Date
	files       []ruleFile
	sources     []run.Source
	Scorecards  []*Scorecard
	Schemes     []*Scheme
	Plans       []*InspectionPlan
	newest      credit.Date
	severities  []severity
	periods     []publicityPeriod
	transitions []transition
	lists       listLines
	states      *recordStates
	repairs     *repairConditions // nil before there are any
	measures    *measures         // nil before there are any
	results     *results
	overlay     *overlay
	quality     *codeQuality
	tiers       *tiers
	limits      *PolicyLimits // nil before there are any
	retention   *Retention    // nil before there are any
}

// On picks the rules in force on a day, and of event-dated rules also the
// versions before. Every single rule must be there; schemes and scorecards that
// do not hold yet, or no longer, are left out.
func (l *Library) On(day credit.Date) (*RuleSet, error) {
	set := l.At(day)
	return set, set.complete()
}

// At is On for a day on which rules may be missing, to try out some of them.
func (l *Library) At(day credit.Date) *RuleSet {
	set, h := &RuleSet{day: day, Library: l.Digest()}, sha256.New()
	for _, r := range l.rules {
		head := r.rule.head()
		if !head.inForce(day) && !(r.rule.eventDated() && head.EffectiveFrom <= day) {
			continue
		}
		r.rule.join(set)
		set.newer(head.EffectiveFrom)
		set.files, set.sources = append(set.files, r), append(set.sources, r.source)
		fmt.Fprintf(h, "%s %s\n", r.source.File, r.source.SHA256)
	}
	set.ID = set.newest.String() + "-" + hex.EncodeToString(h.Sum(nil))[:8]
	slices.SortFunc(set.Scorecards, func(a, b *Scorecard) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(set.Schemes, func(a, b *Scheme) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(set.Plans, func(a, b *InspectionPlan) int { return strings.Compare(a.Name, b.Name) })
	return set
}

// newer notes a day on which something began to hold.
func (s *RuleSet) newer(d credit.Date) {
	if d <= s.day {
		s.newest = max(s.newest, d)
	}
}

func (s *Scorecard) join(set *RuleSet)        { set.Scorecards = append(set.Scorecards, s) }
func (s *Scheme) join(set *RuleSet)           { set.Schemes = append(set.Schemes, s) }
func (p *InspectionPlan) join(set *RuleSet)   { set.Plans = append(set.Plans, p) }
func (r *recordStates) join(set *RuleSet)     { set.states = r }
func (r *repairConditions) join(set *RuleSet) { set.repairs = r }
func (r *measures) join(set *RuleSet)         { set.measures = r }
func (r *results) join(set *RuleSet)          { set.results = r }
func (o *overlay) join(set *RuleSet)          { set.overlay = o }
func (q *codeQuality) join(set *RuleSet)      { set.quality = q }
func (t *tiers) join(set *RuleSet)            { set.tiers = t }
func (p *PolicyLimits) join(set *RuleSet)     { set.limits = p }
func (r *Retention) join(set *RuleSet)        { set.retention = r }

func (s *RuleSet) complete() error {
	var faults []error
	for name, missing := range map[string]bool{
		"penalty_severity": s.severities == nil, "publicity_periods": s.periods == nil,
		"inspection_results": s.results == nil, "overlay": s.overlay == nil, "tiers": s.tiers == nil,
		"code_quality": s.quality == nil, "record_states": s.states == nil, "severe_lists": s.lists == nil,
	} {
		if missing {
			faults = append(faults, fmt.Errorf("no version of rule %s is in force on %s", name, s.day))
		}
	}
	for _, scheme := range s.Schemes {
		if scheme.Computed == nil {
			continue
		}
		card := s.scorecard(scheme.Computed.Scorecard)
		if card == nil {
			faults = append(faults, fmt.Errorf("scheme %s: scorecard %s is not in force on %s", scheme.Name, scheme.Computed.Scorecard, s.day))
			continue
		}
		for _, g := range card.Grades {
			if _, ok := scheme.Levels[g.Grade]; !ok {
				faults = append(faults, fmt.Errorf("scheme %s: grade %s of scorecard %s has no level", scheme.Name, g.Grade, card.Name))
			}
		}
	}
	for _, card := range s.Scorecards {
		for _, c := range card.Characteristics {
			if scheme := s.scheme(c.Result); c.Result != "" && c.Result != national && (scheme == nil || scheme.Imported == nil) {
				faults = append(faults, fmt.Errorf("scorecard %s: %s: %s is no imported scheme in force on %s; results of a scorecard are no result to another", card.Name, c.Name, c.Result, s.day))
			}
		}
	}
	if s.overlay != nil && s.overlay.Public.Fallback != "none" && s.scorecard(s.overlay.Public.Fallback) == nil {
		faults = append(faults, fmt.Errorf("overlay: fallback scorecard %s is not in force on %s", s.overlay.Public.Fallback, s.day))
	}
	return errors.Join(append(append(faults, s.measuresFit()...), s.plansFit())...)
}

func (s *RuleSet) scheme(name string) *Scheme {
	for _, scheme := range s.Schemes {
		if scheme.Name == name {
			return scheme
		}
	}
	return nil
}

func (s *RuleSet) scorecard(name string) *Scorecard {
	for _, card := range s.Scorecards {
		if card.Name == name {
			return card
		}
	}
	return nil
}
