package ruletest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// world is an engine with the tables that some models read, for one day. Each
// case is a subject of its own, s0, s1 …
type world struct {
	db     *engine.DB
	set    *evaluators.RuleSet
	models []model.Model
}

func subject(n int) string { return fmt.Sprintf("s%d", n) }

// table loads a small table. Columns are name, or name:TYPE for what is no text.
func (w *world) table(ctx context.Context, name string, columns []string, rows [][]any) error {
	list := make([]landing.Column, len(columns))
	for i, c := range columns {
		column, kind, ok := strings.Cut(c, ":")
		if !ok {
			kind = "VARCHAR"
		}
		list[i] = landing.Column{Name: column, Type: kind}
	}
	return w.db.Load(ctx, name, list, rows)
}

func (w *world) day(ctx context.Context, day credit.Date) error {
	return w.table(ctx, "run.parameters", []string{"as_of:DATE"}, [][]any{{day.Time()}})
}

// subjects loads one for each case.
func (w *world) subjects(ctx context.Context, n int, status func(int) string) error {
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = []any{subject(i), "registration-" + subject(i), status(i)}
	}
	return w.table(ctx, "intermediate.subjects", []string{"subject_id", "record_id", "registration_status"}, rows)
}

// seeds loads the rule tables that the models read.
func (w *world) seeds(ctx context.Context, models ...string) error {
	var inputs []string
	for _, name := range models {
		m, err := w.model(name)
		if err != nil {
			return err
		}
		inputs = append(inputs, m.Inputs...)
	}
	for _, seed := range w.set.Seeds() {
		if slices.Contains(inputs, seed.Name) {
			if err := w.db.Load(ctx, seed.Name, seed.Columns, seed.Rows); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) model(name string) (model.Model, error) {
	at := slices.IndexFunc(w.models, func(m model.Model) bool { return m.Name == name })
	if at < 0 {
		return model.Model{}, fmt.Errorf("there is no model %s to test the rules on", name)
	}
	return w.models[at], nil
}

// build makes the tables of models, in this order.
func (w *world) build(ctx context.Context, models ...string) error {
	for _, name := range models {
		m, err := w.model(name)
		if err != nil {
			return err
		}
		schema, _, _ := strings.Cut(name, ".")
		if err := w.db.Exec(ctx, fmt.Sprintf("create schema if not exists %s; create or replace table %s as %s", schema, name, m.SQL)); err != nil {
			return fmt.Errorf("%s: %w", m.File, err)
		}
	}
	return nil
}

// rows reads text columns; NULL is the empty text.
func (w *world) rows(ctx context.Context, query string, each func(values []string)) error {
	rows, err := w.db.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		texts := make([]string, len(columns))
		for i, v := range values {
			if v != nil {
				texts[i] = engine.Text(v)
			}
		}
		each(texts)
	}
	return rows.Err()
}

// column finds the values of a column of a rule table.
func column(seeds []run.Seed, table, name string) []string {
	var values []string
	for _, seed := range seeds {
		if seed.Name != table {
			continue
		}
		at := slices.IndexFunc(seed.Columns, func(c landing.Column) bool { return c.Name == name })
		if at < 0 {
			return nil
		}
		for _, row := range seed.Rows {
			values = append(values, fmt.Sprint(row[at]))
		}
	}
	return values
}
