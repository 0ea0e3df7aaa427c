package ingest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

const everySheet = `dataset: test/sheets
version: 1
effective_from: 2026-01-01
title: 测试
department: 测试
catalogue: {class: 行政管理信息, item: CS, edition: 2024}
basis: 测试
range: public
source: {format: xlsx, sheet: "/^[一二三]类/", every_sheet: true, delivery: delta}
key: [编号]
fields:
  - {name: 编号, as: no, type: text, required: true}
  - {name: 数, as: heads, type: integer, required: true}
`

// Sheets that the pattern fits are one table; a line tells its sheet, and nothing
// of an empty, hidden or other sheet is read.
func TestEverySheet(t *testing.T) {
	content := made(t, func(f *excelize.File) error {
		for _, name := range []string{"一类", "二类", "三类（严）", "一类旧"} {
			if _, err := f.NewSheet(name); err != nil {
				return err
			}
		}
		for sheet, rows := range map[string][][]any{
			"名单": {{"说明"}}, "一类": {{"编号", "数"}, {"a", 1}, {"b", "x"}}, "二类": {{"编号", "数"}},
			"三类（严）": {{"编号", "数"}, {"c", 3}, nil, {"d", 4}}, "一类旧": {{"编号", "数"}, {"e", 5}},
		} {
			if err := setRows(f, sheet, rows...); err != nil {
				return err
			}
		}
		return f.SetSheetVisible("一类旧", false)
	})
	l, err := land(t, mustContract(t, everySheet), content)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{"a", "c", "d"}, column(l.records, "no")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{2, 20000002, 20000004}, column(l.records, "line")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{3}, column(l.rejects, "line")); diff != "" || l.Batch.Rows.Read != 4 {
		t.Error(diff, l.Batch.Rows)
	}
}

// A later sheet with other columns, or the same in another order, refuses the
// whole file.
func TestEverySheetHasOneHeader(t *testing.T) {
	for want, header := range map[string][]any{
		"sheet 二类: its columns are not in the order of sheet 一类": {"数", "编号"},
		"sheet 二类, row 1": {"编号"},
	} {
		content := made(t, func(f *excelize.File) error {
			for _, name := range []string{"一类", "二类"} {
				if _, err := f.NewSheet(name); err != nil {
					return err
				}
			}
			if err := setRows(f, "一类", []any{"编号", "数"}, []any{"a", 1}); err != nil {
				return err
			}
			return setRows(f, "二类", header, []any{1, 2})
		})
		if _, err := land(t, mustContract(t, everySheet), content); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
