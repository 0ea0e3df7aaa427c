package ruletest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
)

// facts are the tables that a scorecard reads, with the columns that its rules
// name.
type facts struct {
	card   *evaluators.Scorecard
	tables map[string]*fact
	ids    int
}

type fact struct {
	columns map[string]string // name → SQL type
	day     string            // the column of the day
	rows    []map[string]string
}

func newFacts(card *evaluators.Scorecard) *facts {
	f := &facts{card: card, tables: map[string]*fact{}}
	for i := range card.Characteristics {
		c := &card.Characteristics[i]
		t := f.add(&c.Leaf)
		for column := range c.Of {
			t.columns[column] = "varchar"
		}
		if c.Escalate != nil {
			t.columns[c.Escalate.Column] = "varchar"
		}
		if _, column := c.MeasureOf(); column != "" {
			t.columns[column] = "decimal(18, 3)"
			if strings.HasSuffix(column, "_amount") {
				t.columns[column] = "bigint"
			}
			if c.Kind() == evaluators.KindGrades {
				t.columns[column] = "varchar"
			}
		}
	}
	for i := range card.Vetoes {
		f.add(&card.Vetoes[i].Leaf)
	}
	if f.tables[card.Population] == nil {
		f.tables[card.Population] = &fact{columns: map[string]string{"subject_id": "varchar"}}
	}
	return f
}

func (f *facts) add(l *evaluators.Leaf) *fact {
	t := f.tables[l.Fact]
	if t == nil {
		t = &fact{columns: map[string]string{"subject_id": "varchar", "record_id": "varchar"}, day: l.DayColumn()}
		f.tables[l.Fact] = t
	}
	t.columns[l.DayColumn()] = "date"
	for column := range l.Where {
		t.columns[column] = "varchar"
	}
	return t
}

// give adds the records of a case.
func (f *facts) give(c scoreCase, n int, day credit.Date) error {
	for _, name := range slices.Sorted(maps.Keys(c.Given)) {
		if err := f.measure(name, c.Given[name], n, day); err != nil {
			return fmt.Errorf("given.%s: %w", name, err)
		}
	}
	for i, record := range c.Records {
		if err := f.record(record, n, day); err != nil {
			return fmt.Errorf("records[%d]: %w", i, err)
		}
	}
	return nil
}

// measure adds the records that come to what is given, all of the day itself.
func (f *facts) measure(name string, given measured, n int, day credit.Date) error {
	leaf, c := leafOf(f.card, name)
	put := func(times int64, columns ...string) {
		for range times {
			f.put(leaf, n, day, columns...)
		}
	}
	if given.steps != nil {
		if c == nil || c.Escalate == nil {
			return fmt.Errorf("only escalate takes a number for each step")
		}
		for _, step := range slices.Sorted(maps.Keys(given.steps)) {
			put(given.steps[step], c.Escalate.Column, step)
		}
		return nil
	}
	measure, column := "", ""
	if c != nil {
		measure, column = c.MeasureOf()
	}
	switch {
	case c != nil && c.Kind() == evaluators.KindEscalate:
		return fmt.Errorf("wants how many records of each step, such as {%s: 2}", c.Escalate.Steps[0].Is)
	case measure == evaluators.MeasureShare:
		var part, whole int64
		if _, err := fmt.Sscanf(given.text, "%d of %d", &part, &whole); err != nil || part > whole {
			return fmt.Errorf("%q is no share of records such as 2 of 7", given.text)
		}
		put(part, fitting(c.Of)...)
		put(whole - part)
	case column != "":
		put(1, column, given.text)
	case given.text == "true" || given.text == "false":
		put(map[string]int64{"true": 1}[given.text])
	default:
		times, err := strconv.ParseInt(given.text, 10, 64)
		if err != nil || times < 0 {
			return fmt.Errorf("%q is no number of records", given.text)
		}
		put(times)
	}
	return nil
}

func fitting(where map[string]evaluators.Value) []string {
	var columns []string
	for column, values := range where {
		columns = append(columns, column, values[0])
	}
	return columns
}

