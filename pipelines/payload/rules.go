package payload

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// about is the field that a rule looks at, or the column of a doubt.
func (r *Rule) about() string { return r.Later + r.Parts + r.Begins + r.Doubt }

// broken says, in Chinese, that a rule is not kept by the values of the fields and
// the row of our columns; "" where it is.
type broken func(values []string, row []sql.NullString) string

// compiled is the rule as a test of a record. Where a field of the rule has no
// value it says nothing: whether one must be there is the field's own.
func (m *Mapping) compiled(r Rule) broken {
	at, than, asMany, with := m.FieldIndex(r.about()), m.FieldIndex(r.Than), m.FieldIndex(r.AsMany), m.FieldIndex(r.With)
	switch {
	case r.Doubt != "":
		column := slices.Index(m.columns(), r.Doubt)
		return func(_ []string, row []sql.NullString) string {
			if row[column].String == "true" {
				return r.Title
			}
			return ""
		}
	case r.Later != "":
		return func(values []string, _ []sql.NullString) string {
			if a, b := values[at], values[than]; a != "" && b != "" && !isLater(a, b) {
				return r.Title
			}
			return ""
		}
	case r.Parts != "":
		return func(values []string, _ []sql.NullString) string {
			if values[at] == "" {
				return ""
			}
			n := parts(values[at], r.Separator)
			if n < r.Least {
				return fmt.Sprintf("%s：只有 %d 项", r.Title, n)
			}
			if asMany >= 0 && values[asMany] != "" && parts(values[asMany], r.Separator) != n {
				return fmt.Sprintf("%s：与%s的项数不等", r.Title, m.Fields[asMany].Title)
			}
			return ""
		}
	default:
		return func(values []string, _ []sql.NullString) string {
			whole, head := values[at], values[with]
			if whole == "" || head == "" {
				return ""
			}
			rest, begins := strings.CutPrefix(whole, head)
			if !begins || r.Then != nil && !r.Then.MatchString(rest) {
				return r.Title
			}
			return ""
		}
	}
}

// isLater compares days and times as they are written. A day is later than a
// time only when it is another day: what is of one day is later than nothing of it.
func isLater(a, b string) bool {
	n := min(len(a), len(b))
	if a[:n] == b[:n] {
		return len(a) == len(b) && a > b
	}
	return a > b
}

// parts counts what stands between separators, less what is empty.
func parts(text, separator string) (n int) {
	for part := range strings.SplitSeq(text, separator) {
		if strings.TrimSpace(part) != "" {
			n++
		}
	}
	return n
}
