package workbook_test

import (
	"bytes"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rongxin/internal/credit"
	"rongxin/pipelines/workbook"
	warehouse "rongxin/warehouse/landing"
)

// What Excel keeps exactly is a number, all else is the text it was.
func TestAnswer(t *testing.T) {
	day, err := credit.ParseDate("2026-06-30")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	a, err := workbook.NewAnswer(&out, "查询结果", day, [][2]string{{"查询", "=select 1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	values := []any{
		"=1+1", int32(7), int64(1) << 60, big.NewInt(42), 2.5, nil, true, "91350100MA8T00016W",
		duckdb.Decimal{Width: 9, Scale: 2, Value: big.NewInt(-1250)}, duckdb.Decimal{Width: 38, Scale: 2, Value: new(big.Int).Exp(big.NewInt(10), big.NewInt(30), nil)},
		time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC),
	}
	columns := make([]warehouse.Column, len(values))
	for i := range columns {
		columns[i].Name = string(rune('a' + i))
	}
	if err := a.Begin(columns); err != nil {
		t.Fatal(err)
	}
	if err := a.Row(values); err != nil {
		t.Fatal(err)
	}
	if err := a.Row(append([]any{strings.Repeat("长", 40000)}, values[1:]...)); err == nil || !strings.Contains(err.Error(), "row 2: a has more than 32767 characters") {
		t.Errorf("a cell that is too long: %v", err)
	}
	if err := a.End(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("结果", excelize.Options{RawCellValue: true})
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	want := []string{"※=1+1", "7", "1152921504606846976", "42", "2.5", "", "true", "91350100MA8T00016W", "-12.5", "10000000000000000000000000000.00", "2026-06-30"}
	if diff := cmp.Diff(want, rows[1]); diff != "" {
		t.Error(diff)
	}
	number := map[string]bool{"B2": true, "D2": true, "E2": true, "I2": true}
	for i := range values {
		cell, _ := excelize.CoordinatesToCellName(i+1, 2)
		kind, err := f.GetCellType("结果", cell)
		if err != nil || i != 5 && (kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber) != number[cell] {
			t.Errorf("%s is of kind %d, %v", cell, kind, err)
		}
	}
	if note, err := f.GetCellValue("说明", "B1"); err != nil || note != "※=select 1" {
		t.Errorf("the note is %q, %v", note, err)
	}
}
