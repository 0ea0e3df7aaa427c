package ingest

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
)

// Where a source column goes when it is no field of the contract.
const (
	ignoredColumn  = -1 // known and not kept
	namelessColumn = -2 // without a name; it must be empty
)

// A layout knows which field each column of an extract holds.
type layout struct {
	contract *contract.Contract
	columns  []int // by source column
	inOrder  bool  // the columns are the fields of the contract in their order
}

// matchHeader reads the names of an extract's columns. Missing, unknown and
// repeated names are told all at once.
func matchHeader(c *contract.Contract, header []string) (*layout, error) {
	l := &layout{contract: c}
	var faults ColumnFaults
	seen := map[string]bool{}
	for _, name := range header {
		name = cleanName(name)
		field := c.FieldIndex(name)
		switch {
		case name == "":
			field = namelessColumn
		case seen[name]:
			faults.Repeated = append(faults.Repeated, name)
		case field >= 0:
		case slices.Contains(c.Ignore, name):
			field = ignoredColumn
		default:
			faults.Unknown = append(faults.Unknown, name)
		}
		seen[name] = true
		l.columns = append(l.columns, field)
	}
	for _, f := range c.Fields {
		if !seen[f.Name] {
			faults.Missing = append(faults.Missing, f.Name)
		}
	}
	if !faults.any() {
		l.inOrder = len(l.columns) == len(c.Fields)
		for i, field := range l.columns {
			l.inOrder = l.inOrder && field == i
		}
		return l, nil
	}
	return nil, badFile{code: HeaderMismatch, detail: faults.Chinese(c), err: errors.New(faults.English(c))}
}

// cleanName strips what departments leave around a column name.
func cleanName(name string) string {
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(name), "\uFEFF\u200B"))
}

// place puts the fields of a record where the contract has them.
func (l *layout) place(fields [][]byte, r *row) {
	if len(fields) != len(l.columns) {
		r.fault(wholeRecord, "", RaggedRow, "应有 %d 列，实有 %d 列", len(l.columns), len(fields))
		return
	}
	if l.inOrder {
		copy(r.values, fields)
		return
	}
	for i, field := range l.columns {
		switch {
		case field >= 0:
			r.values[field] = fields[i]
		case field == namelessColumn && len(trim(fields[i])) > 0:
			r.fault(wholeRecord, "", RaggedRow, "第 %d 列没有列名而有内容", i+1)
			return
		}
	}
}

// maskRecord writes a record for people. When its values may not stand where
// they should (the columns are too many or too few, or it could not be taken
// apart), nobody knows which of them tells of a person: where the contract masks
// any field, the first character of each value is left.
func (l *layout) maskRecord(fields [][]byte, comma string, isSound bool) []byte {
	isSound = isSound && len(fields) == len(l.columns)
	hides := slices.ContainsFunc(l.contract.Fields, func(f contract.Field) bool { return f.Mask != nil })
	shown := make([]string, len(fields))
	for i, value := range fields {
		shown[i] = string(value)
		switch {
		case !isSound && hides:
			shown[i] = credit.Mask(shown[i], 1, 0)
		case isSound && l.columns[i] >= 0 && l.masks(l.columns[i], fields):
			mask := l.contract.Fields[l.columns[i]].Mask
			shown[i] = credit.Mask(shown[i], mask.Left, mask.Right)
		}
	}
	return []byte(strings.Join(shown, comma))
}

// masks reports whether a field is masked in a record whose values stand where
// they should. Where it cannot be told, it is.
func (l *layout) masks(field int, fields [][]byte) bool {
	f := &l.contract.Fields[field]
	by := l.contract.FieldIndex(f.MaskWhen.Field)
	if f.Mask == nil || by < 0 {
		return f.Mask != nil
	}
	at := slices.Index(l.columns, by)
	if at < 0 {
		return true
	}
	value := string(trim(fields[at]))
	decides := l.contract.Fields[by]
	isKnown := decides.Type != contract.Code || slices.ContainsFunc(decides.Codes, func(c contract.CodeValue) bool { return c.Source == value })
	return !isKnown || slices.Contains(f.MaskWhen.In, value)
}

// trim strips blanks, full-width ones included, from both ends of valid text.
func trim(b []byte) []byte {
	if len(b) == 0 || startsPlain(b) && endsPlain(b) {
		return b
	}
	return bytes.TrimSpace(b)
}

// isMark reports ASCII signs beyond the space.
func isMark(c byte) bool { return c-'!' < 0x7F-'!' }

// startsPlain reports that no blank begins b: but an ASCII sign, a Chinese
// character (E4 and up) or one of its punctuation (E3), among which U+3000, the
// full-width blank, is E3 80 80.
func startsPlain(b []byte) bool {
	c := b[0]
	return isMark(c) || c > 0xE3 || c == 0xE3 && len(b) >= 3 && (b[1] != 0x80 || b[2] != 0x80)
}

func endsPlain(b []byte) bool {
	last := b[len(b)-1]
	if isMark(last) {
		return true
	}
	if last < 0x80 || len(b) < 3 {
		return false
	}
	lead := b[len(b)-3]
	return lead > 0xE3 || lead == 0xE3 && (b[len(b)-2] != 0x80 || last != 0x80)
}
