package run

import (
	"context"
	"maps"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/lineage"
	"rongxin/warehouse/model"
)

// Lineage follows each column of each model of the plan to the landed datasets,
// the rules and the reference tables, which are where the way ends. What a run
// puts together of all datasets, landing.records, is a step on the way.
func (p Plan) Lineage(ctx context.Context, db *engine.DB) (lineage.Lineage, error) {
	models, err := model.Order(p.Models, p.isGiven)
	if err != nil {
		return nil, err
	}
	var parts []string
	for _, d := range p.Datasets {
		parts = append(parts, recordsQuery(d))
	}
	records := model.Model{Name: recordsTable, File: "warehouse/run/inputs.go", SQL: union(recordsTable, parts)}
	return lineage.Read(ctx, db, append([]model.Model{records}, models...), namesOf(p.given()))
}

// given are the columns of every table that is given to models, rules and
// reference tables with them; landing.records is made of others.
func (p Plan) given() map[string][]landing.Column {
	tables := maps.Clone(givenColumns)
	delete(tables, recordsTable)
	for _, s := range p.Seeds {
		tables[s.Name] = s.Columns
	}
	for _, d := range p.Datasets {
		tables["landing."+d.Table()] = landedColumns(d)
		tables["rejects."+d.Table()] = refusedColumns()
	}
	return tables
}

func namesOf(tables map[string][]landing.Column) map[string][]string {
	list := map[string][]string{}
	for table, columns := range tables {
		for _, c := range columns {
			list[table] = append(list[table], c.Name)
		}
	}
	return list
}
