package evaluators

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
	"rongxin/warehouse/run"
)

// Digest names a library by what its rule files hold, of whatever day; cases
// beside the rules are no part of it.
func (l *Library) Digest() string {
	lines := make([]string, len(l.rules))
	for i, r := range l.rules {
		lines[i] = r.source.File + " " + r.source.SHA256 + "\n"
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:])
}

// Keeps holds a library of proposed rules against this one, whose rules hold until
// the day: each file in force before it must be there and say what it said, but for
// the day that closes it. Every fault is told.
func (l *Library) Keeps(proposed *Library, day credit.Date) error {
	texts := map[string][]byte{}
	for _, r := range proposed.rules {
		texts[r.path] = r.source.Text
	}
	var faults []error
	for _, r := range l.rules {
		head := r.rule.head()
		if head.EffectiveFrom >= day {
			continue
		}
		fault := strictyaml.Fault{File: r.path, Line: 1, Column: 1}
		switch text, ok := texts[r.path]; {
		case !ok:
			fault.Message = "is gone: earlier days cannot be judged again without it; put it back"
		case digest(text) != digest(r.source.Text):
			fault.Message = fmt.Sprintf("has been in force since %s and was changed: put it back, close it with effective_to, and write version %d in a new file", head.EffectiveFrom, head.Version+1)
		default:
			continue
		}
		faults = append(faults, fault)
	}
	return errors.Join(faults...)
}

