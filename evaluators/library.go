package evaluators

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
	"rongxin/warehouse/run"
)

// A Library is every rule file, of whatever day.
type Library struct {
	rules []ruleFile
}

// ruleFile is one parsed file.
type ruleFile struct {
	path       string // below the folder of rules
	kind, name string
	source     run.Source
	doc        *strictyaml.Document
	rule       rule
}

// A rule is what each kind of file holds. Most are judged by the version in
// force on the day of the evaluation. Those that judge a record by its own day
// are event-dated: all their versions join a rule set, each with its days.
type rule interface {
	head() *Header
	eventDated() bool
	check(*strictyaml.Document)
	join(*RuleSet)
}

// The files by the key that they open with, and those of key rule by its name.
var (
	fileKinds = map[string]func() rule{
		"scorecard":       func() rule { return &Scorecard{} },
		"scheme":          func() rule { return &Scheme{} },
		"inspection_plan": func() rule { return &InspectionPlan{} },
	}
	namedRules = map[string]func() rule{
		"penalty_severity":   func() rule { return &severities{} },
		"publicity_periods":  func() rule { return &publicity{} },
		"severe_lists":       func() rule { return &severeLists{} },
		"record_states":      func() rule { return &recordStates{} },
		"repair_conditions":  func() rule { return &repairConditions{} },
		"measures":           func() rule { return &measures{} },
		"inspection_results": func() rule { return &results{} },
		"overlay":            func() rule { return &overlay{} },
		"code_quality":       func() rule { return &codeQuality{} },
		"tiers":              func() rule { return &tiers{} },
		"policy_limits":      func() rule { return &PolicyLimits{} },
	}
)

// Builtin is the library that ships with the program.
func Builtin() (*Library, error) { return Load(BuiltinFiles()) }

// Load reads every .yml file below fsys but the tests, and reports all faults
// of all files at once.
func Load(fsys fs.FS) (*Library, error) {
	lib := &Library{}
	var faults []error
	err := fs.WalkDir(fsys, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(file) != ".yml" || strings.HasSuffix(file, testSuffix) {
			return err
		}
		data, err := fs.ReadFile(fsys, file)
		if err != nil {
			return err
		}
		if rule, err := parse(file, data); err != nil {
			faults = append(faults, err)
		} else {
			lib.rules = append(lib.rules, rule)
		}
		return nil
	})
	faults = append(faults, err)
	lib.checkVersions()
	for _, r := range lib.rules {
		faults = append(faults, r.doc.Err())
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return lib, nil
}

const testSuffix = ".test.yml"

// parse reads a file. Its error says that nothing of it is known; what else is
// wrong with it, its document says.
func parse(file string, data []byte) (ruleFile, error) {
	sum := sha256.Sum256(data)
	r := ruleFile{path: file, source: run.Source{File: "evaluators/rules/" + file, SHA256: hex.EncodeToString(sum[:]), Text: data}}
	var peek map[string]any
	if err := yaml.Unmarshal(data, &peek); err != nil {
		return r, strictyaml.Decode(file, data, &peek).Err()
	}
	name, _ := peek["rule"].(string)
	if make, ok := namedRules[name]; ok {
		r.kind, r.name, r.rule = "rule", name, make()
	}
	for _, kind := range sortedKeys(fileKinds) {
		if name, _ := peek[kind].(string); name != "" {
			r.kind, r.name, r.rule = kind, name, fileKinds[kind]()
		}
	}
	if r.rule == nil {
		return r, fmt.Errorf("%s:1:1: opens with none of %s: and a name, nor with rule: and one of %s",
			file, strings.Join(sortedKeys(fileKinds), ":, "), strings.Join(sortedKeys(namedRules), ", "))
	}
	r.doc = strictyaml.Decode(file, data, r.rule)
	r.rule.head().check(r.doc)
	r.rule.check(r.doc)
	r.source.Rule, r.source.Title, r.source.Version = r.kind+" "+r.name, r.rule.head().Title, r.rule.head().Version
	return r, nil
}

// checkVersions refuses two files of one rule that hold on the same day or
// carry the same version, and days between two versions of an event-dated rule
// on which none holds.
func (l *Library) checkVersions() {
	for i, a := range l.rules {
		ha := a.rule.head()
		gap := a.rule.eventDated() && ha.EffectiveTo != nil
		for j, b := range l.rules {
			if i == j || a.kind != b.kind || a.name != b.name {
				continue
			}
			hb := b.rule.head()
			if j < i && ha.Version == hb.Version {
				a.doc.Fault("version", "%d of %s %s is also %s", ha.Version, a.kind, a.name, b.path)
			}
			if j < i && overlap(ha.EffectiveFrom, ha.EffectiveTo, hb.EffectiveFrom, hb.EffectiveTo) {
				a.doc.Fault("effective_from", "holds on the same days as %s; close one with effective_to", b.path)
			}
			gap = gap && hb.EffectiveFrom != ha.EffectiveTo.AddDays(1)
		}
		if gap {
			a.doc.Fault("effective_to", "no version holds on the day after %s, and records of that day would be judged by none", ha.EffectiveTo)
		}
	}
}

// A RuleSet is the rules in force on one day.
type RuleSet struct {
	ID          string // newest effective day and a digest of all files
	Library     string // digest of the library it was picked from
	day         credit.Date
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
		set.sources = append(set.sources, r.source)
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
