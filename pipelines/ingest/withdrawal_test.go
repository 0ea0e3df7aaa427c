package ingest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A row that withdraws its record needs the key alone: whatever else it holds
// is neither judged nor kept. It is a version of the same record.
func TestWithdrawal(t *testing.T) {
	const header = "文书号,金额,决定日期,状态"
	for name, test := range map[string]struct {
		yaml, content string
		marks         []any
	}{
		"an extra column": {withdrawalContract("操作", ""), header + `,操作
1,5,2026-06-01,有效,A
1,,,,D
2,x,2026-02-30,?, 撤销
3,5,2026-06-01,有效,
,,,,D
`, []any{"A", nil, nil, nil}},
		"a field of the contract": {withdrawalContract("状态", ""), header + `
1,5,2026-06-01,有效
1,,,D
2,x,2026-02-30,撤销
3,5,2026-06-01,有效
,,,D
`, nil},
		"a code of the contract": {withdrawalContract("状态", ", D"), header + `
1,5,2026-06-01,有效
1,,,D
2,x,2026-02-30,撤销
3,5,2026-06-01,有效
,,,D
`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			landed, err := land(t, mustContract(t, test.yaml), test.content)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]any{false, true, true, false}, column(landed.records, "is_withdrawal")); diff != "" {
				t.Fatal(diff)
			}
			ids := column(landed.records, "record_id")
			if ids[0] != ids[1] || ids[1] == ids[2] {
				t.Errorf("records %v", ids)
			}
			for _, r := range landed.records[1:3] {
				got := []any{r["amount"], r["decided_on"], r["state"], r["clock_days"], r["flags"]}
				if diff := cmp.Diff([]any{nil, nil, nil, nil, ""}, got); diff != "" {
					t.Error(diff)
				}
			}
			if test.marks != nil {
				if diff := cmp.Diff(test.marks, column(landed.records, "withdrawal_mark")); diff != "" {
					t.Error(diff)
				}
			}
			if diff := cmp.Diff([]any{"文书号"}, column(landed.rejects, "field")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A file without the column that tells withdrawals is refused, so that a
// department cannot leave it out unseen.
func TestWithdrawalColumnMissing(t *testing.T) {
	_, err := land(t, mustContract(t, withdrawalContract("操作", "")), "文书号,金额,决定日期,状态\n1,5,2026-06-01,有效\n")
	if err == nil || !strings.Contains(err.Error(), "missing column 操作") {
		t.Error(err)
	}
}

func withdrawalContract(field, codes string) string {
	return strings.NewReplacer("FIELD", field, "CODES", codes).Replace(`dataset: test/decisions
version: 1
effective_from: 2026-01-01
title: 测试
department: 测试
catalogue: {class: 行政管理信息, item: XZCF, edition: 2024}
basis: 测试
range: public
source: {format: csv, delivery: delta, withdrawal: {field: FIELD, values: [D, 撤销]}}
key: [文书号]
clock: {from: 决定日期, within: 7 working days}
fields:
  - {name: 文书号, as: document_no, type: text, required: true}
  - {name: 金额, as: amount, type: money, unit: 元, required: true}
  - {name: 决定日期, as: decided_on, type: date, required: true}
  - {name: 状态, as: state, type: code, codes: [有效CODES], required: true}
`)
}
