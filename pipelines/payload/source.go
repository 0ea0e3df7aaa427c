package payload

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rongxin/pipelines/contract"
	"rongxin/warehouse/engine"
)

// Record is one record of a table as the receiver is to hold it.
type Record struct {
	Table   string
	Key     string // within the table; the same in every run
	Subject string // the enterprise
	Content []byte // one JSON object, names in byte order; good until the next record
}

// HeldBack is a record that fails its mapping.
type HeldBack struct {
	Table  string  `json:"table"`
	Key    string  `json:"key"`
	Faults []Fault `json:"faults"`
}

// pageSize is how many records are in memory at once.
const pageSize = 10_000

// Read yields the records of one table in ascending byte order of their keys,
// and tells of each that is held back. It stops at the first error, of yield or
// its own. The engine sorts, and spills where the table is large; here is one
// page at a time. The same run and mapping give the same records each time.
func Read(ctx context.Context, db *engine.DB, m *Mapping, yield func(Record) error, held func(HeldBack) error) (Count, error) {
	r := &tableReader{db: db, mapping: m, judge: newJudge(m), count: newCount(m)}
	if err := r.prepare(ctx); err != nil {
		return Count{}, fmt.Errorf("table %s: %w", m.Table, err)
	}
	err := r.pages(ctx, yield, held)
	if dropped := db.Exec(ctx, "drop table "+sorted); err == nil {
		err = dropped
	}
	if err != nil {
		return Count{}, fmt.Errorf("table %s: %w", m.Table, err)
	}
	return r.count, nil
}

// sorted holds the table that is being read, in the order of its keys.
const sorted = "temp.payload_sorted"

type tableReader struct {
	db      *engine.DB
	mapping *Mapping
	judge   *judge
	count   Count
	rows    int // in sorted
}

// prepare checks the columns, counts what stays here, and sorts what goes.
func (r *tableReader) prepare(ctx context.Context) error {
	if err := r.checkColumns(ctx); err != nil {
		return err
	}
	s := &r.mapping.Source
	skip, out := s.skipped(), s.kept()
	query := fmt.Sprintf(`select count(*), count(case when %[1]s then 1 end), count(case when not %[1]s and %[2]s then 1 end) from %[3]s`,
		skip, out, engine.Table(s.Relation))
	var all int
	if err := r.db.QueryRow(ctx, query).Scan(&all, &r.count.Skipped, &r.count.NotForReceiver); err != nil {
		return err
	}
	r.count.Read = all - r.count.Skipped
	columns := []string{s.key() + " as payload_key", engine.Ident(s.Subject) + " as payload_subject"}
	for _, c := range r.mapping.columns() {
		columns = append(columns, fmt.Sprintf("cast(%s as varchar) as %[1]s", engine.Ident(c)))
	}
	err := r.db.Exec(ctx, fmt.Sprintf("create or replace temp table payload_sorted as select %s from %s where not %s and not %s order by payload_key",
		strings.Join(columns, ", "), engine.Table(s.Relation), skip, out))
	if err != nil {
		return err
	}
	return r.db.QueryRow(ctx, "select count(*) from "+sorted).Scan(&r.rows)
}

// key is the key of a record as SQL.
func (s *Source) key() string {
	parts := make([]string, len(s.Key))
	for i, c := range s.Key {
		parts[i] = fmt.Sprintf("cast(%s as varchar)", engine.Ident(c))
	}
	return strings.Join(parts, " || '/' || ")
}

// skipped tells, as SQL, a row that is no record of the table.
func (s *Source) skipped() string {
	if s.Skip == nil {
		return "false"
	}
	return fmt.Sprintf("coalesce(cast(%s as varchar) in (%s), false)", engine.Ident(s.Skip.Column), texts(s.Skip.In))
}

// kept tells, as SQL, a row whose publication range keeps it here. One that says
// none is kept.
func (s *Source) kept() string {
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
	return errors.Join(faults...)
}

func (r *tableReader) pages(ctx context.Context, yield func(Record) error, held func(HeldBack) error) error {
	last := ""
	for from := 0; from < r.rows; from += pageSize {
		if err := r.page(ctx, from, &last, yield, held); err != nil {
			return err
		}
	}
	return nil
}

func (r *tableReader) page(ctx context.Context, from int, last *string, yield func(Record) error, held func(HeldBack) error) error {
	rows, err := r.db.Query(ctx, "select * from "+sorted+" where rowid >= ? and rowid < ? order by rowid", from, from+pageSize)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns := make([]sql.NullString, len(r.mapping.columns()))
	var key, subject sql.NullString
	targets := []any{&key, &subject}
	for i := range columns {
		targets = append(targets, &columns[i])
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if !key.Valid || !subject.Valid || key.String <= *last {
			return fmt.Errorf("%s: record %q has no key, no subject, or a key that another has: the model breaks its grain", r.mapping.Source.Relation, key.String)
		}
		*last = key.String
		content, faults := r.judge.record(columns)
		if faults != nil {
			r.count.hold(key.String, faults)
			if err := held(HeldBack{r.mapping.Table, key.String, faults}); err != nil {
				return err
			}
			continue
		}
		r.count.send(content)
		if err := yield(Record{r.mapping.Table, key.String, subject.String, content}); err != nil {
			return err
		}
	}
	return rows.Err()
}
