package dictionary_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/dictionary"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/lineage"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// Ways are told from both ends, and what a column is called goes along with it as
// long as it is the same column.
func TestWaysBothEnds(t *testing.T) {
	plan := run.Plan{
		Datasets: []landing.Dataset{{Name: "samr/penalties", Columns: []landing.Column{{Name: "penalty_no", Type: "VARCHAR"}}}},
		Models:   []model.Model{{Name: "staging.samr__penalties", Description: "As it stands.", Grain: []string{"penalty_no"}, Inputs: []string{"landing.samr__penalties"}}, {Name: "marts.penalties"}},
	}
	sent := []dictionary.Table{{Name: "landing.samr__penalties", Title: "行政处罚", Columns: []dictionary.Column{{Name: "penalty_no", Label: "CF_WSH 文书号", Range: "社会公开", Masks: "留前1后1位"}}}}
	text := []landing.Column{{Name: "penalty_no", Type: "VARCHAR"}}
	ways := lineage.Lineage{
		"staging.samr__penalties": {Columns: []lineage.Column{{Name: "penalty_no", From: []lineage.Source{{Table: "landing.samr__penalties", Column: "penalty_no", Use: lineage.Identity}}}}},
		"marts.penalties": {Columns: []lineage.Column{{Name: "penalties", From: []lineage.Source{{Table: "staging.samr__penalties", Column: "penalty_no", Use: lineage.Aggregation}}},
			{Name: "fine_amount"}}},
	}
	book := dictionary.Make(plan, sent, map[string][]landing.Column{"staging.samr__penalties": text, "marts.penalties": {{Name: "penalties", Type: "BIGINT"}, {Name: "fine_amount", Type: "BIGINT"}}}, ways)
	tables := map[string]dictionary.Table{}
	for _, table := range book.Tables {
		tables[table.Name] = table
	}
	staged := tables["staging.samr__penalties"]
	want := dictionary.Column{Name: "penalty_no", Type: "VARCHAR", Label: "CF_WSH 文书号", Range: "社会公开", Masks: "留前1后1位",
		From: ways["staging.samr__penalties"].Columns[0].From, To: []lineage.Source{{Table: "marts.penalties", Column: "penalties", Use: lineage.Aggregation}}}
	if diff := cmp.Diff([]dictionary.Column{want}, staged.Columns); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"marts.penalties"}, staged.Readers); diff != "" {
		t.Error(diff)
	}
	if c := tables["marts.penalties"].Columns[1]; c.Unit != "分 fen" || c.Label != "罚款金额" {
		t.Errorf("the amount is %+v", c)
	}
	if _, ok := tables["rejects.samr__penalties"]; ok {
		t.Error("refused rows that nobody reads are shown")
	}
}
