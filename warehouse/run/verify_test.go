package run_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// Compare names every part in which a repetition differs.
func TestCompare(t *testing.T) {
	first := &run.Manifest{RunID: "r", AsOf: "2026-06-30",
		Batches: []run.BatchRef{{Dataset: "court/fines", ID: "b1", Records: store.Digest{SHA256: "1"}}},
		Sources: []run.Source{{File: "a.yml", SHA256: "1"}, {File: "b.yml", SHA256: "2"}, {File: "c.yml", SHA256: "3"}},
		Models:  []run.ModelRef{{Name: "m.a", File: "m/a.sql", SHA256: "1"}, {Name: "m.b", File: "m/b.sql", SHA256: "2"}, {Name: "m.c", File: "m/c.sql", SHA256: "3"}},
		Tables: []run.TableEntry{{Name: "m.a", Content: "1", File: store.Digest{SHA256: "f1"}}, {Name: "m.b", Content: "2"},
			{Name: "m.c", Content: "3"}, {Name: "m.r", Content: "4", Rows: 4}, {Name: "m.t", Content: "5", Columns: fines.Columns}},
		Checks: []run.CheckEntry{{Table: "m.a", Check: "unique a", Severity: "warn", OK: true}},
		Files:  []run.FileEntry{{Path: "files/a.xlsx", Digest: store.Digest{SHA256: "1"}}},
	}
	if list := run.Compare(first, first); list != nil {
		t.Errorf("a run differs from itself: %+v", list)
	}
	again := &run.Manifest{RunID: "s", AsOf: "2026-06-30",
		Batches: []run.BatchRef{{Dataset: "court/fines", ID: "b1", Records: store.Digest{SHA256: "1"}, Rejects: store.Digest{SHA256: "1"}}},
		Sources: []run.Source{{File: "c.yml", SHA256: "3"}, {File: "a.yml", SHA256: "9"}},
		Models:  []run.ModelRef{{Name: "m.c", File: "m/c.sql", SHA256: "3"}, {Name: "m.a", File: "m/a.sql", SHA256: "9"}},
		Tables: []run.TableEntry{{Name: "m.d", Content: "4"}, {Name: "m.a", Content: "1", File: store.Digest{SHA256: "other bytes"}},
			{Name: "m.b", Content: "9"}, {Name: "m.r", Content: "4", Rows: 5}, {Name: "m.t", Content: "5", Columns: firms.Columns}},
		Checks: []run.CheckEntry{{Table: "m.a", Check: "unique a", Severity: "warn", Detail: "2 found"}},
	}
	want := []string{"manifest run_id", "batch court/fines batch b1", "rule a.yml", "rule b.yml", "model m/a.sql m.a", "model m/b.sql m.b",
		"table m.b", "table m.c", "table m.d", "table m.r", "table m.t", "check m.a: unique a"}
	if diff := cmp.Diff(want, kinds(run.Compare(first, again))); diff != "" {
		t.Error(diff)
	}
	again.Files = []run.FileEntry{{Path: "files/a.xlsx", Digest: store.Digest{SHA256: "2"}}}
	if diff := cmp.Diff(append(want, "list files/a.xlsx"), kinds(run.Compare(first, again))); diff != "" {
		t.Error(diff)
	}
}

func kinds(list []run.Mismatch) (names []string) {
	for _, m := range list {
		names = append(names, m.Kind+" "+m.Name)
	}
	return names
}

