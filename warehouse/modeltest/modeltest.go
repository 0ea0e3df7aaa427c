// Package modeltest runs models on small written inputs. A test is one txtar
// file: a sentence that says what must hold, the model's name, one CSV for each
// table it reads, and want.csv.
//
//	A repaired record does not count from the day of the repair on.
//	-- model --
//	intermediate.record_states
//	-- run.parameters.csv --
//	as_of:date
//	2026-06-30
//	…
//	-- want.csv --
//	record_id,state
//	r1,repaired
//
// A column is text unless its header names another SQL type after a colon. An
// empty cell is NULL, two single quotes are the empty text. Only the columns of
// want.csv are compared, in the order of the model's grain. A model that says it
// is local is evaluated subject by subject too, and must give the same rows.
package modeltest

import (
	"context"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
)

// Run runs every txtar file of dir against the models.
func Run(t *testing.T, dir string, models []model.Model) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no model tests in %s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := runFile(t, archive, models); err != nil {
				t.Error(err)
			}
		})
	}
}

func runFile(t *testing.T, archive *txtar.Archive, models []model.Model) error {
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{Threads: 2, TempDir: t.TempDir()})
	if err != nil {
		return err
	}
	defer db.Close()
	var m model.Model
	var want [][]string
	given := map[string]bool{}
	for _, f := range archive.Files {
		switch {
		case f.Name == "model":
			name := strings.TrimSpace(string(f.Data))
			at := slices.IndexFunc(models, func(m model.Model) bool { return m.Name == name })
			if at < 0 {
				return fmt.Errorf("no model %s", name)
			}
			m = models[at]
		case f.Name == "want.csv":
			if want, err = read(f.Data); err != nil {
				return err
			}
		default:
			table := strings.TrimSuffix(f.Name, ".csv")
			given[table] = true
			if err := load(ctx, db, table, f.Data); err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
		}
	}
	for _, in := range m.Inputs {
		if !given[in] && strings.Contains(m.SQL, in) {
			return fmt.Errorf("input %s is missing: give at least its header", in)
		}
	}
	got, err := query(ctx, db, m, want[0])
	if err != nil {
		return err
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("%s%s", archive.Comment, diff)
	}
	if m.Local.Is {
		return checkLocal(ctx, db, m, got)
	}
	return nil
}

func read(data []byte) ([][]string, error) {
	r := csv.NewReader(strings.NewReader(string(data)))
	r.TrimLeadingSpace = true
	return r.ReadAll()
}

// typed is where a given table stands typed, whatever is shown under its name.
func typed(table string) string { return "given." + strings.ReplaceAll(table, ".", "__") }

// load makes a table of text and shows it typed.
func load(ctx context.Context, db *engine.DB, table string, data []byte) error {
	lines, err := read(data)
	if err != nil {
		return err
	}
	var columns []landing.Column
	var casts []string
	for _, head := range lines[0] {
		name, kind, ok := strings.Cut(head, ":")
		if !ok {
			kind = "varchar"
		}
		columns = append(columns, landing.Column{Name: name, Type: "VARCHAR"})
		casts = append(casts, fmt.Sprintf("cast(%s as %s) as %s", engine.Ident(name), kind, engine.Ident(name)))
	}
	var rows [][]any
	for _, line := range lines[1:] {
		row := make([]any, len(line))
		for i, cell := range line {
			switch cell {
			case "":
			case "''":
				row[i] = ""
			default:
				row[i] = cell
			}
		}
		rows = append(rows, row)
	}
	raw := "texts." + strings.ReplaceAll(table, ".", "__")
	if err := db.Load(ctx, raw, columns, rows); err != nil {
		return err
	}
	if err := db.View(ctx, typed(table), fmt.Sprintf("select %s from %s", strings.Join(casts, ", "), raw)); err != nil {
		return err
	}
	return db.View(ctx, table, "select * from "+typed(table))
}

func query(ctx context.Context, db *engine.DB, m model.Model, columns []string) ([][]string, error) {
	rows, err := db.Query(ctx, fmt.Sprintf("select %s from (%s) order by %s",
		strings.Join(columns, ", "), m.SQL, strings.Join(m.Grain, ", ")))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	got := [][]string{columns}
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		line := make([]string, len(columns))
		for i, v := range values {
			if line[i] = engine.Text(v); v == "" {
				line[i] = "''"
			}
		}
		got = append(got, line)
	}
	return got, rows.Err()
}