// A Change is one value of a rule that another rule set has otherwise. A rule that
// is new or gone has no key.
type Change struct {
	Rule  string `json:"rule"` // scorecard food, rule overlay …
	Title string `json:"title"`
	File  string `json:"file"`            // where it stands now, or stood
	Key   string `json:"key"`             // such as characteristics[dynamic_penalties].each
	Label string `json:"label,omitempty"` // the key in the words of its reader
	Unit  string `json:"unit,omitempty"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// Sources are the files of the rules in force, with their texts.
func (s *RuleSet) Sources() []run.Source { return s.sources }

// With is a value of the change with its unit, 无 where there is none.
func (c Change) With(value string) string {
	switch {
	case value == "":
		return "无"
	case strings.HasPrefix(value, "["):
		return value
	}
	return value + c.Unit
}

// Changes lists what differs between the rule files of two rule sets, rule by rule,
// in the order of the rules' names and of the keys in their files. A version that
// is new is held against the one before it.
func Changes(before, after []run.Source) ([]Change, error) {
	was, stands := byRule(before), byRule(after)
	list := []Change{}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if stands[name] == nil {
			list = append(list, gone(was[name][len(was[name])-1]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(stands)) {
		for _, s := range stands[name] {
			changes, err := changesOf(predecessor(was[name], s), s)
			if err != nil {
				return nil, err
			}
			list = append(list, changes...)
		}
	}
	slices.SortStableFunc(list, func(a, b Change) int { return strings.Compare(a.Rule, b.Rule) })
	return list, nil
}

// Begun reports whether the changes bear on the day of the rule sets: a version that
// begins later is no part of them yet, and only the day that closes the one before
// it differs.
func Begun(changes []Change) bool {
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Key != "effective_to" })
}

// byRule has the versions of each rule by their number.
func byRule(sources []run.Source) map[string][]run.Source {
	rules := map[string][]run.Source{}
	for _, s := range sources {
		rules[s.Rule] = append(rules[s.Rule], s)
	}
	for _, versions := range rules {
		slices.SortFunc(versions, func(a, b run.Source) int { return cmp.Compare(a.Version, b.Version) })
	}
	return rules
}

// predecessor is the file that a version is held against: the same one, else the
// same version, else the newest; nil where the rule is new.
func predecessor(was []run.Source, s run.Source) *run.Source {
	for i := range was {
		if was[i].SHA256 == s.SHA256 {
			return &was[i]
		}
	}
	for i := range was {
		if was[i].Version == s.Version {
			return &was[i]
		}
	}
	if len(was) == 0 {
		return nil
	}
	return &was[len(was)-1]
}

func gone(s run.Source) Change {
	return Change{Rule: s.Rule, Title: s.Title, File: s.File, Old: fmt.Sprintf("第%d版", s.Version)}
}

func changesOf(was *run.Source, stands run.Source) ([]Change, error) {
	of := Change{Rule: stands.Rule, Title: stands.Title, File: stands.File}
	switch {
	case was == nil:
		of.New = fmt.Sprintf("第%d版", stands.Version)
		return []Change{of}, nil
	case was.SHA256 == stands.SHA256:
		return nil, nil
	}
	old, err := flatten(was.Text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", was.File, err)
	}
	now, err := flatten(stands.Text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", stands.File, err)
	}
	var list []Change
	add := func(key string) {
		if c := of; old.values[key] != now.values[key] {
			c.Key, c.Old, c.New = key, old.values[key], now.values[key]
			c.Label, c.Unit = cmp.Or(now.labels[key], old.labels[key]), unitOf(key)
			list = append(list, c)
		}
	}
	for _, key := range old.keys {
		add(key)
	}
	for _, key := range now.keys {
		if _, ok := old.values[key]; !ok {
			add(key)
		}
	}
	return list, nil
}

// flat is a YAML file as paths and values.
type flat struct {
	keys   []string // in the order of the file
	values map[string]string
	labels map[string]string
}

func flatten(text []byte) (flat, error) {
	f := flat{values: map[string]string{}, labels: map[string]string{}}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return f, err
	}
	for _, node := range doc.Content {
		f.walk("", "", node)
	}
	return f, nil
}

func (f *flat) walk(path, label string, node *yaml.Node) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i].Value
			if path != "" {
				key = path + "." + key
			}
			f.walk(key, strings.TrimSpace(label+" "+wordOf(itemNames.ReplaceAllString(key, "")).label), node.Content[i+1])
		}
	case yaml.SequenceNode:
		if isFlat(node) {
			values := make([]string, len(node.Content))
			for i, item := range node.Content {
				values[i] = item.Value
			}
			f.put(path, label, "["+strings.Join(values, ", ")+"]")
			return
		}
		seen := map[string]int{}
		for _, item := range node.Content {
			name := itemValue(item, names)
			title := cmp.Or(itemValue(item, titles), name)
			seen[name]++
			if n := seen[name]; n > 1 || name == "" {
				name = strings.TrimPrefix(fmt.Sprintf("%s#%d", name, n), "#")
			}
			f.walk(path+"["+name+"]", label+"“"+cmp.Or(title, name)+"”", item)
		}
	case yaml.AliasNode:
		f.walk(path, label, node.Alias)
	default:
		f.put(path, label, node.Value)
	}
}

func (f *flat) put(path, label, value string) {
	f.keys = append(f.keys, path)
	f.values[path], f.labels[path] = value, label
}

// itemNames are the names of items in a key.
var itemNames = regexp.MustCompile(`\[[^\]]*\]`)

// unitOf is the unit of a key's value, empty where it depends on something else.
func unitOf(key string) string {
	if unit := wordOf(itemNames.ReplaceAllString(key, "")).unit; unit != byMeasure {
		return unit
	}
	return ""
}

func isFlat(node *yaml.Node) bool {
	return !slices.ContainsFunc(node.Content, func(item *yaml.Node) bool { return item.Kind != yaml.ScalarNode })
}

// names are the keys that tell one item of a list from the others, best first;
// titles are those that tell it to a reader.
var (
	names  = []string{"name", "id", "code", "reason_code", "conflict", "exclusion", "size", "class", "grade", "from"}
	titles = []string{"title", "text", "meaning"}
)

func itemValue(item *yaml.Node, keys []string) string {
	if item.Kind != yaml.MappingNode {
		return ""
	}
	for _, key := range keys {
		for i := 0; i+1 < len(item.Content); i += 2 {
			if item.Content[i].Value == key && item.Content[i+1].Kind == yaml.ScalarNode {
				return item.Content[i+1].Value
			}
		}
	}
	return ""
}