// A repetition elsewhere of the same plan finds the same content; with one row
// changed it finds which tables moved.
func TestCompareBuilds(t *testing.T) {
	t.Parallel()
	build := func(threads int, amount string) *run.Manifest {
		h := newHouse(t)
		h.land(fines, "d1", "2026-06-01T08:00:00+08:00", "'S1', 10", "'S2', "+amount)
		total := sql("marts.total", "select sum(amount) as total from seen.fines", "total")
		total.Inputs = []string{"seen.fines"}
		names := sql("marts.names", "select subject_id from seen.fines", "subject_id")
		names.Inputs = []string{"seen.fines"}
		cfg := h.config()
		cfg.Runs, cfg.Engine.Threads = filepath.Join(h.home, "elsewhere"), threads
		r, err := run.Build(ctx, cfg, h.plan(day, seenFines, total, names), model.List)
		h.must(err)
		if filepath.Dir(r.Dir) != cfg.Runs {
			t.Errorf("built in %s, want %s", r.Dir, cfg.Runs)
		}
		return &r.Manifest
	}
	first := build(1, "20")
	if list := run.Compare(first, build(2, "20")); list != nil {
		t.Errorf("another folder and two threads: %+v", list)
	}
	var moved []string
	for _, m := range run.Compare(first, build(1, "21")) {
		moved = append(moved, m.Kind+" "+m.Name)
	}
	// The run's own name stands in its parameters.
	if diff := cmp.Diff([]string{"manifest run_id", "batch court/fines batch d1", "table marts.total", "table run.parameters", "table seen.fines"}, moved); diff != "" {
		t.Error(diff)
	}
}

// steps is a model whose rows a step in Go makes.
func steps(version int) model.Model {
	m := sql("marts.steps", "select subject_id from seen.fines", "word")
	m.Inputs = []string{"seen.fines"}
	m.Step = &model.Step{Version: version, Columns: []landing.Column{{Name: "word", Type: "VARCHAR"}},
		Rows: func(values []string) (rows [][]any) {
			for _, v := range values {
				rows = append(rows, []any{v + "!"})
			}
			return rows
		}}
	return m
}

// evidenced is a published run with every kind of input, and the models of its
// program.
func (h house) evidenced() (*run.Run, []model.Model) {
	h.Helper()
	for _, id := range []string{"d1", "d2", "d3", "d4"} {
		h.land(fines, id, "2026-06-0"+id[1:]+"T08:00:00+08:00", "'S"+id+"', 10")
	}
	h.must(run.Publish(h.home, h.line(day.AddDays(-1))[0]))
	models := []model.Model{seenFines, steps(3)}
	models[0].Checks = []model.Check{{Severity: "warn", Accepted: &model.Accepted{Column: "subject_id", Values: []string{"Sd1"}}}, {Severity: "fail", NotNull: []string{"amount"}}}
	plan := h.plan(day, models...)
	text := []byte("rule: limits\nversion: 3\n")
	digest := sha256.Sum256(text)
	plan.Seeds = []run.Seed{{Name: "rules.limits",
		Columns: []landing.Column{{Name: "n", Type: "BIGINT"}, {Name: "word", Type: "VARCHAR"}, {Name: "day", Type: "DATE"}, {Name: "is_last", Type: "BOOLEAN"}},
		Rows:    [][]any{{int64(1) << 60, "b\u2028\"<", day.Time(), true}, {nil, nil, nil, nil}},
		Sources: []run.Source{{File: "evaluators/rules/limits.yml", Version: 3, SHA256: hex.EncodeToString(digest[:]), Text: text}}}}
	var err error
	plan.Previous, err = run.Before(h.home, day)
	h.must(err)
	cfg := h.config()
	cfg.Export = func(_ context.Context, _ *engine.DB, dir string) error {
		return store.Write(filepath.Join(dir, "lists", "名单.txt"), 0o644, func(w io.Writer) error {
			_, err := io.WriteString(w, "一、二、三\n")
			return err
		})
	}
	r, err := run.Build(ctx, cfg, plan, model.List)
	h.must(err)
	h.must(run.Publish(h.home, r))
	return r, models
}

