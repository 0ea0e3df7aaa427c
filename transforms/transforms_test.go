package transforms_test

import (
	"testing"

	"rongxin/transforms"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/modeltest"
)

func TestModels(t *testing.T) {
	models, err := transforms.Models()
	if err != nil {
		t.Fatal(err)
	}
	columns := []landing.Column{{Name: "record_id", Type: "VARCHAR"}, {Name: "batch_id", Type: "VARCHAR"},
		{Name: "line", Type: "BIGINT"}}
	staging := transforms.Staging([]landing.Dataset{
		{Name: "credit/honours", Title: "荣誉", Delivery: landing.Delta,
			Columns: append(columns, landing.Column{Name: "honour_name", Type: "VARCHAR"})},
		{Name: "court/fines", Title: "罚款", Delivery: landing.Delta,
			Columns: append(columns, landing.Column{Name: "match_id", Type: "VARCHAR"}, landing.Column{Name: "is_withdrawal", Type: "BOOLEAN"},
				landing.Column{Name: "subject_id", Type: "VARCHAR"})},
		{Name: "tax/listed", Title: "名单", Delivery: landing.Snapshot,
			Columns: append(columns, landing.Column{Name: "subject_name", Type: "VARCHAR"})},
		{Name: "credit/rewards", Title: "奖励", Delivery: landing.Delta, Columns: []landing.Column{{Name: "record_id", Type: "VARCHAR"},
			{Name: "match_id", Type: "VARCHAR"}, {Name: "batch_id", Type: "VARCHAR"}, {Name: "line", Type: "BIGINT"},
			{Name: "subject_id", Type: "VARCHAR"}, {Name: "subject_id_status", Type: "VARCHAR"}, {Name: "subject_name", Type: "VARCHAR"}}},
	})
	modeltest.Run(t, "testdata", append(models, staging...))
}
