package payload

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// judge turns rows of a mapping's columns into content, or says what holds them
// back. It is for one goroutine.
type judge struct {
	mapping *Mapping
	from    [][]int // by field: places of its columns
	order   []int   // fields by name, as they stand in the content
	names   [][]byte
	rules   []broken

	columns []sql.NullString
	values  []string
	content []byte
}

func newJudge(m *Mapping) *judge {
	j := &judge{mapping: m, values: make([]string, len(m.Fields))}
	columns := m.columns()
	for i, f := range m.Fields {
		var places []int
		for _, c := range f.From {
			places = append(places, slices.Index(columns, c))
		}
		j.from, j.order, j.names = append(j.from, places), append(j.order, i), append(j.names, appendQuoted(nil, f.Name))
	}
	slices.SortFunc(j.order, func(a, b int) int { return strings.Compare(m.Fields[a].Name, m.Fields[b].Name) })
	for _, r := range m.Rules {
		j.rules = append(j.rules, m.compiled(r))
	}
	return j
}

// record judges one row, given the values of the mapping's columns in their
// order. The content is good until the next call; it is nil when there are faults.
func (j *judge) record(row []sql.NullString) (content []byte, faults []Fault) {
	m := j.mapping
	for i := range m.Fields {
		f := &m.Fields[i]
		j.columns = j.columns[:0]
		for _, place := range j.from[i] {
			j.columns = append(j.columns, row[place])
		}
		value, fault := f.value(j.columns)
		j.values[i] = value
		if fault != nil {
			faults = append(faults, *fault)
		}
	}
	for i := range m.Fields {
		f := &m.Fields[i]
		if j.values[i] != "" || !f.Required.Always && !j.conditionHolds(f) {
			continue
		}
		if !slices.ContainsFunc(faults, func(g Fault) bool { return g.Field == f.Name }) {
			faults = append(faults, *f.fault(Required, "必填而无值（来源 "+strings.Join(f.From, "、")+"）"))
		}
	}
	for i, broken := range j.rules {
		if sentence := broken(j.values, row); sentence != "" {
			r := m.Rules[i]
			faults = append(faults, Fault{Field: r.about(), Code: RuleFail, Rule: r.ID, Reason: sentence})
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return j.encode(), nil
}

func (j *judge) conditionHolds(f *Field) bool {
	at := j.mapping.FieldIndex(f.Required.Field)
	return at >= 0 && slices.Contains(f.Required.In, j.values[at])
}

// encode writes the values as one JSON object with names in byte order.
func (j *judge) encode() []byte {
	j.content = append(j.content[:0], '{')
	for n, i := range j.order {
		if n > 0 {
			j.content = append(j.content, ',')
		}
		j.content = append(append(j.content, j.names[i]...), ':')
		if j.mapping.Fields[i].Type == Integer && j.values[i] != "" {
			j.content = append(j.content, j.values[i]...)
			continue
		}
		j.content = appendQuoted(j.content, j.values[i])
	}
	j.content = append(j.content, '}')
	return j.content
}

// appendQuoted adds a JSON string with the escapes that publish asks for and no
// others. Most values need none.
func appendQuoted(b []byte, text string) []byte {
	if isPlain(text) {
		return append(append(append(b, '"'), text...), '"')
	}
	var quoted strings.Builder
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(fmt.Sprintf("a string cannot be written as JSON: %v", err)) // encoding/json refuses none
	}
	return append(b, strings.TrimSuffix(quoted.String(), "\n")...)
}

// isPlain reports whether text stands in JSON as it is. Below a space, a quote and
// a backslash are escaped, and so are U+2028, U+2029 and what is no character;
// these begin with one of two bytes.
func isPlain(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ', c == '"', c == '\\':
			return false
		case c == 0xE2 && (strings.HasPrefix(text[i:], "\u2028") || strings.HasPrefix(text[i:], "\u2029")),
			c == 0xEF && strings.HasPrefix(text[i:], string(utf8.RuneError)):
			return false
		}
	}
	return utf8.ValidString(text)
}
