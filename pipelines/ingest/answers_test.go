package ingest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/contract"
)

const answered = `dataset: test/answered
version: 1
effective_from: 2026-01-01
title: 测试
department: 测试
catalogue: {class: 行政管理信息, item: CS, edition: 2024}
basis: 测试
range: public
source: {format: csv, delivery: delta}
key: [编号]
fields:
  - {name: 编号, as: no, type: text, required: true}
  - {name: 名称, as: title, type: text, required: true}
  - {name: 结果, as: results, type: code, required: true, several: true, answer: true, codes: {"1": none, "3": food, A: later}}
  - {name: 日期, as: found_on, type: date, required: true}
  - {name: 行校验码, as: row_check, type: text, required: true, hash_of: [编号, 名称]}
`

// What was given out comes back with one code or several; a row that is not
// filled in waits, and one whose guarded columns changed is refused.
func TestAnswers(t *testing.T) {
	guarded := func(no, title string) string { return contract.RowCheck(no, title) }
	head := "编号,名称,结果,日期,行校验码\n"
	for name, test := range map[string]struct {
		row, results, reason string
	}{
		"one code":                  {"1,甲,3,2026-06-01," + guarded("1", "甲"), "food", ""},
		"several in any order":      {"1,甲,A、 1；3，3/1,2026-06-01," + guarded("1", "甲"), "none;food;later", ""},
		"one of several is unknown": {"1,甲,3、Z,2026-06-01," + guarded("1", "甲"), "", "UNKNOWN_CATEGORY"},
		"signs that part nothing":   {"1,甲,、,2026-06-01," + guarded("1", "甲"), "", "UNKNOWN_CATEGORY"},
		"not filled in":             {"1,甲,,," + guarded("1", "甲"), "", "NOT_ANSWERED"},
		"a day is missing":          {"1,甲,3,," + guarded("1", "甲"), "", "REQUIRED_MISSING"},
		"another name":              {"1,乙,3,2026-06-01," + guarded("1", "甲"), "", "ROW_ALTERED"},
		"not filled in and altered": {"1,乙,,," + guarded("1", "甲"), "", "NOT_ANSWERED"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := land(t, mustContract(t, answered), head+test.row+"\n")
			if err != nil {
				t.Fatal(err)
			}
			want := []any{test.results}
			if test.reason != "" {
				want = []any{test.reason}
				got.records = got.rejects
			}
			name := map[bool]string{false: "results", true: "reason"}[test.reason != ""]
			if diff := cmp.Diff(want, column(got.records, name)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
