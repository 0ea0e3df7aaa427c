package payload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rongxin/pipelines/contract"
	"rongxin/warehouse/engine"
)

// key is the key of a record as SQL.
func (s *Origin) key() string {
	parts := make([]string, len(s.Key))
	for i, c := range s.Key {
		parts[i] = fmt.Sprintf("cast(%s as varchar)", engine.Ident(c))
	}
	return strings.Join(parts, " || '/' || ")
}

// skipped tells, as SQL, a row that is no record of the table.
func (s *Origin) skipped() string {
	if s.Skip == nil {
		return "false"
	}
	return fmt.Sprintf("coalesce(cast(%s as varchar) in (%s), false)", engine.Ident(s.Skip.Column), texts(s.Skip.In))
}

// kept tells, as SQL, a row whose publication range keeps it here. One that says
// none is kept.
func (s *Origin) kept() string {
	if s.RangeColumn == "" {
		return "false"
	}
	leaving := make([]string, len(s.Leaving))
	for i, r := range s.Leaving {
		leaving[i] = string(r)
	}
	return fmt.Sprintf("coalesce(%s not in (%s), true)", engine.Ident(s.RangeColumn), texts(leaving))
}

func texts(values []string) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = engine.Quote(v)
	}
	return strings.Join(list, ", ")
}

// checkColumns says which columns of the mapping the run's table has not.
func (r *tableReader) checkColumns(ctx context.Context) error {
	m := r.mapping
	columns, err := r.db.Columns(ctx, "select * from "+engine.Table(m.Source.Relation))
	if err != nil {
		return err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	var faults []error
	want := func(path, column string) {
		if column == "" || slices.Contains(names, column) {
			return
		}
		hint := ""
		if near := contract.Nearest(column, names); len(near) > 0 {
			hint = ": did you mean " + strings.Join(near, " or ") + "?"
		}
		faults = append(faults, m.doc.At(path, "%s of this run has no column %s%s", m.Source.Relation, column, hint))
	}
	for i, c := range m.Source.Key {
		want(fmt.Sprintf("source.key[%d]", i), c)
	}
	want("source.subject", m.Source.Subject)
	want("source.range_column", m.Source.RangeColumn)
	if m.Source.Skip != nil {
		want("source.skip.column", m.Source.Skip.Column)
	}
	for i, f := range m.Fields {
		for _, c := range f.From {
			want(fmt.Sprintf("fields[%d].from", i), c)
		}
	}
	for i, rule := range m.Rules {
		want(fmt.Sprintf("rules[%d].doubt", i), rule.Doubt)
	}
	return errors.Join(faults...)
}
