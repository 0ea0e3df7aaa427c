package run_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
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
	later := r.Manifest
	later.Format++
	sealed, err := store.Seal(later)
	h.must(err)
	for text, want := range map[string]string{
		string(data[:len(data)/2]):                                    manifest,
		strings.Replace(string(data), `"rule_set"`, `"rule_sets"`, 1): manifest,
		string(sealed): "has layout 4, this program reads 3",
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
	var names []string
	for _, m := range r.CheckFiles() {
		names = append(names, m.Name)
	}
	if diff := cmp.Diff([]string{"marts/doubled.parquet", "scores/total.parquet"}, names); diff != "" {
		t.Error(diff)
	}
}
