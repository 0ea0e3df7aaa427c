package run_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// line publishes one run for each day, each after the one before.
func (h house) line(days ...credit.Date) []*run.Run {
	h.Helper()
	var runs []*run.Run
	for _, d := range days {
		plan := h.plan(d, sql("marts.n", "select 1 as n", "n"))
		var err error
		plan.Previous, err = run.Before(h.home, d)
		h.must(err)
		r := h.build(plan)
		h.must(run.Publish(h.home, r))
		runs = append(runs, r)
	}
	return runs
}

// Publish moves CURRENT, and nothing but Publish does.
func TestPublish(t *testing.T) {
	h := newHouse(t)
	if _, err := run.Open(h.home, ""); !errors.Is(err, run.ErrNoRun) {
		t.Errorf("an empty home: got %v, want ErrNoRun", err)
	}
	first := h.build(h.plan(day, chain()...))
	if _, err := run.Open(h.home, ""); !errors.Is(err, run.ErrNoRun) {
		t.Errorf("built and not published: got %v, want ErrNoRun", err)
	}
	second := h.build(h.plan(day.AddDays(1), chain()...))
	for _, r := range []*run.Run{first, second, first} {
		h.must(run.Publish(h.home, r))
		got, err := run.Open(h.home, "")
		h.must(err)
		if diff := cmp.Diff(r, got); diff != "" {
			t.Error(diff)
		}
	}
	left, err := filepath.Glob(filepath.Join(h.home, store.Temporary("*")))
	if err != nil || left != nil {
		t.Errorf("publishing left %v, %v", left, err)
	}
}

// What is no finished run is not opened, whatever it is called.
func TestOpenFaults(t *testing.T) {
	h := newHouse(t)
	r := h.build(h.plan(day, chain()...))
	unfinished := filepath.Join(run.Dir(h.home), "2026-06-30-half")
	h.must(os.Mkdir(unfinished, 0o755))
	for _, id := range []string{"2026-06-30-00000000", "2026-06-30-half", store.Temporary(r.ID), "../runs/" + r.ID, ".."} {
		if _, err := run.Open(h.home, id); !errors.Is(err, run.ErrNoRun) {
			t.Errorf("%q: got %v, want ErrNoRun", id, err)
		}
	}
	manifest := filepath.Join(r.Dir, "manifest.json")
	data, err := os.ReadFile(manifest)
	h.must(err)
	for text, want := range map[string]string{
		string(data[:len(data)/2]):                                     manifest,
		strings.Replace(string(data), `"format": 1`, `"format": 2`, 1): "has layout 2, this program reads 1",
	} {
		h.must(os.WriteFile(manifest, []byte(text), 0o644))
		if _, err := run.Open(h.home, r.ID); err == nil || errors.Is(err, run.ErrNoRun) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
}

// Before and AsOf follow the published line from CURRENT back, not the
// directories that happen to stand there.
func TestBeforeAndAsOf(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if r, err := run.Before(h.home, day); r != nil || err != nil {
		t.Errorf("before anything: %v, %v", r, err)
	}
	if _, err := run.AsOf(h.home, day); !errors.Is(err, run.ErrNoRun) {
		t.Errorf("as of, before anything: got %v, want ErrNoRun", err)
	}
	runs := h.line(day, day.AddDays(10), day.AddDays(20))
	h.build(h.plan(day.AddDays(15), sql("marts.n", "select 2 as n", "n"))) // never published
	index := func(r *run.Run) int {
		if r == nil {
			return -1
		}
		return slices.IndexFunc(runs, func(other *run.Run) bool { return other.ID == r.ID })
	}
	for _, tt := range []struct{ offset, before, asOf int }{
		{0, -1, 0}, {1, 0, 0}, {9, 0, 0}, {10, 0, 1}, {11, 1, 1}, {16, 1, 1}, {20, 1, 2}, {21, 2, 2},
	} {
		before, err := run.Before(h.home, day.AddDays(tt.offset))
		h.must(err)
		asOf, err := run.AsOf(h.home, day.AddDays(tt.offset))
		h.must(err)
		if index(before) != tt.before || index(asOf) != tt.asOf {
			t.Errorf("day %+d: before is run %d, as of %d; want %d and %d", tt.offset, index(before), index(asOf), tt.before, tt.asOf)
		}
	}
	if _, err := run.AsOf(h.home, day.AddDays(-1)); !errors.Is(err, run.ErrNoRun) || !strings.Contains(err.Error(), "2026-06-29") {
		t.Errorf("the day before the line: got %v", err)
	}
	// An earlier day judged again stands before the days after it.
	again := h.plan(day.AddDays(10), sql("marts.n", "select 3 as n", "n"))
	again.Previous = runs[0]
	redone := h.build(again)
	h.must(run.Publish(h.home, redone))
	if r, err := run.AsOf(h.home, day.AddDays(25)); err != nil || r.ID != redone.ID {
		t.Errorf("after judging day +10 again: %v, %v", r, err)
	}
}

// Attach shows the tables by name, all or some, and refuses a damaged one.
func TestAttach(t *testing.T) {
	h := newHouse(t)
	r := h.build(h.plan(day, chain()...))
	db := h.engine()
	h.must(r.Attach(ctx, db))
	if diff := cmp.Diff([]string{"6 2026-06-30"}, h.lines(db, "select n, as_of from lists.final cross join run.parameters")); diff != "" {
		t.Error(diff)
	}
	if err := r.Attach(ctx, h.engine(), "marts.gone"); err == nil || !strings.Contains(err.Error(), r.ID+" has no table marts.gone") {
		t.Errorf("got %v, want the missing table named", err)
	}
	file := run.TablePath(r.Dir, "marts.doubled")
	h.damage(file)
	if err := r.Attach(ctx, h.engine()); !errors.Is(err, store.ErrDigest) || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v, want the damaged table named", err)
	}
	h.must(r.Attach(ctx, h.engine(), "lists.final"))
	h.must(os.Remove(run.TablePath(r.Dir, "scores.total")))
	err := r.CheckFiles()
	for _, name := range []string{"doubled.parquet", "total.parquet"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %s named", err, name)
		}
	}
}

