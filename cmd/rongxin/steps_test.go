package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rongxin/evaluators/explain"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/lookup"
	"rongxin/warehouse/run"
)

// stepsHold takes what explain says would be without a record of many subjects,
// and judges the whole city once without all these records, by the same models on
// an ordinary engine: each subject comes where explain said.
func stepsHold(t *testing.T, r *run.Run) {
	ctx := context.Background()
	models, err := r.Models(explain.JudgeModels()...)
	if err != nil {
		t.Fatal(err)
	}
	look := lookup.New(r)
	defer look.Close()
	judge, err := explain.NewJudge(ctx, engine.Config{TempDir: t.TempDir()}, r.Manifest, models, look)
	if err != nil {
		t.Fatal(err)
	}
	defer judge.Close()
	x := explain.New(r.Manifest, look)
	x.WhatIf(judge)

	// Those who stand strictest first: their records do something.
	db := attach(t, r, "overlay.subject_classes", "marts.records_in_force")
	subjects := texts(t, db, `select c.subject_id from overlay.subject_classes as c inner join marts.records_in_force as r on r.subject_id = c.subject_id
		where c.supervision_class is not null group by c.subject_id, c.supervision_class order by c.supervision_class desc, count(*) desc, c.subject_id limit 150`)
	said, gone, paths := map[string]string{}, []string{"''"}, 0
	for _, subject := range subjects {
		e, err := x.Subject(ctx, subject)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []*explain.Path{e.Steps.Next, e.Steps.Unaided} {
			if path == nil {
				continue
			}
			paths++
			if path.Class >= *e.Outcome.SupervisionClass || len(path.Steps) == 0 {
				t.Errorf("%s in class %d: the path is %+v", subject, *e.Outcome.SupervisionClass, *path)
			}
		}
		if e.Steps.Unaided != nil { // what is named comes by itself to no worse a class
			verdicts, err := judge.Judge(ctx, subject, []explain.Case{{Gone: lapsed(e)}})
			if err != nil {
				t.Fatal(err)
			}
			if got := verdicts[0].Class; got == nil || *got > e.Steps.Unaided.Class {
				t.Errorf("%s: the steps of %+v do not come to its class", subject, *e.Steps.Unaided)
			}
		}
		if len(e.Steps.Records) > 0 {
			step := e.Steps.Records[len(said)%len(e.Steps.Records)]
			said[subject] = fmt.Sprint(*step.Class)
			gone = append(gone, engine.Quote(step.RecordID))
		}
	}
	if len(said) < 50 || paths < 50 {
		t.Fatalf("only %d subjects with records and %d paths of %d", len(said), paths, len(subjects))
	}

	made := explain.JudgeModels()
	again := attach(t, r)
	for _, m := range models {
		for _, in := range m.Inputs {
			entry, _ := r.Manifest.Table(in)
			if !slices.Contains(made, in) && slices.ContainsFunc(entry.Columns, func(c landing.Column) bool { return c.Name == "record_id" }) {
				query := "select * from read_parquet(" + engine.Quote(run.TablePath(r.Dir, in)) + ") where record_id is null or record_id not in (" + strings.Join(gone, ", ") + ")"
				if err := again.View(ctx, in, query); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, m := range models {
		if err := again.Exec(ctx, "drop view "+m.Name+"; create table "+m.Name+" as "+m.SQL); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range texts(t, again, "select subject_id || ' ' || cast(supervision_class as varchar) from overlay.subject_classes where supervision_class is not null") {
		subject, class, _ := strings.Cut(line, " ")
		if want, ok := said[subject]; ok && class != want {
			t.Errorf("%s: without the record the class is %s, explain says %s", subject, class, want)
		}
		delete(said, subject)
	}
	if len(said) > 0 {
		t.Errorf("without a record of theirs %d subjects have no class", len(said))
	}
	t.Logf("figure what_if_subjects=%d paths=%d", len(gone)-1, paths)
}

func texts(t *testing.T, db *engine.DB, query string) (list []string) {
	t.Helper()
	rows, err := db.Query(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		list = append(list, text)
	}
	return list
}

// lapsed are the records that the steps of waiting take away.
func lapsed(e *explain.Explanation) map[string]bool {
	gone := map[string]bool{}
	for _, step := range e.Steps.Unaided.Steps {
		record := step.RecordID
		if at := slices.IndexFunc(e.Schemes, func(s explain.Scheme) bool { return s.Scheme == step.Scheme }); at >= 0 {
			record = e.Schemes[at].RecordID
		} else if record == "" {
			record = e.Public.RecordID
		}
		gone[record] = true
	}
	return gone
}
