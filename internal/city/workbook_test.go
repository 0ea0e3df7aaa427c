package city

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
)

// Half a million enterprises would be needed to see a second workbook from
// outside, so this test lowers the limit from within.
func TestWorkbookGoesOnInASecondFile(t *testing.T) {
	x := &extract{dataset: "tax/grades", format: xlsxSheet, sheet: "纳税信用级别", columns: columns("*代码#code 级别=E")}
	ed := &edition{name: "纳税信用级别_2025年度", sent: credit.NewDate(2026, 4, 30)}
	b := newWorkbook(t.TempDir(), x, ed)
	b.limit = 2
	var places []string
	for n := range 5 {
		path, line, err := b.write([]string{fmt.Sprint(n), "A"})
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, fmt.Sprintf("%s:%d", path, line))
	}
	files, err := b.close()
	if err != nil {
		t.Fatal(err)
	}
	stem := "2026-04-30/tax/grades/纳税信用级别_2025年度_20260430"
	want := []string{stem + ".xlsx:2", stem + ".xlsx:3", stem + "-2.xlsx:2", stem + "-2.xlsx:3", stem + "-3.xlsx:2"}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Error(diff)
	}
	var rows []int
	for _, f := range files {
		rows = append(rows, f.Rows)
	}
	if diff := cmp.Diff([]int{2, 2, 1}, rows); diff != "" {
		t.Error(diff)
	}
}
