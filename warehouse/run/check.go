package run

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
)

// ErrCheck is returned when a check of severity fail did not hold. The run is
// not finished and CURRENT stays where it was.
var ErrCheck = errors.New("check failed")

// check runs a model's checks on the table just built, and always that its
// grain is unique.
func (b *builder) check(ctx context.Context, m model.Model, entry TableEntry) ([]CheckEntry, error) {
	checks := m.Checks
	if m.Grain[0] != "all" {
		checks = append([]model.Check{{Severity: "fail", Unique: m.Grain}}, checks...)
	}
	var entries []CheckEntry
	var failed []error
	for _, c := range checks {
		detail, err := b.violation(ctx, m.Name, c, entry)
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", c, err)
		}
		e := CheckEntry{Table: m.Name, Check: c.String(), Severity: c.Severity, OK: detail == "", Detail: detail}
		entries = append(entries, e)
		if e.OK {
			continue
		}
		if c.Severity == "fail" {
			failed = append(failed, fmt.Errorf("%w: %s: %s", ErrCheck, c, detail))
		} else {
			b.Log.Warn("check", "model", m.Name, "check", e.Check, "detail", detail)
		}
	}
	return entries, errors.Join(failed...)
}

// violation says how a check is broken, with an example, or "".
func (b *builder) violation(ctx context.Context, table string, c model.Check, entry TableEntry) (string, error) {
	switch {
	case c.Unique != nil:
		keys := strings.Join(c.Unique, ", ")
		return b.first(ctx, fmt.Sprintf("select %s from %s group by %s having count(*) > 1", text(c.Unique), table, keys))
	case c.NotNull != nil:
		nulls := make([]string, len(c.NotNull))
		for i, column := range c.NotNull {
			nulls[i] = column + " is null"
		}
		return b.first(ctx, fmt.Sprintf("select 'NULL in a row of %s' as violation from %s where %s", table, table, strings.Join(nulls, " or ")))
	case c.Accepted != nil:
		quoted := make([]string, len(c.Accepted.Values))
		for i, v := range c.Accepted.Values {
			quoted[i] = engine.Quote(v)
		}
		return b.first(ctx, fmt.Sprintf("select distinct %s from %s where cast(%s as varchar) not in (%s)",
			text([]string{c.Accepted.Column}), table, c.Accepted.Column, strings.Join(quoted, ", ")))
	case c.Refers != nil:
		return b.first(ctx, fmt.Sprintf("select distinct %s from %s where %s is not null and %s not in (select %s from %s where %s is not null)",
			text([]string{c.Refers.Column}), table, c.Refers.Column, c.Refers.Column, c.Refers.Column, c.Refers.To, c.Refers.Column))
	case c.NoRows != "":
		return b.first(ctx, c.NoRows)
	case c.MinRows > 0:
		if entry.Rows < c.MinRows {
			return fmt.Sprintf("%d rows", entry.Rows), nil
		}
		return "", nil
	default:
		return b.rowsChanged(table, c.RowsChanged, entry.Rows)
	}
}

// first counts the rows of a query and shows the least of them: its column
// violation, or the whole row where it has none.
func (b *builder) first(ctx context.Context, query string) (string, error) {
	var n int64
	var example any
	err := b.db.QueryRow(ctx, "select count(*), min(cast(violation as varchar)) from ("+query+") as violation").Scan(&n, &example)
	if err != nil || n == 0 {
		return "", err
	}
	return fmt.Sprintf("%d found, such as %v", n, example), nil
}

// text shows the values of columns as one, named as first reads it.
func text(columns []string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = "coalesce(cast(" + c + " as varchar), 'NULL')"
	}
	return strings.Join(parts, " || ' / ' || ") + " as violation"
}

func (b *builder) rowsChanged(table, limit string, rows int64) (string, error) {
	percent, err := strconv.ParseFloat(strings.TrimSuffix(limit, "%"), 64)
	if err != nil || !strings.HasSuffix(limit, "%") {
		return "", fmt.Errorf("rows_changed: %q is not a share such as 20%%", limit)
	}
	if b.plan.Previous == nil {
		return "", nil
	}
	before, ok := b.plan.Previous.Manifest.Table(table)
	if !ok || before.Rows == 0 {
		return "", nil
	}
	change := 100 * float64(rows-before.Rows) / float64(before.Rows)
	if change > percent || change < -percent {
		return fmt.Sprintf("%d rows, %d in run %s: %+.1f%%", rows, before.Rows, b.plan.Previous.ID, change), nil
	}
	return "", nil
}
