package main

import (
	"context"
	"maps"
	"slices"

	"rongxin/internal/openlineage"
	"rongxin/internal/spans"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/lineage"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// watchTables tells of each table of a run that is made: a span with its rows, and
// the lineage of its columns. The plan's columns are followed when the first table
// of a model is made, and not at all where there is nobody to tell.
func (a *app) watchTables(plan run.Plan) func(context.Context, model.Model) func(run.TableEntry, error) {
	a.known = openlineage.Rongxin{RunID: plan.ID(), AsOf: plan.AsOf.String(), RuleSet: plan.RuleSet}
	a.job.Know(a.known)
	var columns lineage.Lineage
	return func(ctx context.Context, m model.Model) func(run.TableEntry, error) {
		var job *openlineage.Run
		if a.job != nil && m.File != "" {
			if columns == nil {
				columns = a.columnsOf(ctx, plan)
				a.tellAssembled(columns, plan.Models)
			}
			job = a.job.Start(jobOf(m.Name, "MODEL"), datasetsOf(m.Inputs)...)
		}
		_, span := spans.Start(ctx, "make table")
		span.Text("table", m.Name)
		span.Text("stage", m.Stage.String())
		return func(entry run.TableEntry, err error) {
			span.Count("rows", entry.Rows)
			if entry.Made.Touched != nil {
				span.Count("touched_subjects", *entry.Made.Touched)
			}
			endPart(span, job, err, func() {
				if job != nil {
					job.Complete(datasetsOf(m.Inputs), []openlineage.Dataset{
						made(m.Name, entry.Columns, entry.Rows, entry.File.Bytes, "content:"+entry.Content, columnsFacet(columns[m.Name]))})
				}
			})
		}
	}
}

// columnsOf follows the columns of a plan. Without them events have none.
func (a *app) columnsOf(ctx context.Context, plan run.Plan) lineage.Lineage {
	ctx, span := spans.Start(ctx, "follow columns")
	db, err := engine.Open(ctx, a.cfg.engine())
	if err != nil {
		a.warn("no lineage of columns", err)
		span.End("failed")
		return lineage.Lineage{}
	}
	defer db.Close()
	columns, err := plan.Lineage(ctx, db)
	a.warn("no lineage of columns", err)
	span.Count("tables", int64(len(columns)))
	span.End("")
	return columns
}

// tellAssembled tells of the tables that a run puts together of all datasets: no
// file is written of them, but models read them.
func (a *app) tellAssembled(columns lineage.Lineage, models []model.Model) {
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		if slices.ContainsFunc(models, func(m model.Model) bool { return m.Name == name }) {
			continue
		}
		var tables []string
		schema := &openlineage.Schema{}
		for _, c := range columns[name].Columns {
			schema.Fields = append(schema.Fields, openlineage.Field{Name: c.Name})
			for _, s := range c.From {
				tables = append(tables, s.Table)
			}
		}
		slices.Sort(tables)
		a.job.Start(jobOf(name, "VIEW")).Complete(datasetsOf(slices.Compact(tables)),
			[]openlineage.Dataset{{Name: name, Facets: &openlineage.DatasetFacets{Schema: schema, Columns: columnsFacet(columns[name])}}})
	}
}

// columnsFacet is a table's lineage in the words of OpenLineage: of each column
// what it is made of and what decides about it, of the table what decides about
// its rows.
func columnsFacet(t lineage.Table) *openlineage.Columns {
	facet := &openlineage.Columns{Fields: map[string]openlineage.Made{}, Dataset: inputFields(t.Rows)}
	for _, c := range t.Columns {
		if fields := inputFields(slices.Concat(c.From, c.By)); len(fields) > 0 {
			facet.Fields[c.Name] = openlineage.Made{Inputs: fields}
		}
	}
	return facet
}

// inputFields puts all that one column does into one entry.
func inputFields(list []lineage.Source) []openlineage.InputField {
	var fields []openlineage.InputField
	for _, s := range list {
		i := slices.IndexFunc(fields, func(f openlineage.InputField) bool { return f.Name == s.Table && f.Field == s.Column })
		if i < 0 {
			i, fields = len(fields), append(fields, openlineage.InputField{Name: s.Table, Field: s.Column})
		}
		kind := "INDIRECT"
		if s.Use.Direct() {
			kind = "DIRECT"
		}
		fields[i].Transformations = append(fields[i].Transformations, openlineage.Transformation{Type: kind, Subtype: string(s.Use)})
	}
	return fields
}
