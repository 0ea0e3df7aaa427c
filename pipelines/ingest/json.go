package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"rongxin/pipelines/contract"
)

// errArray is what a malformed JSON array is refused for.
var errArray = errors.New("the JSON array is malformed")

// An arrayCutter cuts the elements of one JSON array.
type arrayCutter struct {
	opened, closed bool
	wantComma      bool
}

func (c *arrayCutter) cut(b []byte, eof bool) (piece, bool, error) {
	blank := len(b) - len(bytes.TrimLeft(b, " \t\r\n"))
	if blank > 0 {
		return piece{size: blank, lines: countFeeds(b[:blank]), skip: true}, true, nil
	}
	switch {
	case len(b) == 0 && eof && !c.closed:
		return piece{}, false, fmt.Errorf("%w: it is not closed by ]", errArray)
	case len(b) == 0:
		return piece{skip: true}, eof, nil
	case c.closed:
		return piece{}, false, fmt.Errorf("%w: something follows the closing ]", errArray)
	case !c.opened && b[0] == '[':
		c.opened = true
		return piece{size: 1, skip: true}, true, nil
	case !c.opened:
		return piece{}, false, fmt.Errorf("%w: it does not begin with [", errArray)
	case b[0] == ']':
		c.closed = true
		return piece{size: 1, skip: true}, true, nil
	case c.wantComma != (b[0] == ','):
		return piece{}, false, fmt.Errorf("%w: a comma is missing or too many", errArray)
	case c.wantComma:
		c.wantComma = false
		return piece{size: 1, skip: true}, true, nil
	}
	end, enough, err := elementEnd(b, eof)
	if err != nil || !enough {
		return piece{}, false, err
	}
	c.wantComma = true
	return piece{size: end, end: end, lines: countFeeds(b[:end])}, true, nil
}

func countFeeds(b []byte) int { return bytes.Count(b, []byte{'\n'}) }

// elementEnd finds the end of the JSON value that b begins with, by brackets
// and strings; whether it is well formed inside is found when it is read.
func elementEnd(b []byte, eof bool) (end int, enough bool, err error) {
	depth, inString := 0, false
	for i, ch := range b[:min(len(b), maxRecord)] {
		switch {
		case inString && ch == '\\':
			// The sign after it is looked at below as any other; only a quote matters.
		case inString:
			if ch == '"' && !escaped(b[:i]) {
				inString = false
			}
		case ch == '"':
			inString = true
		case ch == '{' || ch == '[':
			depth++
		case (ch == '}' || ch == ']') && depth > 0:
			depth--
			if depth == 0 {
				return i + 1, true, nil
			}
		case depth == 0 && (ch == ',' || ch == ']' || ch == ' ' || ch == '\n' || ch == '\r' || ch == '\t'):
			return i, true, nil
		}
	}
	switch {
	case len(b) >= maxRecord:
		return 0, false, fmt.Errorf("%w: an element is longer than %d bytes", errArray, maxRecord)
	case eof:
		return 0, false, fmt.Errorf("%w: it ends inside an element", errArray)
	}
	return 0, false, nil
}

// escaped reports whether an odd number of backslashes ends b.
func escaped(b []byte) bool {
	return (len(b)-len(bytes.TrimRight(b, `\`)))%2 == 1
}

// A jsonSplitter reads JSON objects, one a record.
type jsonSplitter struct {
	contract *contract.Contract
	decoder  *textDecoder
	strict   bool // of an array: a malformed element refuses the file
	names    map[string]int
	masked   bool
}

func newJSONSplitter(c *contract.Contract, d *textDecoder) *jsonSplitter {
	s := &jsonSplitter{contract: c, decoder: d, strict: c.Source.Format == "json", names: map[string]int{}}
	for i, f := range c.Fields {
		s.names[f.Name] = i
		s.masked = s.masked || f.Mask != nil
	}
	for _, name := range c.Ignore {
		s.names[name] = ignoredColumn
	}
	return s
}

func (j *jsonSplitter) split(b *block, s span, r *row, a *arena) error {
	raw := b.data[s.start:s.end]
	r.whole = func() []byte {
		if j.masked {
			return nil // what cannot be read cannot be masked; the extract keeps it
		}
		return j.decoder.legible(raw)
	}
	text, ok := decodeRecord(j.decoder, b, s, r, a)
	if !ok {
		return nil
	}
	err := j.object(text, r, a)
	if err == nil {
		return nil
	}
	if j.strict {
		return fmt.Errorf("line %d: %w: %w", s.line, errArray, err)
	}
	r.faults = r.faults[:0]
	r.fault(wholeRecord, "", RecordMalformed, "不是一个完整的 JSON 对象")
	return nil
}

// object reads one flat object. The error tells of broken JSON; an object that
// is sound but not what the contract asks for becomes faults of the row.
func (j *jsonSplitter) object(text []byte, r *row, a *arena) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if token, err := dec.Token(); err != nil {
		return err
	} else if token != json.Delim('{') {
		r.fault(wholeRecord, "", RecordMalformed, "不是 JSON 对象")
		return skipValue(dec, token)
	}
	seen := make([]string, 0, len(j.names))
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if slices.Contains(seen, name) {
			r.fault(wholeRecord, name, RecordMalformed, "字段重复")
		}
		seen = append(seen, name)
		if err := j.member(dec, name, r, a); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the object")
	}
	return nil
}

func (j *jsonSplitter) member(dec *json.Decoder, name string, r *row, a *arena) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	field, known := j.names[name]
	if !known {
		r.fault(wholeRecord, shorten(name), UnknownColumn, "契约没有该字段")
	}
	var value string
	switch v := token.(type) {
	case json.Delim:
		if known && field >= 0 {
			r.fault(field, name, RecordMalformed, "值是嵌套的对象或数组")
		}
		return skipValue(dec, token)
	case string:
		value = v
	case json.Number:
		value = v.String()
	case bool:
		value = fmt.Sprint(v)
	}
	if field < 0 || !known {
		return nil
	}
	switch {
	case strings.IndexByte(value, 0) >= 0:
		r.fault(field, name, NULByte, "值含有空字符")
	case strings.ContainsRune(value, utf8.RuneError):
		r.fault(field, name, Undecodable, "值含有不成对的转义字符")
	default:
		r.values[field] = a.copyOf([]byte(value))
	}
	return nil
}

// skipValue reads to the end of the value that token began.
func skipValue(dec *json.Decoder, token json.Token) error {
	for depth := 0; ; {
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		var err error
		if token, err = dec.Token(); err != nil {
			return err
		}
	}
}

// shorten keeps a name from outside within bounds.
func shorten(name string) string {
	if utf8.RuneCountInString(name) <= 64 {
		return name
	}
	return string([]rune(name)[:64]) + "…"
}
