package main

import (
	"context"

	"rongxin/internal/openlineage"
	"rongxin/internal/spans"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
)

// watchLanding tells of one extract: a span with its counts, and the lineage from
// the department's fields to our columns. The file has no name here.
func (a *app) watchLanding(ctx context.Context, c *contract.Contract) func(ingest.Result, error) {
	table := landing.TableName(c.Dataset)
	_, span := spans.Start(ctx, "land extract")
	span.Text("dataset", c.Dataset)
	job := a.job.Start(jobOf("land."+c.Dataset, "EXTRACT"), openlineage.Dataset{Name: "extracts." + table})
	return func(r ingest.Result, err error) {
		b := r.Batch
		span.Text("batch", b.ID)
		span.Count("rows_read", b.Rows.Read)
		span.Count("rows_accepted", b.Rows.Accepted)
		span.Count("rows_rejected", b.Rows.Rejected)
		endPart(span, job, err, func() {
			if job != nil {
				job.Complete([]openlineage.Dataset{extractOf(c, b)}, []openlineage.Dataset{
					made("landing."+table, b.Columns, b.Rows.Accepted, b.Records.Bytes, b.ID, fieldsOf(c)),
					made("rejects."+table, landing.RejectColumns(), b.Rows.Rejected, b.Rejects.Bytes, b.ID, nil)})
			}
		})
	}
}

func extractOf(c *contract.Contract, b landing.Batch) openlineage.Dataset {
	schema := &openlineage.Schema{}
	for _, f := range c.Fields {
		schema.Fields = append(schema.Fields, openlineage.Field{Name: f.Name})
	}
	return openlineage.Dataset{Name: "extracts." + landing.TableName(c.Dataset), Facets: &openlineage.DatasetFacets{Schema: schema, Version: &openlineage.Version{Version: "sha256:" + b.Extract.SHA256}},
		Input: &openlineage.InputFacets{Quality: &openlineage.Quality{Rows: b.Rows.Read, Bytes: b.Extract.Bytes}}}
}

// fieldsOf says which field of the department each of our columns is read from. A
// person's number is replaced by a token or masked on the way.
func fieldsOf(c *contract.Contract) *openlineage.Columns {
	columns := &openlineage.Columns{Fields: map[string]openlineage.Made{}}
	from := func(f contract.Field) openlineage.InputField {
		return openlineage.InputField{Name: "extracts." + landing.TableName(c.Dataset), Field: f.Name, Transformations: []openlineage.Transformation{
			{Type: "DIRECT", Subtype: "TRANSFORMATION", Masking: f.Type == contract.PersonID || f.Mask != nil}}}
	}
	var key openlineage.Made
	for _, f := range c.Fields {
		columns.Fields[f.As] = openlineage.Made{Inputs: []openlineage.InputField{from(f)}}
	}
	for _, name := range c.Key {
		if i := c.FieldIndex(name); i >= 0 {
			key.Inputs = append(key.Inputs, from(c.Fields[i]))
		}
	}
	columns.Fields["record_id"] = key
	return columns
}

// made is a dataset that was written.
func made(name string, columns []landing.Column, rows, bytes int64, version string, lineage *openlineage.Columns) openlineage.Dataset {
	schema := &openlineage.Schema{}
	for _, c := range columns {
		schema.Fields = append(schema.Fields, openlineage.Field{Name: c.Name, Type: c.Type})
	}
	return openlineage.Dataset{Name: name, Facets: &openlineage.DatasetFacets{Schema: schema, Columns: lineage, Version: &openlineage.Version{Version: version}},
		Output: &openlineage.OutputFacets{Statistics: &openlineage.Statistics{Rows: rows, Bytes: bytes}}}
}
