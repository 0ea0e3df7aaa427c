package run_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
)

// The columns of a plan's tables are told before anything has landed; a model
// that does not bind is named.
func TestColumns(t *testing.T) {
	h := newHouse(t)
	first := model.Model{Name: "marts.first", File: "first.sql", Grain: []string{"subject_id"}, Inputs: []string{"landing.court__fines"},
		SQL: "select record_id as subject_id, amount * 2 as twice, as_of from landing.court__fines cross join run.parameters"}
	first.Inputs = append(first.Inputs, "run.parameters")
	second := model.Model{Name: "marts.second", File: "second.sql", Grain: []string{"subject_id"}, Inputs: []string{"marts.first"},
		SQL: "select subject_id, as_of from marts.first"}
	tables, err := h.plan(credit.NewDate(2026, 6, 30), second, first).Columns(ctx, h.engine())
	if err != nil {
		t.Fatal(err)
	}
	want := []landing.Column{{Name: "subject_id", Type: "VARCHAR"}, {Name: "as_of", Type: "DATE"}}
	if diff := cmp.Diff(want, tables["marts.second"]); diff != "" {
		t.Error(diff)
	}
	second.SQL = "select subject_id, gone from marts.first"
	if _, err := h.plan(credit.NewDate(2026, 6, 30), second, first).Columns(ctx, h.engine()); err == nil || !strings.HasPrefix(err.Error(), "second.sql: ") {
		t.Errorf("got %v, want the model named", err)
	}
}
