package workbook_test

import (
	"context"
	_ "embed"
	"os"
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"

	"rongxin/warehouse/engine"
)

// fixture is a small run: two departments, two divisions, a run before.
//
//go:embed testdata/run.sql
var fixture string

// open returns an engine with the small run on it.
func open(t testing.TB) *engine.DB {
	t.Helper()
	db, err := engine.Open(context.Background(), engine.Config{Threads: 2, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	exec(t, db, fixture)
	return db
}

func exec(t testing.TB, db *engine.DB, statements string) {
	t.Helper()
	if err := db.Exec(context.Background(), statements); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) *excelize.File {
	t.Helper()
	f, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// rows returns the cells of a sheet as shown.
func rows(t *testing.T, f *excelize.File, sheet string) [][]string {
	t.Helper()
	list, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// column returns the cells under a header.
func column(t *testing.T, f *excelize.File, sheet, title string) []string {
	t.Helper()
	list := rows(t, f, sheet)
	for i, name := range list[0] {
		if name != title {
			continue
		}
		var cells []string
		for _, row := range list[1:] {
			cell := ""
			if i < len(row) {
				cell = row[i]
			}
			cells = append(cells, cell)
		}
		return cells
	}
	t.Fatalf("sheet %s has no column %s", sheet, title)
	return nil
}

// notes returns the lines of a 说明 sheet by label.
func notes(t *testing.T, f *excelize.File) map[string]string {
	t.Helper()
	lines := map[string]string{}
	for _, row := range rows(t, f, "说明") {
		lines[row[0]] = row[1]
	}
	return lines
}

// files returns every file below dir with its bytes.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		found[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
