package transforms

import (
	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
)

// repairs is every valid code that one slip may have turned into a code that
// was sent for a subject and fails a check. It is computed in Go, where codes
// are checked, from the few distinct codes of which that is true.
func repairs() model.Model {
	return model.Model{
		Name: "intermediate.code_repairs", File: "transforms/repairs.go", Stage: model.Transform,
		Description: "The valid codes that are one slip away from a code that fails a check, likeliest first.",
		Grain:       []string{"sent_code", "repair_rank"},
		Inputs:      []string{"landing.records", "landing.rejects"},
		SQL: `select subject_id
from landing.records
where position('CODE_SUSPECT' in flags) > 0 and subject_id is not null
union
select subject_id
from landing.rejects
where reason = 'CODE_INVALID' and subject_id is not null`,
		Step: &model.Step{
			Version: 1,
			Columns: []landing.Column{{Name: "sent_code", Type: "VARCHAR"}, {Name: "repair_rank", Type: "BIGINT"},
				{Name: "repaired_code", Type: "VARCHAR"}},
			Rows: func(codes []string) (rows [][]any) {
				for _, code := range codes {
					for i, repaired := range credit.Repairs(code) {
						rows = append(rows, []any{code, int64(i + 1), repaired})
					}
				}
				return rows
			},
		},
	}
}
