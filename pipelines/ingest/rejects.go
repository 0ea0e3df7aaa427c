package ingest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/warehouse/landing"
)

// Reject is one refused row as rejects.parquet tells it.
type Reject struct {
	Line     int64
	Field    string // source name; empty when the whole record is at fault
	Reason   string // primary reason code: the first in the order of the contract
	Detail   string // every fault of the row, in Chinese
	Original string // the value, or the record; masked

	// Whose row it is, as far as it could be told: RecordID when every field of
	// the key is sound, MatchID when every one but the subject's code is, the
	// subject when the row could be taken apart: its code in normal form, both
	// masked.
	RecordID, MatchID, SubjectID, SubjectName string
}

func (r Reject) String() string {
	field := ""
	if r.Field != "" {
		field = r.Field + ": "
	}
	return fmt.Sprintf("line %d: %s%s", r.Line, field, r.Reason)
}

// maxOriginal characters of a value or record are kept with a reject.
const maxOriginal = 4000

func (j *judge) reject(r *row, v *verdict) {
	slices.SortStableFunc(r.faults, func(a, b fault) int { return a.field - b.field })
	first := r.faults[0]
	details := make([]string, len(r.faults))
	for i, f := range r.faults {
		details[i] = f.reason
		if f.name != "" {
			details[i] += " " + f.name
		}
		details[i] += "：" + f.detail
	}
	reject := Reject{
		Line: r.line, Field: first.name, Reason: first.reason,
		Detail: strings.Join(details, "；"), Original: j.original(r, first),
	}
	if r.isSplit() {
		reject.SubjectID = credit.NormalizeCode(j.sent(r, contract.ColumnSubjectID))
		reject.SubjectName = j.sent(r, contract.ColumnSubjectName)
		reject.RecordID, reject.MatchID = j.soundID(r, j.key), j.soundID(r, j.match)
	}
	v.rows.Rejected++
	v.reasons[reject.Reason]++
	if j.again != nil {
		return // the batch that refused it first keeps it
	}
	if len(v.first) < maxFirst {
		v.first = append(v.first, reject)
	}
	v.rejects.add([]cell{
		textCell(j.contract.Dataset), textCell(j.batch), numberCell(reject.Line),
		textCell(reject.Field), textCell(reject.Reason), textCell(reject.Detail), textCell(reject.Original),
		optionalText(reject.RecordID), optionalText(reject.MatchID), optionalText(reject.SubjectID), optionalText(reject.SubjectName),
	})
}

func rejectColumns() []parquetColumn {
	var columns []parquetColumn
	for _, c := range landing.RejectColumns() {
		column := parquetColumn{Column: c}
		switch c.Name {
		case "dataset", "batch_id", "field", "reason":
			column.dictionary = true
		case contract.ColumnRecordID, contract.ColumnMatchID, contract.ColumnSubjectID, contract.ColumnSubjectName:
			column.optional = true
		}
		columns = append(columns, column)
	}
	return columns
}

// soundID is the id of the key fields, or empty when one of them is at fault.
func (j *judge) soundID(r *row, fields []int) string {
	if slices.ContainsFunc(fields, func(field int) bool { return r.isBad(field) || j.mayMask(r, field) }) {
		return ""
	}
	key := j.startKey(j.space)
	for _, i := range fields {
		key = j.appendKey(key, &j.fields[i], &j.values[j.fields[i].column])
	}
	j.space = key
	return string(appendID(nil, key))
}

// sent is the value that was sent for a column, masked; empty when there is
// none.
func (j *judge) sent(r *row, column string) string {
	at := slices.IndexFunc(j.fields, func(f fieldPlan) bool { return f.As == column })
	if at < 0 {
		return ""
	}
	return j.shown(r, at)
}

// original shows what was sent, with everything masked that tells of a person.
func (j *judge) original(r *row, f fault) string {
	switch {
	case f.field != wholeRecord:
		return j.shown(r, f.field)
	case r.whole == nil:
		return ""
	}
	return readable(credit.MaskPersonal(string(r.whole())))
}

// mayMask reports that it cannot be told whether the field is masked in this
// row, since what decides about it is at fault.
func (j *judge) mayMask(r *row, field int) bool {
	by := j.fields[field].masksBy
	return by >= 0 && r.isBad(by)
}

// shown is the value of a field as people may see it.
func (j *judge) shown(r *row, field int) string {
	f := &j.fields[field]
	if f.masks(r) || j.mayMask(r, field) {
		return readable(credit.Mask(string(r.values[field]), f.Mask.Left, f.Mask.Right))
	}
	return readable(credit.MaskPersonal(string(r.values[field])))
}

// readable keeps a text from outside valid and within bounds.
func readable(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if utf8.RuneCountInString(text) > maxOriginal {
		text = string([]rune(text)[:maxOriginal]) + "…"
	}
	return text
}
