package run_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// judged is facts, a judgement of them by a rule, and a list that names its run.
func judged() []model.Model {
	facts := sql("staging.fines", "select subject_id, amount from landing.court__fines", "subject_id")
	facts.Inputs = []string{"landing.court__fines"}
	facts.Checks = []model.Check{{Severity: "fail", NotNull: []string{"amount"}}}
	total := sql("marts.total", "select subject_id, amount from staging.fines", "subject_id")
	total.Inputs = []string{"staging.fines"}
	high := sql("scores.high", "select subject_id from marts.total cross join rules.limits where amount > limit_", "subject_id")
	high.Stage, high.Inputs = model.Evaluate, []string{"marts.total", "rules.limits"}
	counted := sql("scores.counted", "select count(*) as n from scores.high", "n")
	counted.Stage, counted.Inputs = model.Evaluate, []string{"scores.high"}
	named := sql("lists.named", "select subject_id, run_id from marts.total cross join run.parameters", "subject_id")
	named.Stage, named.Inputs = model.List, []string{"marts.total", "run.parameters"}
	return []model.Model{facts, total, high, counted, named}
}

func limit(plan run.Plan, bound int64) run.Plan {
	plan.Seeds = []run.Seed{{Name: "rules.limits", Columns: []landing.Column{{Name: "limit_", Type: "BIGINT"}}, Rows: [][]any{{bound}}}}
	return plan
}

// Other rules over the same facts: the facts are linked, the judgement is made
// anew, and the run is what it would have been without.
func TestAdopt(t *testing.T) {
	h := newHouse(t)
	h.land(fines, "b1", "2026-06-01T08:00:00+08:00", "'S2', 20", "'S1', 10", "'S3', 5")
	base, other := limit(h.plan(day, judged()...), 10), limit(h.plan(day, judged()...), 7)
	from := h.build(base)

	cfg := h.config()
	cfg.Runs = filepath.Join(h.home, "challengers")
	adopted, err := run.Adopt(cfg, base, from, other)
	h.must(err)
	if adopted != 2 {
		t.Errorf("%d tables adopted, want the two of facts", adopted)
	}
	got, err := run.Build(ctx, cfg, other, model.List)
	h.must(err)
	for table, want := range map[string]bool{"staging.fines": true, "marts.total": true, "scores.high": false, "scores.counted": false, "lists.named": false} {
		if same := os.SameFile(h.stat(from.Dir, table), h.stat(got.Dir, table)); same != want {
			t.Errorf("%s: the same file: %t, want %t", table, same, want)
		}
	}
	if faults := got.CheckFiles(); len(faults) > 0 {
		t.Errorf("files: %v", faults)
	}

	fresh := h.config()
	fresh.Runs = t.TempDir()
	want, err := run.Build(ctx, fresh, other, model.List)
	h.must(err)
	if diff := cmp.Diff([]run.Mismatch(nil), run.Compare(&want.Manifest, &got.Manifest)); diff != "" {
		t.Error(diff)
	}
	if len(got.Manifest.Checks) != len(want.Manifest.Checks) {
		t.Errorf("%d checks told, want %d", len(got.Manifest.Checks), len(want.Manifest.Checks))
	}
	if diff := cmp.Diff([]string{"S1", "S2"}, h.rows(got, "scores.high", "subject_id")); diff != "" {
		t.Error(diff)
	}
	if n, err := run.Adopt(cfg, base, from, other); n != 0 || err != nil {
		t.Errorf("a finished run adopts %d tables, %v", n, err)
	}
}

func TestAdoptNothingOfOtherFacts(t *testing.T) {
	h := newHouse(t)
	h.land(fines, "b1", "2026-06-01T08:00:00+08:00", "'S2', 20")
	base := limit(h.plan(day, judged()...), 10)
	from := h.build(base)
	h.land(fines, "b2", "2026-06-02T08:00:00+08:00", "'S3', 5")
	later := limit(h.plan(day, judged()...), 7)
	tomorrow := limit(h.plan(day.AddDays(1), judged()...), 7)
	changed := limit(h.plan(day, judged()...), 7)
	changed.Batches = base.Batches
	changed.Models = slices.Clone(changed.Models)
	for i := range changed.Models {
		if changed.Models[i].Name == "staging.fines" {
			changed.Models[i].SQL += " where amount > 0"
		}
	}
	cfg := h.config()
	cfg.Runs = filepath.Join(h.home, "challengers")
	for name, plan := range map[string]run.Plan{"another batch": later, "another day": tomorrow, "another model at the root": changed} {
		if n, err := run.Adopt(cfg, base, from, plan); n != 0 || err != nil {
			t.Errorf("%s: %d tables adopted, %v", name, n, err)
		}
	}
}
