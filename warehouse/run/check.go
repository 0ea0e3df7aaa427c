package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
)

// ErrCheck is returned when a check of severity fail did not hold. The run is
// not finished and CURRENT stays where it was.
var ErrCheck = errors.New("check failed")

// checksOf are a model's checks, and always that its grain is unique.
func checksOf(m model.Model) []model.Check {
	if m.Grain[0] == "all" {
		return m.Checks
	}
	return append([]model.Check{{Severity: "fail", Unique: m.Grain}}, m.Checks...)
}

// bySubject tells whether a check of a local model holds for all subjects when it
// holds for each by itself, which is then how it is made.
func bySubject(m model.Model, c model.Check) bool {
	if !m.Local.Is {
		return false
	}
	switch {
	case c.Unique != nil:
		return slices.Contains(c.Unique, model.SubjectID)
	case c.Refers != nil:
		return c.Refers.Column == model.SubjectID
	default:
		return c.NotNull != nil || c.Accepted != nil || c.NoRows != ""
	}
}

// A finding is how many violations of a check there are, and the least of them.
type finding struct {
	n       int64
	example sql.NullString
}

func (f *finding) add(o finding) {
	if o.example.Valid && (!f.example.Valid || o.example.String < f.example.String) {
		f.example = o.example
	}
	f.n += o.n
}

// check runs a model's checks on the table just built. What checks found on its
// parts already comes with it.
func (b *builder) check(ctx context.Context, m model.Model, entry TableEntry, known map[int]finding) ([]CheckEntry, error) {
	var entries []CheckEntry
	var failed []error
	for i, c := range checksOf(m) {
		f, ok := known[i]
		if !ok {
			err := b.widen(ctx)
			if err == nil {
				f, err = b.find(ctx, m.Name, c)
			}
			if err != nil {
				return nil, fmt.Errorf("check %s: %w", c, err)
			}
		}
		detail, err := b.detail(m.Name, c, f, entry.Rows)
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

// detail says how a check is broken, with an example, or "".
func (b *builder) detail(table string, c model.Check, f finding, rows int64) (string, error) {
	switch {
	case c.MinRows > 0 && rows < c.MinRows:
		return fmt.Sprintf("%d rows", rows), nil
	case c.RowsChanged != "":
		return b.rowsChanged(table, c.RowsChanged, rows)
	case f.n > 0:
		return fmt.Sprintf("%d found, such as %s", f.n, f.example.String), nil
	}
	return "", nil
}

// find looks for what breaks a check. How many rows there are is not its matter.
func (b *builder) find(ctx context.Context, table string, c model.Check) (finding, error) {
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
	}
	return finding{}, nil
}

// first counts the rows of a query and shows the least of them: its column
// violation, or the whole row where it has none.
func (b *builder) first(ctx context.Context, query string) (f finding, err error) {
	err = b.db.QueryRow(ctx, "select count(*), min(cast(violation as varchar)) from ("+query+") as violation").Scan(&f.n, &f.example)
	return f, err
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
