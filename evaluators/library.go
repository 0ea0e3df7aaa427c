package evaluators

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"rongxin/internal/strictyaml"
	"rongxin/warehouse/run"
)

// A Library is every rule file, of whatever day.
type Library struct {
	rules  []ruleFile
	unread []string // paths of files of which nothing is known
}

// ruleFile is one parsed file.
type ruleFile struct {
	path       string // below the folder of rules
	kind, name string
	source     run.Source
	doc        *strictyaml.Document
	rule       rule
	lines      []Line
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
		"retention":          func() rule { return &Retention{} },
	}
)

// Builtin is the library that ships with the program.
func Builtin() (*Library, error) { return Load(BuiltinFiles()) }

// Load reads every .yml file below fsys but the tests, and reports all faults
// of all files at once.
func Load(fsys fs.FS) (*Library, error) {
	lib, err := Read(fsys)
	if err != nil {
		return nil, err
	}
	return lib, nil
}

// Read is Load for who goes on to tell other faults beside those of the files:
// the library has the faulty ones too, and is good for Files and Frozen.
func Read(fsys fs.FS) (*Library, error) {
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
			faults, lib.unread = append(faults, err), append(lib.unread, file)
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
	return lib, errors.Join(faults...)
}

const testSuffix = ".test.yml"

// parse reads a file. Its error says that nothing of it is known; what else is
// wrong with it, its document says.
func parse(file string, data []byte) (ruleFile, error) {
	sum := sha256.Sum256(data)
	r := ruleFile{path: file, source: run.Source{File: "evaluators/rules/" + file, SHA256: hex.EncodeToString(sum[:]), Text: data}}
	var root yaml.Node
	var peek map[string]any
	if err := errors.Join(yaml.Unmarshal(data, &root), root.Decode(&peek)); err != nil {
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
	r.lines = linesOf(&root)
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
