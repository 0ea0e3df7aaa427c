package xlsx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"rongxin/pipelines/xlsx"
)

// The library that writes our workbooks reads from them what we read, whatever
// it wrote: texts as shared strings or in the cell, numbers, days, formulas.
func TestReadsAsTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := randomBook(t)
		theirs, merged := libraryReads(t, data)
		ours, ranges := weRead(t, data)
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Fatalf("the library and we differ:\n%s", diff)
		}
		if len(merged) != len(ranges) {
			t.Fatalf("the library sees merged %v, we %v", merged, ranges)
		}
	})
}

func randomBook(t *rapid.T) []byte {
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetName("Sheet1", "名单"))
	date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	must(err)
	for range rapid.IntRange(0, 40).Draw(t, "cells") {
		at, err := excelize.CoordinatesToCellName(rapid.IntRange(1, 60).Draw(t, "column"), rapid.IntRange(1, 30).Draw(t, "row"))
		must(err)
		switch rapid.IntRange(0, 7).Draw(t, "kind") {
		case 0:
			must(f.SetCellStr("名单", at, rapid.StringMatching(`[ a-z<>&"'一-龥_x0-9\n\t]{0,20}`).Draw(t, "text")))
		case 1:
			must(f.SetCellValue("名单", at, rapid.Float64Range(-1e18, 1e18).Draw(t, "number")))
		case 2:
			must(f.SetCellInt("名单", at, rapid.Int64().Draw(t, "whole")))
		case 3:
			must(f.SetCellValue("名单", at, time.Unix(rapid.Int64Range(-2e9, 1e11).Draw(t, "moment"), 0).UTC()))
		case 4:
			must(f.SetCellStyle("名单", at, at, date))
		case 5:
			must(f.SetCellRichText("名单", at, []excelize.RichTextRun{{Text: "福州", Font: &excelize.Font{Bold: true}}, {Text: rapid.StringMatching(`[a-z ]{1,9}`).Draw(t, "run")}}))
		case 6:
			must(f.SetCellValue("名单", at, "_x"+rapid.StringMatching(`[0-9A-C][0-9A-F]{2,4}`).Draw(t, "escape")+"_"))
		case 7:
			end, err := excelize.CoordinatesToCellName(rapid.IntRange(61, 63).Draw(t, "to column"), rapid.IntRange(30, 40).Draw(t, "to row"))
			must(err)
			if merged, err := f.GetMergeCells("名单"); err == nil && len(merged) == 0 {
				must(f.MergeCell("名单", at, end))
			}
		}
	}
	var out bytes.Buffer
	must(f.Write(&out))
	return out.Bytes()
}

// filled cells by reference, raw.
type filled map[string]string

func libraryReads(t *rapid.T, data []byte) (filled, []excelize.MergeCell) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.Rows("名单")
	if err != nil {
		t.Fatal(err)
	}
	cells := filled{}
	for number := 1; rows.Next(); number++ {
		list, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range list {
			if text != "" {
				cells[fmt.Sprintf("%s%d", column(i), number)] = text
			}
		}
	}
	merged, err := f.GetMergeCells("名单")
	if err != nil {
		t.Fatal(err)
	}
	return cells, merged
}

func weRead(t *rapid.T, data []byte) (filled, []xlsx.Range) {
	b, err := xlsx.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := b.Rows(b.Sheets[0])
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cells := filled{}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return cells, rows.Merged
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range row.Cells {
			cells[fmt.Sprintf("%s%d", column(int(c.Column)), row.Number)] = string(c.Text)
		}
	}
}
