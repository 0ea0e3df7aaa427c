package explain

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// A run that lacks a table is named, not met with a panic.
func TestJudgeOfAnIncompleteRun(t *testing.T) {
	models := []model.Model{{Name: "scores.counted", Inputs: []string{"marts.fines"}, SQL: "select 1 as one"}}
	_, err := NewJudge(t.Context(), engine.Config{TempDir: t.TempDir()}, run.Manifest{}, models, nil)
	if err == nil || !strings.Contains(err.Error(), "prepare what-if: the run has no table scores.counted") {
		t.Errorf("got %v", err)
	}
}

// Only a SELECT that joins its inputs to each other may be left out where one of
// them is empty; a model that is no plain union is never taken apart.
func TestPartsOfAModel(t *testing.T) {
	inputs := []string{"marts.fines", "marts.shops", "run.parameters"}
	inner := "select a\nfrom marts.fines as facts\ninner join marts.shops as population\n    on true\ncross join run.parameters as parameters"
	base := "select b\nfrom marts.shops"
	left := "select c\nfrom marts.shops as shops\nleft join marts.fines as facts\n    on true"
	for name, tt := range map[string]struct {
		query string
		needs [][]string
	}{
		"a union":            {inner + "\nunion all\n" + base + "\nunion all\n" + left, [][]string{{"marts.fines", "marts.shops"}, {"marts.shops"}, nil}},
		"one SELECT":         {inner, [][]string{{"marts.fines", "marts.shops"}}},
		"with a step before": {"with\n\nx as (\n" + base + "\n)\n\n" + inner + "\nunion all\n" + base, [][]string{nil}},
		"a union within":     {"select d from (\n    " + base + "\n    union all\n    select 1 from marts.fines as f\n) as both", [][]string{nil}},
	} {
		var got [][]string
		whole := ""
		for i, part := range selects(tt.query) {
			got = append(got, needs(part, inputs))
			if i > 0 {
				whole += "\nunion all\n"
			}
			whole += part
		}
		if diff := cmp.Diff(tt.needs, got); diff != "" || whole != tt.query {
			t.Errorf("%s: %s\n%s", name, diff, whole)
		}
	}
}