// put adds a record that the leaf looks at, with more columns.
func (f *facts) put(leaf *evaluators.Leaf, n int, day credit.Date, columns ...string) {
	row := map[string]string{leaf.DayColumn(): day.String()}
	columns = append(fitting(leaf.Where), columns...)
	for i := 0; i < len(columns); i += 2 {
		row[columns[i]] = columns[i+1]
	}
	f.append(leaf.Fact, n, row)
}

func (f *facts) append(table string, n int, row map[string]string) {
	f.ids++
	row["subject_id"], row["record_id"] = subject(n), fmt.Sprintf("r%06d", f.ids)
	f.tables[table].rows = append(f.tables[table].rows, row)
}

// record adds one record: of a characteristic or veto by its name, or in a
// table by its columns. on is its day, value, is and fits what of counts.
func (f *facts) record(given map[string]string, n int, day credit.Date) error {
	on := day
	if text, ok := given["on"]; ok {
		var err error
		if on, err = credit.ParseDate(text); err != nil {
			return fmt.Errorf("on: %w", err)
		}
	}
	if table, ok := given["in"]; ok {
		t := f.tables[table]
		if t == nil {
			return fmt.Errorf("in: no characteristic and no veto looks into %s", table)
		}
		row := map[string]string{t.day: on.String()}
		for column, value := range given {
			if column == "in" || column == "on" {
				continue
			}
			if t.columns[column] == "" {
				return fmt.Errorf("%s: no characteristic and no veto looks at this column of %s", column, table)
			}
			row[column] = value
		}
		f.append(table, n, row)
		return nil
	}
	leaf, c := leafOf(f.card, given["of"])
	if leaf == nil {
		return fmt.Errorf("wants of: a characteristic or veto (%s), or in: a table", strings.Join(names(f.card), ", "))
	}
	var columns []string
	for key, value := range given {
		switch {
		case key == "of" || key == "on":
		case key == "fits" && c != nil && len(c.Of) > 0 && (value == "true" || value == "false"):
			if value == "true" {
				columns = append(columns, fitting(c.Of)...)
			}
		case key == "is" && c != nil && c.Escalate != nil:
			columns = append(columns, c.Escalate.Column, value)
		case (key == "is" || key == "value") && c != nil:
			_, column := c.MeasureOf()
			if column == "" {
				return fmt.Errorf("%s: %s looks at no value", key, c.Name)
			}
			columns = append(columns, column, value)
		default:
			return fmt.Errorf("%s: is none of of, on, value, is, fits", key)
		}
	}
	f.put(leaf, n, on, columns...)
	return nil
}

// load makes the tables. Amounts are given in 元 and stand there in fen.
func (f *facts) load(ctx context.Context, w *world, cases []int) error {
	population := f.tables[f.card.Population]
	if population.columns["record_id"] == "" {
		for _, i := range cases {
			population.rows = append(population.rows, map[string]string{"subject_id": subject(i)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.tables)) {
		t := f.tables[name]
		columns := slices.Sorted(maps.Keys(t.columns))
		casts := make([]string, len(columns))
		for i, column := range columns {
			text := column
			if t.columns[column] == "bigint" {
				text = fmt.Sprintf("cast(%s as decimal(18, 2)) * 100", column)
			}
			casts[i] = fmt.Sprintf("cast(%s as %s) as %s", text, t.columns[column], column)
		}
		var rows [][]any
		for _, row := range t.rows {
			values := make([]any, len(columns))
			for i, column := range columns {
				if text, ok := row[column]; ok {
					values[i] = text
				}
			}
			rows = append(rows, values)
		}
		raw := "given." + strings.ReplaceAll(name, ".", "__")
		if err := w.table(ctx, raw, columns, rows); err != nil {
			return err
		}
		schema, _, _ := strings.Cut(name, ".")
		if err := w.db.Exec(ctx, fmt.Sprintf("create schema if not exists %s; create or replace table %s as select %s from %s",
			schema, engine.Table(name), strings.Join(casts, ", "), engine.Table(raw))); err != nil {
			return err
		}
	}
	return nil
}
