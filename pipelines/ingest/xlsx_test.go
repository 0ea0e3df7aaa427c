package ingest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rongxin/pipelines/ingest"
)

const sheetYAML = `dataset: test/sheet
version: 1
effective_from: 2026-01-01
title: 测试
department: 测试
catalogue: {class: 行政管理信息, item: CS, edition: 2024}
basis: 测试
range: public
source: {format: xlsx, sheet: 名单, header_row: 2, delivery: delta}
ignore: [序号]
key: [文书号]
fields:
  - {name: 代码, as: subject_id, type: uscc}
  - {name: 文书号, as: document_no, type: text, required: true}
  - {name: 日期, as: listed_on, type: date}
  - {name: 得分, as: score, type: "decimal(5,2)"}
  - {name: 金额, as: amount, type: money, unit: 元}
`

// workbook writes rows to the sheet 名单 of a new workbook and returns its bytes.
func workbook(t testing.TB, rows ...[]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if _, err := f.NewSheet("名单"); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if row == nil {
			continue
		}
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow("名单", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "x.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestXLSX(t *testing.T) {
	header := []any{"序号", "代码", "文书号", "日期", "得分", "金额", nil}
	content := workbook(t,
		[]any{"一个合并的标题"}, header,
		[]any{1, codeA, "榕1号", "2026-03-01", 95.5, 0.1 + 0.2},
		[]any{2, codeB, "榕2号", time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), "88.25", 1234567},
		nil,
		[]any{3, nil, "榕3号", 46083},
		[]any{4, 913501230000000000, "榕4号"},
		[]any{5, "9.13501E+17", "榕5号"},
		[]any{6, codeA, "榕6号", "2026-02-30"},
		[]any{7, codeA, "榕7号", nil, nil, nil, nil, "多"},
		[]any{8, codeA, 20260308, 20260308},
	)
	l, err := landWith(t, ingest.Config{GroupRows: 2}, mustContract(t, sheetYAML), content)
	if err != nil {
		t.Fatal(err)
	}
	var got []any
	for _, r := range l.records {
		got = append(got, []any{r["line"], r["subject_id"], r["document_no"], r["listed_on"], r["score"], r["amount"]})
	}
	want := []any{
		[]any{3, codeA, "榕1号", 20513, 9550, 30},
		[]any{4, codeB, "榕2号", 20514, 8825, 123456700},
		[]any{6, nil, "榕3号", 20514 - 0, nil, nil},
		[]any{11, codeA, "20260308", 20520, nil, nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, rejects := shown(l)
	if diff := cmp.Diff([]string{"7:SCIENTIFIC_CODE", "8:SCIENTIFIC_CODE", "9:DATE_IMPOSSIBLE", "10:RAGGED_ROW"}, rejects); diff != "" {
		t.Error(diff)
	}
}

func TestXLSXRefused(t *testing.T) {
	tests := []struct {
		name, old, new string
		rows           [][]any
		want           string
	}{
		{"sheet", "sheet: 名单", "sheet: 名册", nil, "there is no sheet 名册; the workbook has Sheet1, 名单"},
		{"header", "得分", "分数", [][]any{nil, {"代码", "文书号", "日期", "得分", "金额"}}, "sheet 名单, row 2: missing column 分数; the column 得分 is not in the contract"},
		{"no header", "header_row: 2", "header_row: 9", nil, "sheet 名单, row 9: the sheet ends before its header in row 9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := land(t, mustContract(t, strings.Replace(sheetYAML, tt.old, tt.new, 1)), workbook(t, tt.rows...))
			var refusal *ingest.Refusal
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want %q, got %v", tt.want, err)
			}
		})
	}
}
