package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"rongxin/evaluators"
	"rongxin/evaluators/reference"
	"rongxin/internal/credit"
	"rongxin/transforms"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
)

// A world is an engine on which the models of a rule set judge enterprises, from
// the records that were sent to the class of each.
type world struct {
	db     *engine.DB
	dir    string
	models []model.Model    // in their order
	prints map[string]print // of models and parts of them, by their SQL
}

// modelsOf are the models that the reference knows, in their order.
func modelsOf(set *evaluators.RuleSet) ([]model.Model, error) {
	facts, err := transforms.Models()
	if err != nil {
		return nil, err
	}
	judgements, err := set.Models()
	if err != nil {
		return nil, err
	}
	var known []model.Model
	for _, m := range append(facts, judgements...) {
		if _, ok := reference.Columns[m.Name]; ok {
			known = append(known, m)
		}
	}
	if len(known) != len(reference.Columns) {
		return nil, fmt.Errorf("the reference knows %d tables, %d of them have a model", len(reference.Columns), len(known))
	}
	return model.Order(known, func(table string) bool { _, ok := reference.Columns[table]; return !ok })
}

// newWorld opens an engine for the models that the reference knows.
func newWorld(ctx context.Context, set *evaluators.RuleSet) (w *world, err error) {
	w = &world{prints: map[string]print{}}
	if w.models, err = modelsOf(set); err != nil {
		return nil, err
	}
	if w.dir, err = os.MkdirTemp("", "rongxin-proof-*"); err != nil {
		return nil, err
	}
	if w.db, err = engine.Open(ctx, engine.Config{Threads: 1, TempDir: w.dir}); err != nil {
		return nil, err
	}
	for _, s := range set.Seeds() {
		if err := w.db.Load(ctx, s.Name, s.Columns, s.Rows); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *world) close() {
	w.db.Close()
	os.RemoveAll(w.dir)
}

// table is rows to be loaded, with columns such as "record_id, closed_on DATE";
// a column without a type is text.
type table struct {
	columns string
	rows    [][]any
}

func (t table) load(ctx context.Context, db *engine.DB, name string) error {
	var columns []landing.Column
	for _, each := range strings.Split(t.columns, ",") {
		column, kind, ok := strings.Cut(strings.TrimSpace(each), " ")
		if !ok {
			kind = "VARCHAR"
		}
		columns = append(columns, landing.Column{Name: column, Type: kind})
	}
	return db.Load(ctx, name, columns, t.rows)
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func date(d credit.Date) any {
	if d == 0 {
		return nil
	}
	return d.Time()
}

func number(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

const recordColumns = "record_id, dataset, category, record_group, subject_id, subject_name, document_no, authority_name, event_on DATE, stated_until DATE, ended_on DATE, " +
	"kind, field, detail, fine_amount BIGINT, batch_id, line BIGINT, flags, known_on DATE, sent_subject_id, correction_no"

func parameters(day credit.Date) *table {
	return &table{columns: "as_of DATE, run_id, rule_set, previous_run_id", rows: [][]any{{day.Time(), "run", "rules", ""}}}
}

// tables are the enterprises as the models find them.
func tables(day credit.Date, editions []reference.Edition, groups map[string]string, list []reference.Enterprise) map[string]*table {
	all := map[string]*table{
		model.Parameters:         parameters(day),
		"ref.catalogue_editions": {columns: "dataset, item, edition BIGINT, effective_from DATE, effective_to DATE, is_listed BOOLEAN"},
		"intermediate.subjects": {columns: "subject_id, subject_id_status, subject_name, registration_no, entity_type, established_on DATE, industry_code, division_code, " +
			"registration_status, names_seen BIGINT, dataset, record_id"},
		"intermediate.records":             {columns: recordColumns},
		"staging.credit__cases":            {columns: "case_no, case_kind, case_status, outcome, subject_id, document_no, applied_on DATE, closed_on DATE"},
		"staging.credit__revocations":      {columns: "case_no, change_kind, subject_id, document_no, decided_on DATE"},
		"staging.credit__force_majeure":    {columns: "case_no, subject_id, document_no, evidence_document, recognised_on DATE"},
		"staging.samr__permits":            {columns: "record_id, subject_id, certificate_name, permit_status, decided_on DATE, valid_from DATE, valid_to DATE, document_no"},
		"staging.ndrc__public_results":     {columns: "record_id, subject_id, subject_name, result_batch, grade, score DECIMAL, period, model_version, evaluated_on DATE, known_on DATE"},
		"staging.credit__manual_overrides": {columns: "record_id, subject_id, document_no, approver, supervision_class BIGINT, approved_on DATE, expires_on DATE"},
		"intermediate.industry_results": {columns: "scheme, dataset, category, part, record_id, subject_id, subject_name, grade, score DECIMAL, evaluated_year BIGINT, " +
			"evaluated_on DATE, valid_to DATE, authority_name, batch_id, line BIGINT, known_on DATE, sent_subject_id, correction_no"},
	}
	add := func(name string, values ...any) { all[name].rows = append(all[name].rows, values) }
	for _, e := range editions {
		add("ref.catalogue_editions", e.Dataset, "", int64(2024), date(e.From), date(e.To), e.Listed)
	}
	for _, e := range list {
		if e.Registered {
			add("intermediate.subjects", e.ID, "valid", "企业", nil, nil, nil, nil, "350102", e.Status, int64(1), "samr/registrations", e.Register)
		}
		for _, r := range e.Records {
			group := groups[r.Category]
			if group == "" {
				group = r.Category
			}
			add("intermediate.records", r.ID, r.Dataset, r.Category, group, e.ID, "企业", null(r.Document), null(r.Authority), date(r.Event), date(r.Stated), date(r.Ended),
				null(r.Kind), null(r.Field), "", number(r.Fine), "b", int64(1), "", date(r.Known), e.ID, nil)
		}
		for _, c := range e.Cases {
			add("staging.credit__cases", c.No, c.Kind, c.Status, null(c.Outcome), e.ID, null(c.Document), date(c.Applied), date(c.Closed))
		}
		for _, c := range e.Changes {
			add("staging.credit__revocations", c.No, c.Kind, e.ID, null(c.Document), date(c.Decided))
		}
		for _, m := range e.Majeure {
			evidence := any(m.Evidence)
			if !m.HasEvidence {
				evidence = nil
			}
			add("staging.credit__force_majeure", m.No, e.ID, null(m.Document), evidence, date(m.Recognised))
		}
		for _, p := range e.Permits {
			add("staging.samr__permits", p.ID, e.ID, null(p.Certificate), p.Status, date(p.Decided), date(p.From), date(p.To), "")
		}
		for _, n := range e.National {
			add("staging.ndrc__public_results", n.ID, e.ID, "企业", n.Batch, n.Grade, nil, "", "", date(n.Evaluated), date(n.Evaluated))
		}
		for _, m := range e.Manual {
			add("staging.credit__manual_overrides", m.ID, e.ID, null(m.Document), null(m.Approver), m.Class, date(m.Approved), date(m.Expires))
		}
		for _, r := range e.Results {
			add("intermediate.industry_results", r.Scheme, "", "", r.Part, r.ID, e.ID, "企业", r.Grade, nil, r.Year, date(r.Evaluated), date(r.ValidTo), nil, "b", int64(1), date(r.Evaluated), e.ID, nil)
		}
	}
	return all
}

// others are the tables that only a scorecard knows.
func (g *generator) otherTables(list []reference.Enterprise) map[string]*table {
	all := map[string]*table{}
	for _, population := range g.members {
		all[population] = &table{columns: "subject_id"}
	}
	columnsOf := map[string][3][]string{}
	for name, t := range g.others {
		all[name] = &table{columns: "subject_id, record_id"}
		columns := [3][]string{slices.Sorted(maps.Keys(t.days)), slices.Sorted(maps.Keys(t.texts)), slices.Sorted(maps.Keys(t.numbers))}
		for i, kind := range []string{" DATE", "", " BIGINT"} {
			for _, column := range columns[i] {
				all[name].columns += ", " + column + kind
			}
		}
		columnsOf[name] = columns
	}
	for _, e := range list {
		if !e.Registered {
			continue
		}
		for population, member := range e.Member {
			if member {
				all[population].rows = append(all[population].rows, []any{e.ID})
			}
		}
		for name, facts := range e.Other {
			columns := columnsOf[name]
			for _, f := range facts {
				row := []any{e.ID, f.ID}
				for _, column := range columns[0] {
					row = append(row, date(f.Days[column]))
				}
				for _, column := range columns[1] {
					row = append(row, null(f.Texts[column]))
				}
				for _, column := range columns[2] {
					row = append(row, number(f.Numbers[column]))
				}
				all[name].rows = append(all[name].rows, row)
			}
		}
	}
	return all
}

// load gives the models their inputs.
func (w *world) load(ctx context.Context, g *generator, list []reference.Enterprise) error {
	groups := map[string]string{}
	for _, l := range g.lists {
		groups[l[0]] = "严重失信主体名单"
	}
	all := tables(g.day, g.editions, groups, list)
	maps.Copy(all, g.otherTables(list))
	for name, t := range all {
		if err := t.load(ctx, w.db, name); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) make(ctx context.Context, name, query string) error {
	schema, _, _ := strings.Cut(name, ".")
	if err := w.db.Exec(ctx, fmt.Sprintf("create schema if not exists %s; create or replace table %s as %s", schema, name, query)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
