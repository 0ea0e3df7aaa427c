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

// ruleFile is one parsed file. rule is one of the rule types of this package.
type ruleFile struct {
	kind, name string
	source     run.Source
	header     Header
	rule       any
}

// checker is what each kind of rule file must be able to do.
type checker interface{ check(*strictyaml.Document) }

// Builtin is the library that ships with the program.
func Builtin() (*Library, error) {
	sub, err := fs.Sub(ruleFiles, "rules")
	if err != nil {
		return nil, err
	}
	return Load(sub)
}

// Load reads every .yml file below fsys but the tests, and reports all faults
// of all files at once.
func Load(fsys fs.FS) (*Library, error) {
	lib := &Library{}
	var faults []error
	err := fs.WalkDir(fsys, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(file) != ".yml" || strings.HasSuffix(file, ".test.yml") {
			return err
		}
		data, err := fs.ReadFile(fsys, file)
		if err != nil {
			return err
		}
		rule, err := parse(file, data)
		faults = append(faults, err)
		lib.rules = append(lib.rules, rule)
		return nil
	})
	faults = append(faults, err)
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return lib, lib.checkVersions()
}

func parse(file string, data []byte) (ruleFile, error) {
	var peek struct {
		Scorecard, Scheme, Rule string
		Plan                    string `yaml:"inspection_plan"`
	}
	_ = yaml.Unmarshal(data, &peek) // faults are reported by the strict reading below
	sum := sha256.Sum256(data)
	r := ruleFile{source: run.Source{File: "evaluators/rules/" + file, SHA256: hex.EncodeToString(sum[:]), Text: data}}
	var header *Header
	switch {
	case peek.Scorecard != "":
		s := &Scorecard{}
		r.kind, r.name, r.rule, header = "scorecard", peek.Scorecard, s, &s.Header
	case peek.Scheme != "":
		s := &Scheme{}
		r.kind, r.name, r.rule, header = "scheme", peek.Scheme, s, &s.Header
	case peek.Plan != "":
		p := &InspectionPlan{}
		r.kind, r.name, r.rule, header = "inspection_plan", peek.Plan, p, &p.Header
	case peek.Rule == "penalty_severity":
		s := &severities{}
		r.rule, header = s, &s.Header
	case peek.Rule == "publicity_periods":
		s := &publicity{}
		r.rule, header = s, &s.Header
	case peek.Rule == "record_states":
		s := &recordStates{}
		r.rule, header = s, &s.Header
	case peek.Rule == "severe_lists":
		s := &severeLists{}
		r.rule, header = s, &s.Header
	case peek.Rule == "repair_conditions":
		s := &repairConditions{}
		r.rule, header = s, &s.Header
	case peek.Rule == "inspection_results":
		s := &results{}
		r.rule, header = s, &s.Header
	case peek.Rule == "overlay":
		s := &overlay{}
		r.rule, header = s, &s.Header
	case peek.Rule == "code_quality":
		s := &codeQuality{}
		r.rule, header = s, &s.Header
	case peek.Rule == "tiers":
		s := &tiers{}
		r.rule, header = s, &s.Header
	default:
		return r, fmt.Errorf("%s:1:1: opens with none of scorecard:, scheme:, inspection_plan: and rule: with a known name", file)
	}
	if r.kind == "" {
		r.kind, r.name = "rule", peek.Rule
	}
	doc := strictyaml.Decode(file, data, r.rule)
	header.check(doc)
	r.rule.(checker).check(doc)
	r.header = *header
	r.source.Rule, r.source.Title, r.source.Version = r.kind+" "+r.name, header.Title, header.Version
	return r, doc.Err()
}

