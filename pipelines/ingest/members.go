package ingest

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
)

// Names that a record carries itself, in JSON and XML, are matched record by
// record: a value that is not there is absent.
type members struct {
	contract *contract.Contract
	names    map[string]*knownName
	masked   bool // some field is
	record   int  // which one is at hand
	unknown  int  // names in it that the contract does not have
}

type knownName struct {
	name    string
	field   int // of the contract, or ignoredColumn
	record  int // the last that had it
	repeats int // in that record
}

func newMembers(c *contract.Contract) members {
	m := members{contract: c, names: map[string]*knownName{}}
	for i, f := range c.Fields {
		m.names[f.Name] = &knownName{name: f.Name, field: i}
		m.masked = m.masked || f.Mask != nil
	}
	for _, name := range c.Ignore {
		m.names[name] = &knownName{name: name, field: ignoredColumn}
	}
	return m
}

// begin forgets the last record.
func (m *members) begin() {
	m.record++
	m.unknown = 0
}

// nameOf is a name as text, without a copy of one that is known.
func (m *members) nameOf(b []byte) string {
	if known := m.names[string(b)]; known != nil {
		return known.name
	}
	return string(b)
}

// noField is the field of a name whose value is not looked at.
const noField = -3

// maxUnknown names of a record that the contract does not have are told.
const maxUnknown = 20

// field finds the field that a name of the record stands for.
func (m *members) field(name string, r *row) int {
	known := m.names[name]
	switch {
	case known == nil:
		if m.unknown++; m.unknown <= maxUnknown {
			r.fault(wholeRecord, shorten(name), UnknownColumn, "契约没有该字段")
		}
		return noField
	case known.record == m.record:
		if known.repeats++; known.repeats == 1 {
			r.fault(wholeRecord, name, RecordMalformed, "字段重复")
		}
		return noField
	}
	known.record, known.repeats = m.record, 0
	return known.field
}

// put keeps the value of a field.
func (m *members) put(field int, name string, value []byte, r *row, a *arena) {
	switch {
	case field < 0:
	case bytes.IndexByte(value, 0) >= 0:
		r.fault(field, name, NULByte, "值含有空字符")
	case bytes.ContainsRune(value, utf8.RuneError):
		r.fault(field, name, Undecodable, "值含有不成对的转义字符")
	default:
		r.values[field] = a.copyOf(value)
	}
}

// shown is a whole record for people. Where some field is masked it is what was
// read of the record, since what could not be read cannot be masked.
func (m *members) shown(raw []byte, d *textDecoder, r *row) func() []byte {
	return func() []byte {
		if !m.masked {
			return d.legible(raw)
		}
		var values []string
		for i, f := range m.contract.Fields {
			value := string(r.values[i])
			if value == "" {
				continue
			}
			if f.Mask != nil {
				value = credit.Mask(value, f.Mask.Left, f.Mask.Right)
			}
			values = append(values, f.Name+": "+value)
		}
		return []byte(strings.Join(values, ", "))
	}
}

// shorten keeps a name from outside within bounds and masks it: where a header
// is missing, a name is a value.
func shorten(name string) string {
	name = credit.MaskPersonal(name)
	if utf8.RuneCountInString(name) <= 64 {
		return name
	}
	return string([]rune(name)[:64]) + "…"
}
