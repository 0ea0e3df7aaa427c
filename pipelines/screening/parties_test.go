package screening_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rongxin/pipelines"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/pipelines/screening"
	"rongxin/warehouse/landing"
)

var parties = [][]string{
	{"统一社会信用代码", "名称", "业务"},
	{"91350100MA8T00016W", "福州甲有限公司", "招标"},
	{"9135０100MA8T00016W", "福州甲有限公司", "拨款"}, // full width
	{"350102190001010015", "某人", "招标"},
	{"", "无代码", "招标"},
}

// The same list is read from a text file and from the first sheet of a workbook;
// a row that cannot be compared is told, and every row is one or the other.
func TestParties(t *testing.T) {
	dir := t.TempDir()
	var lines []string
	book := excelize.NewFile()
	for i, row := range parties {
		lines = append(lines, strings.Join(row, ","))
		for j, value := range row {
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err == nil {
				err = book.SetCellStr("Sheet1", cell, value)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	csv, xlsx := filepath.Join(dir, "名单.csv"), filepath.Join(dir, "名单.XLSX")
	if err := os.WriteFile(csv, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	saved := filepath.Join(dir, "saved.xlsx")
	if err := book.SaveAs(saved); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(saved, xlsx); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{csv, xlsx} {
		batch := read(t, file)
		if diff := cmp.Diff(landing.Rows{Read: 4, Accepted: 2, Rejected: 2}, batch.Rows); diff != "" {
			t.Errorf("%s: %s", filepath.Base(file), diff)
		}
		if diff := cmp.Diff(map[string]int{"CODE_INVALID": 1, "REQUIRED_MISSING": 1}, batch.Reasons); diff != "" {
			t.Errorf("%s: %s", filepath.Base(file), diff)
		}
	}
}

func read(t *testing.T, file string) landing.Batch {
	t.Helper()
	c, err := screening.Parties(file)
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	lander, err := ingest.New(ingest.Config{Home: filepath.Join(t.TempDir(), "home"), Catalog: catalog})
	if err != nil {
		t.Fatal(err)
	}
	result, err := lander.Land(t.Context(), ingest.Request{Contract: c, File: file, ReceivedAt: time.Date(2026, 7, 1, 4, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return result.Batch
}

// A question has one number, whoever puts it how often; another purpose, list,
// run or department is another question.
func TestQuestionNumber(t *testing.T) {
	q := screening.Question{Run: "r", AsOf: "2026-06-30", Department: "甲局", Purpose: "招标", SHA256: "ab"}
	seen := map[string]bool{q.Number(): true}
	if !strings.HasPrefix(q.Number(), "BD-20260630-") {
		t.Error(q.Number())
	}
	for _, other := range []func(*screening.Question){
		func(q *screening.Question) { q.Run = "s" }, func(q *screening.Question) { q.Department = "乙局" },
		func(q *screening.Question) { q.Purpose = "拨款" }, func(q *screening.Question) { q.SHA256 = "cd" },
	} {
		p := q
		other(&p)
		if seen[p.Number()] {
			t.Errorf("%+v has the number of another", p)
		}
		seen[p.Number()] = true
	}
}
