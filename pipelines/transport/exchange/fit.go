package exchange

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rongxin/pipelines/publish"
)

// fit holds a table of records, or with "" the tables beside them, against what is
// written there, once, and tells all that is wrong at once.
func (t *Transport) fit(ctx context.Context, name string) error {
	t.mu.Lock()
	known := t.fits[name]
	t.mu.Unlock()
	if known {
		return nil
	}
	ctx, cancel := t.bound(ctx)
	defer cancel()
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		return t.asked(ctx, "connect", err)
	}
	defer tx.Rollback() // nothing was written
	if err := t.fitAll(ctx, tx, name); err != nil {
		return err
	}
	t.mu.Lock()
	t.fits[name] = true
	t.mu.Unlock()
	return nil
}

func (t *Transport) fitAll(ctx context.Context, tx *sql.Tx, name string) error {
	if name != "" {
		records := t.tables[name]
		theirs := name
		if other := t.settings.Tables[name]; other != "" {
			theirs = other
		}
		return t.fitTable(ctx, tx, theirs, records.fields(), "insert")
	}
	faults := []error{
		t.fitTable(ctx, tx, t.settings.Batches, batchFields, "insert", "select"),
		t.fitTable(ctx, tx, t.settings.Fence, fenceFields, "insert", "select", "update"),
		t.fitTable(ctx, tx, t.settings.Feedback, feedbackFields, "select"),
	}
	if t.settings.State != "" {
		faults = append(faults, t.fitTable(ctx, tx, t.settings.State, stateFields, "select"))
	}
	return errors.Join(faults...)
}

// fitTable looks at the columns of a table and tries the rights with statements
// that find no row.
func (t *Transport) fitTable(ctx context.Context, tx *sql.Tx, name string, fields []field, rights ...string) error {
	columns, err := t.dialect.columns(ctx, tx, t.settings.Schema, name)
	if err != nil {
		return t.asked(ctx, "look at "+name, err)
	}
	faults := t.faults(name, columns, fields, slices.Contains(rights, "insert"))
	if len(faults) > 0 {
		return fmt.Errorf("exchange: %w: %s", publish.ErrSetup, strings.Join(faults, "; "))
	}
	var problems []error
	for _, right := range rights {
		if err := t.try(ctx, tx, right, name, fields); err != nil {
			problems = append(problems, t.asked(ctx, "the right to "+right+" at "+name, err))
		}
	}
	return errors.Join(problems...)
}

// faults compares the columns of a table with those wanted.
func (t *Transport) faults(name string, columns []found, fields []field, written bool) []string {
	if len(columns) == 0 {
		return []string{fmt.Sprintf("there is no table %s, or not for this user; rongxin receivers ddl prints it", name)}
	}
	var faults []string
	fault := func(column, format string, args ...any) {
		faults = append(faults, name+"."+column+" "+fmt.Sprintf(format, args...))
	}
	for _, f := range fields {
		i := slices.IndexFunc(columns, func(c found) bool { return strings.EqualFold(c.name, f.name) })
		if i < 0 {
			fault(f.name, "is missing: want %s", t.dialect.ddl().typeOf(f))
			continue
		}
		switch c := columns[i]; {
		case c.kind != f.kind && !(f.kind == instant && c.kind == day) && !(f.kind == day && c.kind == instant):
			fault(f.name, "is %s: want %s", c.sqlType, t.dialect.ddl().typeOf(f))
		case written && f.kind == text && c.length > 0 && (f.length == 0 || c.length < f.length):
			fault(f.name, "takes %d characters: want %s", c.length, t.dialect.ddl().typeOf(f))
		case written && f.null && !c.null:
			fault(f.name, "is not null: a removal has no content, let it be null")
		case written && f.serial && !c.filled:
			fault(f.name, "is not counted up by the database")
		}
	}
	for _, c := range columns {
		known := slices.ContainsFunc(fields, func(f field) bool { return strings.EqualFold(c.name, f.name) })
		if written && !known && !c.null && !c.filled {
			fault(c.name, "must be filled, and there is nothing to fill it with: let it be null or give it a default")
		}
	}
	return faults
}

// try makes use of a right without effect.
func (t *Transport) try(ctx context.Context, tx *sql.Tx, right, name string, fields []field) error {
	var names []string
	for _, f := range fields {
		if right != "insert" || !f.serial && !f.moment {
			names = append(names, t.dialect.quote(f.name))
		}
	}
	list, table := strings.Join(names, ", "), t.named(name)
	var statement string
	switch right {
	case "insert":
		statement = "insert into " + table + " (" + list + ") select " + strings.TrimSuffix(strings.Repeat("null, ", len(names)), ", ") +
			" from (select 1 as one) nothing where 1 = 0"
	case "select":
		statement = "select " + list + " from " + table + " where 1 = 0"
	case "update":
		statement = "update " + table + " set cd_epoch = cd_epoch where 1 = 0"
	}
	if t.settings.Driver == "postgres" { // where an error would end the transaction
		if _, err := tx.ExecContext(ctx, "savepoint tried"); err != nil {
			return err
		}
		defer tx.ExecContext(ctx, "rollback to savepoint tried")
	}
	_, err := tx.ExecContext(ctx, statement)
	return err
}
