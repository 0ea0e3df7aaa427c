package database

import (
	"fmt"
	"slices"
	"strings"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
)

// A plan says which columns of a table are read, by which SQL.
type plan struct {
	table  string // quoted
	fields []column
	keys   []column // the cursor first
}

// planFor compares a table with its contract and tells all that does not fit at
// once: what the department changed as a refusal, what was never right as ErrSetup.
func planFor(d dialect, c *contract.Contract, columns []column, unique [][]string, isTable bool) (*plan, error) {
	at := map[string]*column{}
	var names []string
	for i := range columns {
		at[columns[i].name] = &columns[i]
		names = append(names, columns[i].name)
	}
	t := c.Source.Table
	if err := matchColumns(c, names); err != nil {
		return nil, err
	}
	table, err := quoteTable(d, t)
	if err != nil {
		return nil, err
	}
	p := &plan{table: table}
	var faults []string
	for _, f := range c.Fields {
		column := at[f.Name]
		if column.kind == unfit {
			faults = append(faults, fmt.Sprintf("the column %s is %s, which holds no text", f.Name, column.sqlType))
		}
		p.fields = append(p.fields, *column)
	}
	for i, name := range t.Keys() {
		column := at[name]
		if problem := unfitKey(t, column, i == 0 && t.Cursor != "", isTable); problem != "" {
			faults = append(faults, problem)
		}
		p.keys = append(p.keys, *column)
	}
	if isTable && !slices.ContainsFunc(unique, func(set []string) bool { return p.covers(set) }) {
		faults = append(faults, fmt.Sprintf("%s identify no row: no primary key and no unique index without nulls lies within them; name its columns in source.tie",
			strings.Join(t.Keys(), ", ")))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrSetup, strings.Join(faults, "; "))
	}
	return p, nil
}

// matchColumns refuses a table whose columns are not those of the contract, as
// the header of a file would be.
func matchColumns(c *contract.Contract, names []string) error {
	var faults ingest.ColumnFaults
	var wanted []string
	for _, f := range c.Fields {
		wanted = append(wanted, f.Name)
	}
	for _, name := range append(wanted, c.Source.Table.Keys()...) {
		if !slices.Contains(names, name) && !slices.Contains(faults.Missing, name) {
			faults.Missing = append(faults.Missing, name)
		}
	}
	for _, name := range names {
		if !c.Knows(name) {
			faults.Unknown = append(faults.Unknown, name)
		}
	}
	if len(faults.Missing)+len(faults.Unknown) == 0 {
		return nil
	}
	return refusal(c, ingest.HeaderMismatch, faults.Chinese(c), faults.English(c))
}

func refusal(c *contract.Contract, code ingest.RefusalCode, detail, problem string) error {
	t := c.Source.Table
	return ingest.Refuse(code, c.Dataset, t.Database, ingest.Place{Table: t.Schema + "." + t.Name}, detail, problem)
}

// unfitKey says why rows cannot be ordered by a column, or "".
func unfitKey(t *contract.Table, c *column, isCursor, isTable bool) string {
	switch {
	case isCursor && c.kind != whole && c.kind != instant:
		return fmt.Sprintf("the cursor %s is %s: want a time, a date or a whole number", c.name, c.sqlType)
	case isCursor && c.kind == whole && t.Overlap.For == "time":
		return fmt.Sprintf("the cursor %s is %s, so source.overlap is a number", c.name, c.sqlType)
	case isCursor && c.kind == instant && t.Overlap.For == "number":
		return fmt.Sprintf("the cursor %s is %s, so source.overlap is a time such as 10 minutes", c.name, c.sqlType)
	case c.kind == unfit || c.kind == loose:
		return fmt.Sprintf("%s is %s, by which rows cannot be told apart", c.name, c.sqlType)
	case !isTable && c.kind == text && c.collation != "" && !strings.HasSuffix(c.collation, "_bin"):
		return fmt.Sprintf("%s of a view has the collation %s, under which different texts are equal: want one that ends in _bin", c.name, c.collation)
	}
	return ""
}

// covers reports whether the keys hold a whole set of columns without nulls.
func (p *plan) covers(set []string) bool {
	return !slices.ContainsFunc(set, func(name string) bool {
		return !slices.ContainsFunc(p.keys, func(c column) bool { return c.name == name && !c.nullable })
	})
}
