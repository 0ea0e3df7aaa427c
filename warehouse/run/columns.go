package run

import (
	"context"
	"fmt"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
)

// Columns are those of every table that models of the plan would make, told
// without making any: the models are bound to empty inputs.
func (p Plan) Columns(ctx context.Context, db *engine.DB) (map[string][]landing.Column, error) {
	p.Batches, p.Previous = nil, nil
	models, err := model.Order(p.Models, p.isGiven)
	if err != nil {
		return nil, err
	}
	if err := p.supply(ctx, db, ""); err != nil {
		return nil, err
	}
	for _, s := range append(p.runTables(nil), p.Seeds...) {
		if err := db.View(ctx, s.Name, engine.Empty(s.Columns)); err != nil {
			return nil, err
		}
	}
	tables := map[string][]landing.Column{}
	for _, m := range models {
		columns, err := []landing.Column(nil), error(nil)
		if m.Step != nil {
			columns = m.Step.Columns
		} else if columns, err = db.Columns(ctx, m.SQL); err != nil {
			return nil, fmt.Errorf("%s: %w", m.File, err)
		}
		// Models after it are bound to an empty table, not to its SELECT.
		if err := db.View(ctx, m.Name, engine.Empty(columns)); err != nil {
			return nil, err
		}
		tables[m.Name] = columns
	}
	return tables, nil
}
