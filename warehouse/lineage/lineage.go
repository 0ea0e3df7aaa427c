// Package lineage follows every column of every model to the columns it is made
// of. It reads the engine's own parse tree of each SELECT, through CTEs, unions,
// joins, windows and subqueries, so that there is nothing to keep up to date by
// hand, and nothing that the SQL says otherwise.
//
// What a value is made of is kept apart from what decides about it: a column in
// a filter, a join or a grouping decides which rows there are, one in a CASE or
// a window which value a row gets. The words for both are those of OpenLineage's
// facet columnLineage.
//
// A column that cannot be found is an error that names the model, the line and
// the column; nothing is left out in silence.
package lineage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
	"rongxin/warehouse/syntax"
)

// Use is what a column does for another.
type Use string

// What a value is made of: the column as it is, computed with others, or taken
// together over rows.
const (
	Identity       Use = "IDENTITY"
	Transformation Use = "TRANSFORMATION"
	Aggregation    Use = "AGGREGATION"
)

// What decides about rows or values without entering them.
const (
	Join        Use = "JOIN"
	Filter      Use = "FILTER"
	GroupBy     Use = "GROUP_BY" // DISTINCT and UNION too
	Sort        Use = "SORT"
	Window      Use = "WINDOW"
	Conditional Use = "CONDITIONAL"
)

// Direct tells whether the value itself is made of the column.
func (u Use) Direct() bool { return u == Identity || u == Transformation || u == Aggregation }

// A Source is a column of a table, and what it does.
type Source struct {
	Table  string // schema.table
	Column string
	Use    Use
}

// A Column of a model. From is empty for a constant, and for what only counts
// rows.
type Column struct {
	Name   string
	From   []Source // what its values are made of
	By     []Source // what decides about its values alone
	Counts bool     // it counts or numbers rows
}

// A Table is a model's: its columns in their order, and what decides which rows
// it has, which is the same for all of them.
type Table struct {
	Columns []Column
	Rows    []Source
}

// Column finds a column by name.
func (t Table) Column(name string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// Lineage is that of each model, by schema.table. Tables that are given to the
// models are not in it: there the way ends.
type Lineage map[string]Table

// Read follows the columns of models. They come in an order in which each stands
// after those it reads; given are the columns of all other tables, by
// schema.table. All faults of all models come at once.
func Read(ctx context.Context, db *engine.DB, models []model.Model, given map[string][]string) (Lineage, error) {
	r := reader{aggregates: map[string]bool{}, tables: map[string][]string{}}
	var aggregates string
	err := db.QueryRow(ctx, `select coalesce(string_agg(distinct function_name, ' '), '')
		from duckdb_functions() where function_type = 'aggregate'`).Scan(&aggregates)
	if err != nil {
		return nil, fmt.Errorf("lineage: list the aggregates: %w", err)
	}
	for _, name := range strings.Fields(aggregates) {
		r.aggregates[name] = true
	}
	for table, columns := range given {
		r.tables[table] = columns
	}
	all := Lineage{}
	var faults []error
	for _, m := range models {
		table, err := r.model(ctx, db, m)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: lineage of %s: %w", m.File, m.Name, err))
		}
		all[m.Name] = table
		for _, c := range table.Columns {
			r.tables[m.Name] = append(r.tables[m.Name], c.Name)
		}
	}
	return all, errors.Join(faults...)
}

// Origins are the given columns that the values of a model's column are made of
// in the end, each with the strongest use on the way.
func (l Lineage) Origins(table, column string) []Source {
	found := sources{}
	seen := map[Source]bool{}
	var follow func(s Source)
	follow = func(s Source) {
		if seen[s] {
			return
		}
		seen[s] = true
		t, made := l[s.Table]
		if !made {
			found.add(s)
			return
		}
		c, _ := t.Column(s.Column)
		for _, from := range c.From {
			follow(Source{from.Table, from.Column, stronger(s.Use, from.Use)})
		}
	}
	follow(Source{table, column, Identity})
	return found.list()
}

// model is the lineage of one model.
func (r *reader) model(ctx context.Context, db *engine.DB, m model.Model) (Table, error) {
	tree, err := syntax.Select(ctx, db, m.SQL)
	if err != nil {
		return Table{}, err
	}
	r.text = m.SQL
	found, err := r.query(tree, nil, nil)
	if err != nil {
		return Table{}, err
	}
	t := Table{Rows: found.rows.list()}
	if m.Step != nil { // every column of the step is made of the one text it is given
		from := sources{}
		for _, c := range found.columns {
			from.merge(c.from.as(Transformation))
		}
		for _, c := range m.Step.Columns {
			t.Columns = append(t.Columns, Column{Name: c.Name, From: from.list()})
		}
		return t, nil
	}
	var faults []error
	for i, c := range found.columns {
		if c.name == "" {
			faults = append(faults, fmt.Errorf("column %d has no name: write as NAME", i+1))
		}
		if len(c.from) == 0 && !c.constant && !c.counts {
			faults = append(faults, fmt.Errorf("column %s is made of nothing that was found", c.name))
		}
		t.Columns = append(t.Columns, Column{Name: c.name, From: c.from.list(), By: c.by.list(), Counts: c.counts})
	}
	return t, errors.Join(faults...)
}

// sources are a set; of direct uses of one column the strongest stays.
type sources map[Source]bool

var strength = []Use{Identity, Transformation, Aggregation}

func stronger(a, b Use) Use {
	return strength[max(slices.Index(strength, a), slices.Index(strength, b))]
}

func (s sources) add(one Source) {
	if one.Use.Direct() {
		for _, use := range strength {
			other := Source{one.Table, one.Column, use}
			if s[other] {
				delete(s, other)
				one.Use = stronger(one.Use, use)
			}
		}
	}
	s[one] = true
}

func (s sources) merge(other sources) {
	for one := range other {
		s.add(one)
	}
}

// as are the same columns with a use put upon them: of a direct one the stronger
// of both, and any other replaces what was.
func (s sources) as(use Use) sources {
	list := sources{}
	for one := range s {
		if use.Direct() && one.Use.Direct() {
			one.Use = stronger(one.Use, use)
		} else if !use.Direct() {
			one.Use = use
		}
		list.add(one)
	}
	return list
}

func (s sources) list() []Source {
	var list []Source
	for one := range s {
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b Source) int {
		return cmp.Or(strings.Compare(a.Table, b.Table), strings.Compare(a.Column, b.Column), strings.Compare(string(a.Use), string(b.Use)))
	})
	return list
}
