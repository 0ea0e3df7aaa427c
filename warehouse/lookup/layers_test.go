package lookup_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/lookup"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// Of a table made in buckets, of which a later run wrote only the subjects that changed, the answers are
// those of the engine too: rows that stayed, came, went and changed, asked for by
// subject and otherwise.
func TestLayersAnswerAsOneTable(t *testing.T) {
	home := t.TempDir()
	build := func(day int, facts string, before *run.Run) *run.Run {
		local := model.Model{Name: "marts.points", File: "points.sql", Grain: []string{"subject_id", "record_id"}, Stage: model.Evaluate,
			Inputs: []string{"marts.facts"}, SQL: "select * from marts.facts where subject_id is not null", Local: model.Local{Is: true}}
		plan := run.Plan{AsOf: credit.NewDate(2026, 6, day), RuleSet: "none", Previous: before, Models: []model.Model{local,
			{Name: "marts.facts", File: "facts.sql", Grain: []string{"record_id"}, SQL: facts},
			{Name: "intermediate.subjects", File: "subjects.sql", Grain: []string{"subject_id"}, SQL: fmt.Sprintf("select lpad(cast(i as varchar), 18, '0') as subject_id from range(%d) as n (i)", subjects)}}}
		cfg := run.Config{Home: home, Bucket: 7_000, Engine: engine.Config{Threads: 1, TempDir: t.TempDir()}, Log: slog.New(slog.DiscardHandler)}
		r, err := run.Build(ctx, cfg, plan, model.List)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	all := fmt.Sprintf(points, subjects)
	first := build(1, all, nil)
	// Of the subjects that end in 77 the first row is gone, and other rows are marked; one is lost, one new.
	changed := `select * replace (case when subject_id like '%77' then not is_marked else is_marked end as is_marked) from (` + all + `)
		where not (subject_id like '%77' and scorecard = 'card0') and coalesce(subject_id, '') <> '` + subject(15) + `'`
	second := build(2, changed, first)
	third := build(3, changed+" union all select '"+subject(999_999)+"', 'card0', 1, null, true, cast(0 as decimal(9, 2)), 'new'", second)
	entry, _ := third.Manifest.Table("marts.points")
	if entry.Layers == nil || entry.Layers.Run != first.ID || *entry.Made.Touched != 1 {
		t.Fatalf("not in layers over the first run: %+v", entry.Made)
	}
	db, err := engine.Open(ctx, engine.Config{Threads: 1, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := third.Attach(ctx, db); err != nil {
		t.Fatal(err)
	}
	look := lookup.New(third)
	defer look.Close()
	var whole string
	if err := db.QueryRow(ctx, "select min(record_id) from marts.points where subject_id = '"+subject(16)+"'").Scan(&whole); err != nil {
		t.Fatal(err)
	}
	for _, where := range []lookup.Equal{{Column: "subject_id", Value: subject(77)}, {Column: "subject_id", Value: subject(15)},
		{Column: "subject_id", Value: subject(16)}, {Column: "subject_id", Value: subject(999_999)}, {Column: "subject_id", Value: subject(29_977)},
		{Column: "record_id", Value: whole}, {Column: "record_id", Value: "new"}} {
		q := pointsOf("")
		q.Where = []lookup.Equal{where}
		rows, err := look.Rows(q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range rows {
			got = append(got, strings.Trim(fmt.Sprint([]any(row)), "[]"))
		}
		if diff := cmp.Diff(answers(t, db, where.Column+" = "+engine.Quote(where.Value)), got); diff != "" {
			t.Errorf("%v: %s", where, diff)
		}
	}
}
