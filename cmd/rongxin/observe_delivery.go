package main

import (
	"context"
	"slices"

	"rongxin/internal/credit"
	"rongxin/internal/openlineage"
	"rongxin/internal/spans"
	"rongxin/pipelines/payload"
	"rongxin/pipelines/publish"
)

// watchDelivery does a verb's work with one receiver within a span and tells the
// lineage from our tables to those that the receiver holds.
func (a *app) watchDelivery(ctx context.Context, verb string, to receiver, work func(context.Context) error) error {
	ctx, span := spans.Start(ctx, verb+" receiver")
	span.Text("receiver", to.Name)
	job := a.job.Start(jobOf(verb+"."+to.Name, "TRANSFER"))
	err := work(ctx)
	endPart(span, job, err, func() { job.Complete(a.delivered(verb, to)) })
	return err
}

// delivered are the tables of a run that a receiver is sent or compared with, and
// those that it holds.
func (a *app) delivered(verb string, to receiver) (ours, theirs []openlineage.Dataset) {
	day, err := credit.ParseDate(a.known.AsOf)
	if err != nil {
		return nil, nil
	}
	mappings, err := a.mappingsOf(to, day)
	a.warn("no lineage of what is sent", err)
	var relations []string
	for _, m := range mappings {
		relations = append(relations, m.Source.Relation)
		held := openlineage.Dataset{Name: "receivers." + to.Name + "." + m.Table, Facets: &openlineage.DatasetFacets{Columns: sentFields(m)}}
		theirs = append(theirs, held)
	}
	slices.Sort(relations)
	ours = datasetsOf(slices.Compact(relations))
	if verb == "reconcile" { // which reads both and makes neither
		for i := range theirs {
			theirs[i].Facets = nil
		}
		return append(ours, theirs...), nil
	}
	return ours, theirs
}

// sentFields says which of our columns each field of a receiver is made of.
func sentFields(m *payload.Mapping) *openlineage.Columns {
	columns := &openlineage.Columns{Fields: map[string]openlineage.Made{}}
	for _, f := range m.Fields {
		var made openlineage.Made
		for _, name := range f.From {
			made.Inputs = append(made.Inputs, openlineage.InputField{Name: m.Source.Relation, Field: name,
				Transformations: []openlineage.Transformation{{Type: "DIRECT", Subtype: "TRANSFORMATION", Masking: f.Mask != nil}}})
		}
		if len(made.Inputs) > 0 {
			columns.Fields[f.Name] = made
		}
	}
	return columns
}

// watched is a transport of which each handing-over is a span, with counts.
type watched struct{ transport }

func (w watched) Send(ctx context.Context, batch publish.Message) publish.Answer {
	ctx, span := spans.Start(ctx, "hand over batch")
	answer := w.transport.Send(ctx, batch)
	span.Text("receiver", batch.Receiver)
	span.Text("table", batch.Table)
	span.Count("records", int64(len(batch.Rows)))
	span.Count("lane", int64(batch.Lane))
	span.Text("outcome", string(answer.Outcome))
	failed := ""
	if answer.Err != nil {
		failed = string(answer.Outcome)
	}
	span.End(failed)
	return answer
}
