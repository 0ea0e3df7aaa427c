package run_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/lineage"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// Whoever watches is told of each table that is made, how it ended, and nothing
// of one that stands already.
func TestWatch(t *testing.T) {
	h := newHouse(t)
	first, second := sql("marts.a", "select 1 as n", "n"), sql("marts.b", "select n + 1 as n from marts.a", "n")
	second.Inputs = []string{"marts.a"}
	second.Checks = []model.Check{{Severity: "fail", NoRows: "select 1 as bad from marts.b where n > 1"}}
	plan := h.plan(day, first, second)
	var told []string
	cfg := h.config()
	cfg.Watch = func(_ context.Context, m model.Model) func(run.TableEntry, error) {
		return func(entry run.TableEntry, err error) {
			if m.File != "" {
				told = append(told, fmt.Sprint(m.Name, " ", entry.Rows, " ", errors.Is(err, run.ErrCheck)))
			}
		}
	}
	for range 2 {
		if _, err := run.Build(ctx, cfg, plan, model.List); !errors.Is(err, run.ErrCheck) {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"marts.a 1 false", "marts.b 1 true", "marts.b 1 true"}, told); diff != "" {
		t.Error(diff)
	}
}

// Lineage goes through what a run puts together of all datasets.
func TestLineage(t *testing.T) {
	h := newHouse(t)
	m := sql("marts.a", "select r.subject_id, f.amount, x.reason from landing.records as r cross join landing.court__fines as f cross join landing.rejects as x", "subject_id")
	m.Inputs = []string{"landing.records", "landing.court__fines", "landing.rejects"}
	all, err := h.plan(day, m).Lineage(ctx, h.engine())
	h.must(err)
	want := map[string][]lineage.Source{
		"subject_id": {{Table: "landing.court__fines", Column: "subject_id", Use: lineage.Identity}, {Table: "landing.samr__firms", Column: "subject_id", Use: lineage.Identity}},
		"amount":     {{Table: "landing.court__fines", Column: "amount", Use: lineage.Identity}},
		"reason":     {{Table: "rejects.court__fines", Column: "reason", Use: lineage.Identity}, {Table: "rejects.samr__firms", Column: "reason", Use: lineage.Identity}},
	}
	for column, sources := range want {
		if diff := cmp.Diff(sources, all.Origins("marts.a", column)); diff != "" {
			t.Errorf("%s: %s", column, diff)
		}
	}
	m.SQL = "select gone from landing.records"
	if _, err := h.plan(day, m).Lineage(ctx, h.engine()); err == nil {
		t.Error("a column that is not there was followed")
	}
}