// Compare names every table, model and rule in which a repetition differs.
func TestCompare(t *testing.T) {
	first := &run.Manifest{
		Sources: []run.Source{{File: "a.yml", SHA256: "1"}, {File: "b.yml", SHA256: "2"}, {File: "c.yml", SHA256: "3"}},
		Models:  []run.ModelRef{{Name: "m.a", File: "m/a.sql", SHA256: "1"}, {Name: "m.b", File: "m/b.sql", SHA256: "2"}, {Name: "m.c", File: "m/c.sql", SHA256: "3"}},
		Tables: []run.TableEntry{{Name: "m.a", Content: "1", File: store.Digest{SHA256: "f1"}}, {Name: "m.b", Content: "2"},
			{Name: "m.c", Content: "3"}},
	}
	if list := run.Compare(first, first); list != nil {
		t.Errorf("a run differs from itself: %+v", list)
	}
	again := &run.Manifest{
		Sources: []run.Source{{File: "c.yml", SHA256: "3"}, {File: "a.yml", SHA256: "9"}},
		Models:  []run.ModelRef{{Name: "m.c", File: "m/c.sql", SHA256: "3"}, {Name: "m.a", File: "m/a.sql", SHA256: "9"}},
		Tables: []run.TableEntry{{Name: "m.d", Content: "4"}, {Name: "m.a", Content: "1", File: store.Digest{SHA256: "other bytes"}},
			{Name: "m.b", Content: "9"}},
	}
	want := []run.Mismatch{
		{Kind: "model", Name: "m/a.sql", Want: "1", Got: "9"},
		{Kind: "model", Name: "m/b.sql", Want: "2"},
		{Kind: "rule", Name: "a.yml", Want: "1", Got: "9"},
		{Kind: "rule", Name: "b.yml", Want: "2"},
		{Kind: "table", Name: "m.b", Want: "2", Got: "9"},
		{Kind: "table", Name: "m.c", Want: "3"},
		{Kind: "table", Name: "m.d", Got: "4"},
	}
	if diff := cmp.Diff(want, run.Compare(first, again), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
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
	if diff := cmp.Diff([]string{"table run.parameters", "table seen.fines", "table marts.total"}, moved); diff != "" {
		t.Error(diff)
	}
}

// BatchesOf finds what a run read in today's landing area, in the run's order,
// and names all that is gone or another.
func TestBatchesOf(t *testing.T) {
	h := newHouse(t)
	for _, id := range []string{"d1", "d2", "d3", "d4"} {
		h.land(fines, id, "2026-06-0"+id[1:]+"T08:00:00+08:00", "'S1', 10")
	}
	r := h.build(h.plan(day, seenFines))
	h.land(fines, "d5", "2026-06-05T08:00:00+08:00", "'S1', 10")
	landed, err := landing.List(h.home)
	h.must(err)
	found, err := r.BatchesOf(landed)
	h.must(err)
	if diff := cmp.Diff(landed[:4], found); diff != "" {
		t.Errorf("what came since is not the run's: %s", diff)
	}
	altered := slices.Clone(landed[1:]) // d1 is gone
	altered[0].Records.SHA256 = "00"
	altered[1].ReceivedAt = altered[1].ReceivedAt.Add(1)
	found, err = r.BatchesOf(altered)
	for _, want := range []string{"court/fines batch d1: no longer in the landing area",
		"court/fines batch d2: not the batch the run read", "court/fines batch d3: not the batch the run read"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant it to say %q", err, want)
		}
	}
	if len(found) != 1 || found[0].ID != "d4" {
		t.Errorf("found %+v, want d4", found)
	}
}
