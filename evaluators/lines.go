package evaluators

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"rongxin/internal/credit"
	"rongxin/warehouse/run"
)

// A Line is one thing that a rule file says, in the words of its reader, with
// the days on which it holds and the document that it rests on: its own, or
// those of what it is part of.
type Line struct {
	Path  string `json:"path"` // such as characteristics[2].bands[1].points
	Label string `json:"label"`
	Value string `json:"value"`
	Unit  string `json:"unit,omitempty"`
	From  string `json:"effective_from"`
	To    string `json:"effective_to,omitempty"`
	Basis string `json:"basis"`
}

// linesOf are all that a file says, in its order.
func linesOf(root *yaml.Node) []Line {
	w := &lineWalk{}
	w.mapping(root.Content[0], "", Line{})
	return w.lines
}

type lineWalk struct {
	lines   []Line
	measure string // of the bands that are walked
}

// scalars joins a list of texts; ok is false where it holds anything else.
func scalars(node *yaml.Node) (text string, ok bool) {
	var parts []string
	for _, n := range node.Content {
		if n.Kind != yaml.ScalarNode {
			return "", false
		}
		parts = append(parts, n.Value)
	}
	return strings.Join(parts, "、"), true
}

// mapping walks the keys of a mapping. Days and citation are those of the
// mapping where it has any, else those of what it is part of.
func (w *lineWalk) mapping(node *yaml.Node, path string, of Line) {
	keys := map[string]*yaml.Node{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		keys[node.Content[i].Value] = node.Content[i+1]
	}
	for key, target := range map[string]*string{"basis": &of.Basis, "effective_from": &of.From, "effective_to": &of.To} {
		if keys[key] != nil {
			*target = keys[key].Value
		}
	}
	if keys["from"] != nil && keys["status"] != nil { // the state of a scheme from a day on
		of.From = keys["from"].Value
	}
	if keys["effective_from"] != nil && keys["effective_to"] == nil && path != "" {
		of.To = ""
	}
	if keys["measure"] != nil {
		w.measure = keys["measure"].Value
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i].Value, node.Content[i+1]
		at := key
		if path != "" {
			at = path + "." + key
		}
		w.value(value, at, of)
	}
}

func (w *lineWalk) value(node *yaml.Node, path string, of Line) {
	of.Path = path
	word := wordOf(path)
	of.Label, of.Unit = word.label, word.unit
	if of.Unit == byMeasure {
		of.Unit = unitOfMeasure(w.measure)
	}
	switch node.Kind {
	case yaml.MappingNode:
		w.mapping(node, path, of)
		return
	case yaml.SequenceNode:
		text, ok := scalars(node)
		if !ok {
			for i, n := range node.Content {
				w.mapping(n, fmt.Sprintf("%s[%d]", path, i), of)
			}
			return
		}
		of.Value = text
	default:
		of.Value = node.Value
	}
	if strings.HasPrefix(path, "characteristics") && strings.HasSuffix(path, ".measure") {
		of.Value = measureWords(of.Value)
	}
	if said, ok := word.says[of.Value]; ok {
		of.Value, of.Unit = said, ""
	}
	w.lines = append(w.lines, of)
}

var indices = regexp.MustCompile(`\[\d+\]`)

// wordOf finds the words of a key: of its whole path, of as much of its end as
// has words, or, where its parent holds data of the rule's own, the key itself.
func wordOf(path string) word {
	keys := strings.Split(indices.ReplaceAllString(path, ""), ".")
	last := keys[len(keys)-1]
	for i := range len(keys) - 1 {
		if w, ok := words[strings.Join(keys[i:], ".")]; ok {
			return w
		}
	}
	if len(keys) > 1 {
		if parent := wordOf(strings.Join(keys[:len(keys)-1], ".")); parent.data {
			if said, ok := parent.says[last]; ok {
				last = said
			}
			return word{label: parent.item + last + parent.after, unit: parent.unit}
		}
	}
	if w, ok := words[last]; ok {
		return w
	}
	return word{label: last}
}

// LabelOf is how the key at a path is called.
func LabelOf(path string) string { return wordOf(path).label }

// linesSeed is every line of every rule in force as a table, for who asks in
// SQL what a rule said on the day.
func (s *RuleSet) linesSeed() run.Seed {
	seed := run.Seed{Name: "rules.lines", Columns: columns(
		[2]string{"rule", "VARCHAR"}, [2]string{"version", "BIGINT"}, [2]string{"file", "VARCHAR"}, [2]string{"position", "BIGINT"},
		[2]string{"path", "VARCHAR"}, [2]string{"label", "VARCHAR"}, [2]string{"value", "VARCHAR"}, [2]string{"unit", "VARCHAR"},
		[2]string{"effective_from", "DATE"}, [2]string{"effective_to", "DATE"}, [2]string{"basis", "VARCHAR"})}
	for _, f := range s.files {
		for i, l := range f.lines {
			seed.Rows = append(seed.Rows, []any{f.source.Rule, int64(f.source.Version), f.source.File, int64(i + 1),
				l.Path, l.Label, l.Value, text(l.Unit), dateOf(l.From), dateOf(l.To), l.Basis})
		}
	}
	return seed
}

func dateOf(text string) any {
	day, err := credit.ParseDate(text)
	if err != nil {
		return nil // no end
	}
	return day.Time()
}
