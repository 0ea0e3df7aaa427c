// Package strictyaml reads the YAML that people own here: dataset contracts,
// model headers and rule files. A file is either understood in full or refused
// with every fault at once, each at its line and column, so that a clerk mends
// a file in one round instead of ten.
package strictyaml

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Fault is one thing wrong with a file, at a place a person can go to.
type Fault struct {
	File         string
	Line, Column int
	Path         string // such as fields[3].type
	Message      string
}

func (f Fault) Error() string {
	place := fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
	if f.Path == "" {
		return place + ": " + f.Message
	}
	return place + ": " + f.Path + ": " + f.Message
}

// Document is a decoded file that still knows where each of its values stood.
type Document struct {
	file   string
	offset int // lines above the YAML, when it is embedded in another file
	places map[string]place
	faults []error
}

type place struct {
	line, column int
	kind         yaml.Kind
	value        string // of a scalar
	plain        bool   // written without quotes
	valueLine    int
	valueColumn  int
}

// Decode reads one YAML document from data into v, which must be a pointer.
// Unknown and repeated keys are faults. The Document is returned even when
// there are faults, so that the caller's own checks can be added to them; the
// caller ends with Err.
func Decode(file string, data []byte, v any) *Document {
	return DecodeAt(file, 0, data, v)
}

// DecodeAt is Decode for YAML that starts after offset lines of another file.
func DecodeAt(file string, offset int, data []byte, v any) *Document {
	d := &Document{file: file, offset: offset, places: map[string]place{}}
	if d.addNotText(data) {
		return d
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		d.addDecodeError(err)
		d.addSlips(data)
		return d
	}
	d.index("", &root)
	dec, err := d.decode(data, v)
	if errors.Is(err, io.EOF) {
		d.Fault("", "the file is empty")
	} else if err != nil {
		d.addDecodeError(err)
		d.addSlips(data)
	} else if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		d.Fault("", "more than one YAML document in the file")
	}
	return d
}

// decode decodes until nothing but the decoder's own errors is left. A value
// that a type of ours refuses, such as a date, ends a decoding at once and is
// not placed by the decoder: its place is found by its text, and it is blanked
// so that the rest can be read.
func (d *Document) decode(data []byte, v any) (*yaml.Decoder, error) {
	for {
		dec := yaml.NewDecoder(bytes.NewReader(data))
		dec.KnownFields(true)
		err := dec.Decode(v)
		var list *yaml.TypeError
		if err == nil || errors.Is(err, io.EOF) || errors.As(err, &list) {
			return dec, err
		}
		path, ok := d.quoted(err.Error())
		at := d.places[path]
		if data, ok = at.blanked(data, ok); !ok {
			return dec, err
		}
		d.Fault(path, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
		at.value = ""
		d.places[path] = at
	}
}

// blanked is the text with the value at a place made null, if it is found there.
func (at place) blanked(data []byte, ok bool) ([]byte, bool) {
	lines := bytes.SplitAfter(bytes.Clone(data), []byte("\n"))
	if !ok || at.valueLine > len(lines) {
		return data, false
	}
	line := lines[at.valueLine-1]
	runes := []rune(string(line))
	if at.valueColumn > len(runes) {
		return data, false
	}
	rest := line[len(string(runes[:at.valueColumn-1])):]
	if !bytes.HasPrefix(rest, []byte(at.value)) {
		return data, false
	}
	copy(rest, "~"+strings.Repeat(" ", len(at.value)-1))
	return bytes.Join(lines, nil), true
}

// quoted is the first plain value of the file that a message has in quotes.
func (d *Document) quoted(message string) (path string, ok bool) {
	for p, at := range d.places {
		if at.plain && at.value != "" && strings.Contains(message, fmt.Sprintf("%q", at.value)) &&
			(!ok || cmp.Or(at.line-d.places[path].line, at.column-d.places[path].column, len(path)-len(p)) < 0) {
			path, ok = p, true
		}
	}
	return path, ok
}

// Fault records a problem with the value at path, such as "fields[3].type".
// A path that is not in the file is reported at its nearest parent.
func (d *Document) Fault(path, format string, args ...any) {
	d.faults = append(d.faults, d.At(path, format, args...))
}

// At is what Fault records, for who gathers faults elsewhere.
func (d *Document) At(path, format string, args ...any) Fault {
	at := d.nearest(path)
	return Fault{File: d.file, Line: at.line + d.offset, Column: at.column, Path: path, Message: fmt.Sprintf(format, args...)}
}

// Has reports whether the file has a value at path.
func (d *Document) Has(path string) bool {
	_, ok := d.places[path]
	return ok
}

// Line is where the value at path stands, or its nearest parent.
func (d *Document) Line(path string) int { return d.nearest(path).line + d.offset }

// Err returns all faults joined, in the order of the file, or nil.
func (d *Document) Err() error {
	slices.SortStableFunc(d.faults, func(a, b error) int {
		var fa, fb Fault
		if !errors.As(a, &fa) || !errors.As(b, &fb) {
			return 0
		}
		if fa.Line != fb.Line {
			return fa.Line - fb.Line
		}
		return fa.Column - fb.Column
	})
	return errors.Join(d.faults...)
}

func (d *Document) index(path string, n *yaml.Node) {
	switch n.Kind {
	case yaml.DocumentNode:
		for _, child := range n.Content {
			d.index(path, child)
		}
		return
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i].Value
			if path != "" {
				key = path + "." + key
			}
			d.index(key, n.Content[i+1])
			at := placeOf(n.Content[i+1])
			at.line, at.column = n.Content[i].Line, n.Content[i].Column
			d.places[key] = at
		}
	case yaml.SequenceNode:
		for i, child := range n.Content {
			d.index(fmt.Sprintf("%s[%d]", path, i), child)
		}
	}
	if _, ok := d.places[path]; !ok && n.Line > 0 {
		d.places[path] = placeOf(n)
	}
}

