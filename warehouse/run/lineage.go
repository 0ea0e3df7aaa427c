package run

import (
	"context"
	"fmt"
	"maps"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/lineage"
	"rongxin/warehouse/model"
)

// Lineage follows each column of each model of the plan to the landed datasets,
// the rules and the reference tables, which are where the way ends. What a run
// puts together of all datasets, landing.records and landing.rejects, are steps on
// the way.
func (p Plan) Lineage(ctx context.Context, db *engine.DB) (lineage.Lineage, error) {
	models, err := model.Order(p.Models, p.isGiven)
	if err != nil {
		return nil, err
	}
	return lineage.Read(ctx, db, append(p.assembled(), models...), namesOf(p.given()))
}

// assembled are the tables that are put together of all datasets, as models.
func (p Plan) assembled() []model.Model {
	var records, rejects []string
	for _, d := range p.Datasets {
		records = append(records, recordsQuery(d))
		rejects = append(rejects, fmt.Sprintf("select %s from rejects.%s", names(landing.RejectColumns()), engine.Ident(d.Table())))
	}
	return []model.Model{
		{Name: recordsTable, File: "warehouse/run/inputs.go", SQL: union(recordsTable, records)},
		{Name: rejectsTable, File: "warehouse/run/refused.go", SQL: union(rejectsTable, rejects)},
	}
}

// Given are the columns of every table that no model makes.
func (p Plan) Given() map[string][]landing.Column {
	tables := p.given()
	for _, m := range p.assembled() {
		tables[m.Name] = givenColumns[m.Name]
	}
	return tables
}

// given are the columns of every table that is given to models, rules and
// reference tables with them, without those that are put together of others.
func (p Plan) given() map[string][]landing.Column {
	tables := maps.Clone(givenColumns)
	delete(tables, recordsTable)
	delete(tables, rejectsTable)
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
