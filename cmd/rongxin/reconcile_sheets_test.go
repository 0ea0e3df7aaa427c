package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"rongxin/pipelines/publish"
)

// The break list opens as a workbook: totals, every key with its mend, and what the
// causes mean; a key that a spreadsheet would take for a formula is guarded.
func TestBreakListIsAWorkbook(t *testing.T) {
	report := publish.Report{
		Receiver: "city", Run: "r1", AsOf: "2026-06-30",
		Tables: []publish.TableReport{{Table: "acts", Published: publish.Holdings{Count: 3}, Received: publish.Holdings{Count: 2}, Differ: 2},
			{Table: "measures", Equal: true, ByFeedback: true}},
		Breaks: []publish.Break{
			{Table: "acts", Key: "=1+1", Cause: publish.MissingThere, Title: "接收方丢失", Since: time.Date(2026, 6, 30, 4, 0, 0, 0, time.UTC), Mend: "请接收方查明"},
			{Table: "acts", Key: "91350100M000100Y43", Cause: publish.DeadLetter, Title: "接收方拒收", Code: "LENGTH", Overdue: true, Batch: "2026063000001"},
		},
	}
	file := filepath.Join(t.TempDir(), "差异清单.xlsx")
	if err := writeBreaks(file, []publish.Report{report}); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if got := book.GetSheetList(); !slices.Equal(got, []string{"合计", "差异清单", "原因说明"}) {
		t.Fatalf("sheets %v", got)
	}
	rows, err := book.GetRows("差异清单")
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v %v", rows, err)
	}
	if first := rows[1]; first[2] != "※=1+1" || first[3] != "接收方丢失" || first[5] != "接收方" || first[6] != "2026-06-30 12:00" {
		t.Errorf("%q", first)
	}
	if second := rows[2]; second[2] != "91350100M000100Y43" || second[5] != "本方" || second[7] != "超期" || second[8] != "2026063000001" || second[9] != "LENGTH" {
		t.Errorf("%q", second)
	}
	if rows, err = book.GetRows("合计"); err != nil || len(rows) != 11 || rows[1][5] != "不一致" || rows[10][2] != "接收方不提供查询，按回执认定" {
		t.Errorf("%q %v", rows, err)
	}
	if rows, err = book.GetRows("原因说明"); err != nil || len(rows) != 1+len(publish.Causes()) {
		t.Errorf("%d causes, %v", len(rows), err)
	}
	if text := fmt.Sprint(rows); strings.ContainsAny(text, "{}") {
		t.Errorf("a place is left open in %s", text)
	}
}
