package payload

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"rongxin/pipelines/publish"
	"rongxin/warehouse/engine"
)

// pageSize is how many records are in memory at once.
const pageSize = 10_000

// sorted holds the table that is being read, in the order of its keys.
const sorted = "temp.payload_sorted"

// tableReader reads one table. The engine sorts, and spills where the table is
// large; here is one page at a time.
type tableReader struct {
	db      *engine.DB
	mapping *Mapping
	judge   *judge
	count   Count
	yield   func(publish.Record, []Fault) error
	rows    int // in sorted
}

func (r *tableReader) read(ctx context.Context) error {
	if err := r.prepare(ctx); err != nil {
		return err
	}
	last := ""
	for from := 0; from < r.rows; from += pageSize {
		if err := r.page(ctx, from, &last); err != nil {
			return err
		}
	}
	return r.db.Exec(ctx, "drop table "+sorted)
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

func (r *tableReader) page(ctx context.Context, from int, last *string) error {
	rows, err := r.db.Query(ctx, "select * from "+sorted+" where rowid >= ? and rowid < ?", from, from+pageSize)
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
		record := publish.Record{Table: r.mapping.Table, Key: key.String, Subject: subject.String}
		content, faults := r.judge.record(columns)
		if faults == nil {
			record.Payload = slices.Clone(content)
			r.count.send(content)
		} else {
			record.HeldBack = inWords(faults)
			r.count.hold(key.String, faults)
		}
		if err := r.yield(record, faults); err != nil {
			return err
		}
	}
	return rows.Err()
}
