package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
)

// grace is what the server may be late with ending a statement by itself.
const grace = 5 * time.Second

// A view is a table as it was at one moment: all of its pages are read in one
// transaction.
type view struct {
	*plan
	db       *Database
	contract *contract.Contract
	conn     *sql.Conn
	tx       *sql.Tx
	// settled is the cursor below which every row has been committed, by the
	// overlap of the contract; nothing is settled in an empty table.
	settled int64
	top     int64 // the highest cursor
	empty   bool
}

func (d *Database) view(ctx context.Context, c *contract.Contract) (*view, error) {
	v := &view{db: d, contract: c}
	if err := v.open(ctx); err != nil {
		return nil, errors.Join(err, v.close())
	}
	return v, nil
}

func (v *view) open(ctx context.Context) (err error) {
	d, t := v.db, v.contract.Source.Table
	bound, cancel := d.bound(ctx)
	defer cancel()
	if v.conn, err = d.db.Conn(bound); err != nil {
		return d.fault(ctx, "connect", err)
	}
	var version string
	if err := v.conn.QueryRowContext(bound, "select version()").Scan(&version); err != nil {
		return d.fault(ctx, "connect", err)
	}
	for _, statement := range d.dialect.session(version, d.Timeout) {
		if _, err := v.conn.ExecContext(bound, statement); err != nil {
			return d.fault(ctx, statement, err)
		}
	}
	// Until its end, so not under the bound of one statement.
	if v.tx, err = v.conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}); err != nil {
		return d.fault(ctx, "begin", err)
	}
	columns, err := d.dialect.columns(bound, v.tx, t.Schema, t.Name)
	if err != nil {
		return d.fault(ctx, "read the columns", err)
	}
	if len(columns) == 0 {
		return fmt.Errorf("database %s: %w: there is no table %s.%s, or not for this user", d.Name, ErrSetup, t.Schema, t.Name)
	}
	unique, isTable, err := d.dialect.unique(bound, v.tx, t.Schema, t.Name)
	if err != nil {
		return d.fault(ctx, "read the keys", err)
	}
	if v.plan, err = planFor(d.dialect, v.contract, columns, unique, isTable); err != nil {
		return fmt.Errorf("database %s: %s.%s: %w", d.Name, t.Schema, t.Name, err)
	}
	if err := v.refuseNulls(ctx); err != nil {
		return err
	}
	return v.settle(ctx)
}

// bound limits one statement on our side too.
func (d *Database) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d.Timeout+grace)
}

func (v *view) close() error {
	var err error
	if v.tx != nil {
		err = v.tx.Rollback()
	}
	if v.conn != nil {
		err = errors.Join(err, v.conn.Close())
	}
	if err != nil {
		return v.db.fault(context.Background(), "end", err)
	}
	return nil
}

// refuseNulls finds rows that have no place in the order: they would never be read.
func (v *view) refuseNulls(ctx context.Context) error {
	for _, key := range v.keys {
		if !key.nullable {
			continue
		}
		name, err := quote(v.db.dialect, key.name)
		if err != nil {
			return err
		}
		var found int
		err = v.one(ctx, "select 1 from "+v.table+" where "+name+" is null limit 1", &found)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return err
		}
		return refusal(v.contract, ingest.SourceKeyMissing, fmt.Sprintf("列 %s 有空值，这些行无法排序读取", key.name),
			fmt.Sprintf("rows have no %s, so they have no place in the order of reading", key.name))
	}
	return nil
}

// settle looks where the rows end. Times in the future do not count.
func (v *view) settle(ctx context.Context) error {
	t := v.contract.Source.Table
	if t.Cursor == "" {
		return nil
	}
	cursor := &v.keys[0]
	name, err := quote(v.db.dialect, cursor.name)
	if err != nil {
		return err
	}
	var top, now sql.NullString
	query := fmt.Sprintf("select %s, %s from (select max(%s) as %s from %s) as t",
		cursor.key, v.db.dialect.now(cursor), name, name, v.table)
	if err := v.one(ctx, query, &top, &now); err != nil {
		return err
	}
	if v.empty = !top.Valid; v.empty {
		return nil
	}
	if v.top, err = v.position(top.String); err != nil {
		return err
	}
	if cursor.kind == whole {
		v.settled = v.top - t.Overlap.Count
		return nil
	}
	present, err := v.position(now.String)
	v.settled = min(v.top, present) - t.Overlap.Time.Microseconds()
	return err
}

func (v *view) one(ctx context.Context, query string, into ...any) error {
	bound, cancel := v.db.bound(ctx)
	defer cancel()
	err := v.tx.QueryRowContext(bound, query).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return v.db.fault(ctx, "read "+v.table, err)
}

// position is a cursor as a number: microseconds since 1970 of the time as it
// is written, or the whole number itself.
func (v *view) position(key string) (int64, error) {
	if len(v.keys) == 0 || v.contract.Source.Table.Cursor == "" {
		return 0, nil
	}
	if v.keys[0].kind == whole {
		n, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			return 0, refusal(v.contract, ingest.SourceCursorUnreadable, fmt.Sprintf("列 %s 的值 %s 不是 64 位整数", v.keys[0].name, key),
				fmt.Sprintf("%s has the value %s, which is no whole number of 64 bits", v.keys[0].name, key))
		}
		return n, nil
	}
	at, err := time.Parse(instantLayout, key)
	if err != nil {
		return 0, refusal(v.contract, ingest.SourceCursorUnreadable, fmt.Sprintf("列 %s 的值 %q 不是时间", v.keys[0].name, key),
			fmt.Sprintf("%s has the value %q, which is no time", v.keys[0].name, key))
	}
	return at.UnixMicro(), nil
}

// ParsePosition reads a position of a cursor that a person wrote: a day, a time
// or a whole number.
func ParsePosition(text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UnixMicro(), nil
		}
	}
	return 0, fmt.Errorf("%q is no day, no time such as 2026-06-30T08:00:00 and no whole number", text)
}

// keyText is position the other way round.
func (v *view) keyText(position int64) string {
	if v.keys[0].kind == whole {
		return strconv.FormatInt(position, 10)
	}
	return time.UnixMicro(position).UTC().Format(instantLayout)
}

// A start is where reading begins: behind a key, at a position, or, when both
// are missing, at the first row.
type start struct {
	after []string
	from  *int64
}

// query is the statement for at most limit rows in order: the fields, then the keys.
func (v *view) query(s start, limit int) (string, []any, error) {
	var names, params, outputs []string
	for _, f := range v.fields {
		outputs = append(outputs, f.value)
	}
	for _, k := range v.keys {
		name, err := quote(v.db.dialect, k.name)
		if err != nil {
			return "", nil, err
		}
		// Qualified, since an output may bear the same name and be sorted as text.
		names, params, outputs = append(names, "t."+name), append(params, k.param), append(outputs, k.key)
	}
	where, args := "", []any(nil)
	switch {
	case s.from != nil:
		where = " where " + names[0] + " >= " + fmt.Sprintf(params[0], v.db.dialect.placeholder())
		args = []any{v.keyText(*s.from)}
	case s.after != nil:
		condition, order := v.db.dialect.after(names, params)
		where = " where " + condition
		for _, i := range order {
			args = append(args, s.after[i])
		}
	}
	return fmt.Sprintf("select %s from %s as t%s order by %s limit %d", strings.Join(outputs, ", "), v.table, where, strings.Join(names, ", "), limit), args, nil
}