func placeOf(n *yaml.Node) place {
	return place{line: n.Line, column: n.Column, kind: n.Kind, value: n.Value,
		plain: n.Kind == yaml.ScalarNode && n.Style == 0, valueLine: n.Line, valueColumn: n.Column}
}

func (d *Document) nearest(path string) place {
	for {
		if at, ok := d.places[path]; ok {
			return at
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			if at, ok := d.places[""]; ok {
				return at
			}
			return place{line: 1, column: 1}
		}
		path = path[:cut]
	}
}

// addDecodeError unfolds the decoder's list of errors into one fault each.
func (d *Document) addDecodeError(err error) {
	var list *yaml.TypeError
	if !errors.As(err, &list) {
		d.faults = append(d.faults, d.fromText(strings.TrimPrefix(err.Error(), "yaml: ")))
		return
	}
	for _, text := range list.Errors {
		d.faults = append(d.faults, d.fromText(text))
	}
}

// fromText turns "line 5: field x not found in type T" into a Fault. The
// decoder tells the line only; the column is that of the first value there.
func (d *Document) fromText(text string) Fault {
	f := Fault{File: d.file, Line: 1 + d.offset, Column: 1, Message: text}
	var line int
	if _, err := fmt.Sscanf(text, "line %d:", &line); err != nil {
		return f
	}
	_, f.Message, _ = strings.Cut(text, ": ")
	if cut := strings.Index(f.Message, " in type "); cut >= 0 && strings.HasPrefix(f.Message, "field ") {
		f.Message = strings.Replace(f.Message[:cut], "field ", "unknown key ", 1)
		f.Message = strings.TrimSuffix(f.Message, " not found")
	}
	f.Line = line + d.offset
	if parserError.MatchString(f.Message) {
		f.Line++ // the parser counts from 0, and tells where the list or mapping begins
	}
	if path, at, message, ok := d.wrongType(line, f.Message); ok {
		f.Column, f.Path, f.Message = at.column, path, message
		return f
	}
	for _, at := range d.places {
		if at.line == line && (f.Column == 1 || at.column < f.Column) {
			f.Column = at.column
		}
	}
	return f
}