// What a run keeps is the plan it was built by: a program that knows no rule and
// no model of it, but the step in Go, builds the same run.
func TestPlanOfARun(t *testing.T) {
	h := newHouse(t)
	r, _ := h.evidenced()
	h.land(fines, "d5", "2026-06-05T08:00:00+08:00", "'S5', 10") // came since
	plan, list := r.Plan(h.home, []model.Model{steps(3)})
	if list != nil || plan.ID() != r.ID {
		t.Fatalf("the plan of %s is %s, %v", r.ID, plan.ID(), list)
	}
	cfg := h.config()
	cfg.Runs = filepath.Join(h.home, "elsewhere")
	again, err := run.Build(ctx, cfg, plan, model.List)
	h.must(err)
	if list := run.Compare(&r.Manifest, &again.Manifest); list != nil {
		t.Errorf("the repetition differs: %v", list)
	}
	if len(r.Manifest.Checks) != 4 || r.Manifest.Checks[1].OK {
		t.Errorf("checks: %+v", r.Manifest.Checks)
	}
}

// Whatever is no longer what the run was computed from is named, all of it.
func TestPlanNamesWhatIsGone(t *testing.T) {
	h := newHouse(t)
	r, _ := h.evidenced()
	h.damage(filepath.Join(landing.Dir(h.home, "court/fines", "d1"), landing.RecordsName))
	h.damage(filepath.Join(landing.Dir(h.home, "court/fines", "d2"), landing.RejectsName))
	h.damage(filepath.Join(landing.Dir(h.home, "court/fines", "d3"), landing.ManifestName))
	h.must(os.RemoveAll(landing.Dir(h.home, "court/fines", "d4")))
	h.must(os.RemoveAll(filepath.Join(run.Dir(h.home), r.Manifest.Previous)))
	h.damage(filepath.Join(r.SourceDir(), "evaluators", "rules", "limits.yml"))
	h.must(os.Remove(filepath.Join(r.SourceDir(), "models", "seen.fines.sql")))
	_, list := r.Plan(h.home, []model.Model{steps(2)})
	want := []string{"model seen/fines.sql", "model marts/steps.sql", "rule evaluators/rules/limits.yml", "batch court/fines batch d1",
		"batch court/fines batch d2", "batch court/fines batch d3", "batch court/fines batch d4", "run " + r.Manifest.Previous}
	if diff := cmp.Diff(want, kinds(list)); diff != "" {
		t.Error(diff)
	}
	h.must(os.Truncate(filepath.Join(r.SourceDir(), "plan.json"), 1000))
	if _, list = r.Plan(h.home, nil); len(list) != 1 || list[0].Kind != "source" {
		t.Errorf("a damaged plan gives %v", list)
	}
}

// ComparePlans and CompareSources name what another program has otherwise.
func TestComparePlans(t *testing.T) {
	h := newHouse(t)
	r, models := h.evidenced()
	then, list := r.Plan(h.home, models)
	if list != nil {
		t.Fatal(list)
	}
	if list := run.ComparePlans(then, then); list != nil {
		t.Errorf("a plan differs from itself: %v", list)
	}
	now := then
	now.Datasets = []landing.Dataset{fines}
	now.Models = []model.Model{sql("seen.fines", "select 1 as subject_id", "subject_id"), then.Models[1], sql("marts.new", "select 1 as n", "n")}
	now.Seeds = []run.Seed{{Name: "rules.limits", Columns: then.Seeds[0].Columns, Sources: []run.Source{{File: "evaluators/rules/limits.yml", SHA256: "9"}}}}
	want := []string{"dataset samr/firms", "seed rules.limits", "model marts/new.sql marts.new", "model seen/fines.sql seen.fines"}
	if diff := cmp.Diff(want, kinds(run.ComparePlans(then, now))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"rule evaluators/rules/limits.yml"}, kinds(run.CompareSources(then, now))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"engine version"}, kinds(run.CompareEngines(&run.Manifest{Engine: "a"}, &run.Manifest{Engine: "b"}))); diff != "" {
		t.Error(diff)
	}
}
