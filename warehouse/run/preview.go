package run

import (
	"context"
	"errors"
	"fmt"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
)

// Preview opens an engine on which some models of a plan, and those they read,
// stand as views over what has landed: what a run would make of it, without one.
// No check of theirs runs and nothing is written.
func Preview(ctx context.Context, cfg Config, plan Plan, tables ...string) (*engine.DB, error) {
	db, err := engine.Open(ctx, cfg.Engine)
	if err != nil {
		return nil, err
	}
	if err := plan.preview(ctx, db, cfg.Home, tables); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (p Plan) preview(ctx context.Context, db *engine.DB, home string, tables []string) error {
	if err := p.supply(ctx, db, home); err != nil {
		return err
	}
	for _, s := range append(p.runTables(known(p.Batches, p.AsOf)), p.Seeds...) {
		if err := db.View(ctx, s.Name, "select * from "+engine.Table(loaded(s.Name))); err != nil {
			return err
		}
	}
	models, err := model.Order(p.reads(tables), p.isGiven)
	if err != nil {
		return err
	}
	for _, m := range models {
		query, err := takeStep(ctx, db, m)
		if err == nil {
			err = db.View(ctx, m.Name, query)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	return nil
}

// reads are the models that make the tables, and all that they read.
func (p Plan) reads(tables []string) (list []model.Model) {
	wanted := map[string]bool{}
	var want func(table string)
	want = func(table string) {
		if wanted[table] {
			return
		}
		wanted[table] = true
		for _, m := range p.Models {
			if m.Name == table {
				list = append(list, m)
				for _, input := range m.Inputs {
					want(input)
				}
			}
		}
	}
	for _, table := range tables {
		want(table)
	}
	return list
}
