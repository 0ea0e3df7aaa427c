package run_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

var (
	ctx = context.Background()
	day = credit.NewDate(2026, 6, 30)
)

// house is a home with one small dataset of each delivery kind.
type house struct {
	*testing.T
	home string
	desk *engine.DB // what the test itself writes and reads with

	rejectMore string // further columns of the next batches' rejects, as SQL
}

func newHouse(t *testing.T) house {
	t.Helper()
	h := house{T: t, home: t.TempDir()}
	h.desk = h.engine()
	return h
}

var (
	common = []landing.Column{{Name: "record_id", Type: "VARCHAR"}, {Name: "batch_id", Type: "VARCHAR"},
		{Name: "line", Type: "BIGINT"}, {Name: "flags", Type: "VARCHAR"}}
	fines = landing.Dataset{Name: "court/fines", Title: "罚款", Department: "市法院", Delivery: landing.Delta,
		Columns: append(append([]landing.Column{}, common...), landing.Column{Name: "subject_id", Type: "VARCHAR"}, landing.Column{Name: "amount", Type: "BIGINT"})}
	firms = landing.Dataset{Name: "samr/firms", Title: "登记", Department: "市监局", Delivery: landing.Snapshot,
		Columns: append(append([]landing.Column{}, common...), landing.Column{Name: "subject_id", Type: "VARCHAR"}, landing.Column{Name: "subject_name", Type: "VARCHAR"})}
)

// land puts one batch of the dataset into the home. Each row is the values of
// the dataset's own columns as SQL, the first of them also the record id.
func (h house) land(d landing.Dataset, id, received string, rows ...string) landing.Batch {
	h.Helper()
	return h.replay(d, id, "", received, rows...)
}

// replay lands rows on line 99 and below as a replay of the parent, which
// refused line 99; without a parent they are a delivery of their own.
func (h house) replay(d landing.Dataset, id, parent, received string, rows ...string) landing.Batch {
	h.Helper()
	first := 2
	if parent != "" {
		first = 99
	}
	at, err := time.Parse(time.RFC3339, received)
	if err != nil {
		h.Fatal(err)
	}
	dir, err := store.Stage(landing.Dir(h.home, d.Name, id))
	if err != nil {
		h.Fatal(err)
	}
	own := d.Columns[len(common):]
	selects := []string{engine.Empty(d.Columns)}
	for i, row := range rows {
		values := strings.Split(row, ", ")
		names := make([]string, len(own))
		for j, c := range own {
			names[j] = fmt.Sprintf("cast(%s as %s) as %s", values[j], c.Type, c.Name)
		}
		selects = append(selects, fmt.Sprintf("select %s as record_id, '%s' as batch_id, cast(%d as bigint) as line, '' as flags, %s",
			values[0], id, i+first, strings.Join(names, ", ")))
	}
	h.must(h.desk.CopyTo(ctx, strings.Join(selects, " union all "), dir.Path(landing.RecordsName)))
	rejects := fmt.Sprintf("select '%s' as dataset, '%s' as batch_id, cast(99 as bigint) as line, 'amount' as field, 'NUMBER' as reason, '' as detail, 'x' as original%s", d.Name, id, h.rejectMore)
	h.must(h.desk.CopyTo(ctx, rejects, dir.Path(landing.RejectsName)))
	b := landing.Batch{ID: id, Dataset: d.Name, Department: d.Department, Title: d.Title, Delivery: d.Delivery, ReceivedAt: at,
		Extract: landing.Extract{Name: id + ".csv"}, Columns: d.Columns,
		Rows: landing.Rows{Read: int64(len(rows)) + 1, Accepted: int64(len(rows)), Rejected: 1}, Parent: parent}
	if parent != "" {
		b.Rows = landing.Rows{Read: int64(len(rows)), Accepted: int64(len(rows))}
	}
	b.Records, err = store.Sum(dir.Path(landing.RecordsName))
	h.must(err)
	b.Rejects, err = store.Sum(dir.Path(landing.RejectsName))
	h.must(err)
	h.must(landing.Write(dir, b))
	h.must(dir.Commit())
	return b
}

func (h house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// whole fails the test when a file of the run is not as it was written.
func (h house) whole(r *run.Run) {
	h.Helper()
	if list := r.CheckFiles(); list != nil {
		h.Fatal(list)
	}
}

func (h house) engine() *engine.DB {
	h.Helper()
	db, err := engine.Open(ctx, engine.Config{Threads: 1, TempDir: h.TempDir()})
	h.must(err)
	h.Cleanup(func() { db.Close() })
	return db
}

func (h house) config() run.Config {
	return run.Config{Home: h.home, Engine: engine.Config{Threads: 1, TempDir: h.TempDir()}, Log: slog.New(slog.DiscardHandler)}
}

// plan is the models over all that has been landed and was known on the day.
func (h house) plan(asOf credit.Date, models ...model.Model) run.Plan {
	h.Helper()
	batches, err := landing.List(h.home)
	h.must(err)
	return run.Plan{AsOf: asOf, RuleSet: "2026-01-01-00000000", Datasets: []landing.Dataset{fines, firms},
		Batches: run.Known(batches, asOf), Models: models}
}

func (h house) build(plan run.Plan) *run.Run {
	h.Helper()
	r, err := run.Build(ctx, h.config(), plan, model.List)
	h.must(err)
	return r
}

// sql is a model of the first stage.
func sql(name, query string, grain ...string) model.Model {
	return model.Model{Name: name, File: strings.Replace(name, ".", "/", 1) + ".sql", Grain: grain, SQL: query}
}

// rows reads a table of a run in the order of its file, a line a row.
func (h house) rows(r *run.Run, table, columns string) []string {
	h.Helper()
	return h.lines(h.desk, fmt.Sprintf("select %s from read_parquet(%s)", columns, engine.Quote(run.TablePath(r.Dir, table))))
}

func (h house) lines(db *engine.DB, query string) []string {
	h.Helper()
	rows, err := db.Query(ctx, query)
	h.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	h.must(err)
	var lines []string
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		h.must(rows.Scan(targets...))
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = engine.Text(v)
		}
		lines = append(lines, strings.Join(texts, " "))
	}
	h.must(rows.Err())
	return lines
}

// standing lists what stands in the directory of runs, the lock left out.
func (h house) standing() []string {
	h.Helper()
	entries, err := os.ReadDir(run.Dir(h.home))
	h.must(err)
	var names []string
	for _, e := range entries {
		if e.Name() != ".lock" {
			names = append(names, e.Name())
		}
	}
	return names
}

// damage flips one bit in the middle of a file.
func (h house) damage(file string) {
	h.Helper()
	data, err := os.ReadFile(file)
	h.must(err)
	data[len(data)/2] ^= 1
	h.must(os.WriteFile(file, data, 0o644))
}

func (h house) stat(dir, table string) os.FileInfo {
	h.Helper()
	info, err := os.Stat(run.TablePath(dir, table))
	h.must(err)
	return info
}

func (h house) unfinished(plan run.Plan) string {
	return filepath.Join(run.Dir(h.home), store.Temporary(plan.ID()))
}