// checkVersions refuses two files of one rule that hold on the same day or
// carry the same version.
func (l *Library) checkVersions() error {
	var faults []error
	for i, a := range l.rules {
		for _, b := range l.rules[:i] {
			if a.kind != b.kind || a.name != b.name {
				continue
			}
			if a.header.Version == b.header.Version {
				faults = append(faults, fmt.Errorf("%s: version %d of %s %s is also %s", a.source.File, a.header.Version, a.kind, a.name, b.source.File))
			}
			if overlap(a.header.EffectiveFrom, a.header.EffectiveTo, b.header.EffectiveFrom, b.header.EffectiveTo) {
				faults = append(faults, fmt.Errorf("%s: holds on the same days as %s; close one with effective_to", a.source.File, b.source.File))
			}
		}
	}
	return errors.Join(faults...)
}

// A RuleSet is the rules in force on one day.
type RuleSet struct {
	ID         string // newest effective day and a digest of all files
	day        credit.Date
	sources    []run.Source
	Scorecards []*Scorecard
	Schemes    []*Scheme
	Plans      []*InspectionPlan
	severities *severities
	publicity  *publicity
	states     *recordStates
	lists      *severeLists
	repairs    *repairConditions // nil before there are any
	results    *results
	overlay    *overlay
	quality    *codeQuality
	tiers      *tiers
}

// On picks the rules in force on a day. Every single rule must be there;
// schemes and scorecards that do not hold yet, or no longer, are left out.
func (l *Library) On(day credit.Date) (*RuleSet, error) {
	set := &RuleSet{day: day}
	newest, h := credit.Date(0), sha256.New()
	newer := func(d credit.Date) {
		if d <= day {
			newest = max(newest, d)
		}
	}
	for _, r := range l.rules {
		if !r.header.inForce(day) {
			continue
		}
		switch rule := r.rule.(type) {
		case *Scorecard:
			set.Scorecards = append(set.Scorecards, rule)
		case *Scheme:
			set.Schemes = append(set.Schemes, rule)
		case *InspectionPlan:
			set.Plans = append(set.Plans, rule)
		case *severities:
			set.severities = rule
		case *publicity:
			set.publicity = rule
			for _, p := range rule.Periods {
				newer(p.EffectiveFrom)
			}
		case *recordStates:
			set.states = rule
		case *severeLists:
			set.lists = rule
			for _, l := range rule.Lists {
				newer(l.EffectiveFrom)
			}
		case *repairConditions:
			set.repairs = rule
		case *results:
			set.results = rule
		case *overlay:
			set.overlay = rule
		case *codeQuality:
			set.quality = rule
		case *tiers:
			set.tiers = rule
		}
		newer(r.header.EffectiveFrom)
		set.sources = append(set.sources, r.source)
		fmt.Fprintf(h, "%s %s\n", r.source.File, r.source.SHA256)
	}
	set.ID = newest.String() + "-" + hex.EncodeToString(h.Sum(nil))[:8]
	slices.SortFunc(set.Scorecards, func(a, b *Scorecard) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(set.Schemes, func(a, b *Scheme) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(set.Plans, func(a, b *InspectionPlan) int { return strings.Compare(a.Name, b.Name) })
	return set, set.complete()
}

func (s *RuleSet) complete() error {
	var faults []error
	for name, missing := range map[string]bool{
		"penalty_severity": s.severities == nil, "publicity_periods": s.publicity == nil,
		"inspection_results": s.results == nil, "overlay": s.overlay == nil, "tiers": s.tiers == nil,
		"code_quality": s.quality == nil, "record_states": s.states == nil, "severe_lists": s.lists == nil,
	} {
		if missing {
			faults = append(faults, fmt.Errorf("no version of rule %s is in force on %s", name, s.day))
		}
	}
	for _, scheme := range s.Schemes {
		if scheme.Computed != nil && s.scorecard(scheme.Computed.Scorecard) == nil {
			faults = append(faults, fmt.Errorf("scheme %s: scorecard %s is not in force on %s", scheme.Name, scheme.Computed.Scorecard, s.day))
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
	return errors.Join(append(faults, s.plansFit())...)
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
