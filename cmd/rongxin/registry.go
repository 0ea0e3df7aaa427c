package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/run"
)

// The datasets that corrections are made of: what was proposed and what was
// decided.
const (
	feedbackDataset    = "credit/code_feedback"
	correctionsDataset = "credit/code_corrections"
)

// registry shows tables of the corrections as they stand on a day, whether a
// run has seen them or not.
func (a *app) registry(ctx context.Context, day credit.Date, tables ...string) (*engine.DB, error) {
	batches, err := landing.List(a.cfg.Home)
	if err != nil {
		return nil, err
	}
	batches = slices.DeleteFunc(run.Known(batches, day), func(b landing.Batch) bool {
		return b.Dataset != feedbackDataset && b.Dataset != correctionsDataset
	})
	plan, err := a.planOf(a.cfg.Rules, day, batches, nil)
	if err != nil {
		return nil, err
	}
	return run.Preview(ctx, a.build(), plan, tables...)
}

// codeCorrections are the corrections in force on a day.
type codeCorrections []codeCorrection

type codeCorrection struct {
	ingest.Correction
	appliesTo string // dataset; empty: all
}

// corrections reads them; a catalogue without the dataset has none.
func (a *app) corrections(ctx context.Context, day credit.Date) (codeCorrections, error) {
	catalog, err := a.catalog()
	if err != nil {
		return nil, err
	}
	if _, err := catalog.Find(correctionsDataset); errors.Is(err, contract.ErrUnknownDataset) {
		return nil, nil
	}
	db, err := a.registry(ctx, day, "intermediate.corrections")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	list, err := readCorrections(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("corrections in force on %s: %w", day, err)
	}
	return list, nil
}

func readCorrections(ctx context.Context, db *engine.DB) (codeCorrections, error) {
	rows, err := db.Query(ctx, `select correction_no, operation, coalesce(applies_to, ''), wrong_code, coalesce(name_key, ''),
		coalesce(right_code, ''), approval_rank from intermediate.corrections order by approval_rank`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list codeCorrections
	for rows.Next() {
		var c codeCorrection
		if err := rows.Scan(&c.CorrectionNo, &c.Operation, &c.appliesTo, &c.WrongCode, &c.NameKey, &c.RightCode, &c.Rank); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// of are those that hold for a dataset.
func (c codeCorrections) of(dataset string) (list []ingest.Correction) {
	for _, each := range c {
		if each.appliesTo == "" || each.appliesTo == dataset {
			list = append(list, each.Correction)
		}
	}
	return list
}
