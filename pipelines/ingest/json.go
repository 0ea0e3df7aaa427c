package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"rongxin/pipelines/contract"
)

// A jsonSplitter reads JSON objects, one a record.
type jsonSplitter struct {
	members
	decoder *textDecoder
	strict  bool // of an array: a malformed element refuses the file
	plain   plainReader
}

func newJSONSplitter(c *contract.Contract, d *textDecoder) *jsonSplitter {
	return &jsonSplitter{members: newMembers(c), decoder: d, strict: c.Source.Format == "json"}
}

func (j *jsonSplitter) split(b *block, s span, r *row, a *arena) error {
	r.whole = j.shown(b.data[s.start:s.end], j.decoder, r)
	text, ok := decodeRecord(j.decoder, b, s, r, a)
	if !ok {
		return nil
	}
	if j.plain.object(text, a) {
		j.takePlain(r, a)
		return nil
	}
	err := j.object(text, r, a)
	if err == nil {
		return nil
	}
	if j.strict {
		return malformed(JSONMalformed, "", "%w", err).at(Place{Unit: Record, Number: s.line})
	}
	r.faults = r.faults[:0]
	r.fault(wholeRecord, "", RecordMalformed, "不是一个完整的 JSON 对象")
	return nil
}

// takePlain puts the members of a plain object where the contract has them.
func (j *jsonSplitter) takePlain(r *row, a *arena) {
	j.begin()
	for _, m := range j.plain.members {
		name := j.nameOf(m.name)
		if field := j.field(name, r); m.value != nil {
			j.put(field, name, m.value, r, a)
		}
	}
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
	j.begin()
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
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
	field := j.field(name, r)
	var value string
	switch v := token.(type) {
	case json.Delim:
		if field >= 0 {
			r.fault(field, name, RecordMalformed, "值是嵌套的对象或数组")
		}
		return skipValue(dec, token)
	case nil:
		return nil
	case string:
		value = v
	case json.Number:
		value = v.String()
	case bool:
		value = fmt.Sprint(v)
	}
	j.put(field, name, []byte(value), r, a)
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
