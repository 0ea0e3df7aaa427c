package run_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// chain is three models of three stages, listed backwards.
func chain() []model.Model {
	total := sql("scores.total", "select cast(sum(n) as bigint) as n from marts.doubled", "n")
	total.Stage, total.Inputs = model.Evaluate, []string{"marts.doubled"}
	list := sql("lists.final", "select n from scores.total", "n")
	list.Stage, list.Inputs = model.List, []string{"scores.total"}
	doubled := sql("marts.doubled", "select 2 * n as n from staging.numbers", "n")
	doubled.Inputs = []string{"staging.numbers"}
	return []model.Model{list, total, doubled, sql("staging.numbers", "select range as n from range(3)", "n")}
}

// Tables are built in the order of their inputs, stand sorted by their grain,
// and the manifest tells all that went in and came out.
func TestBuild(t *testing.T) {
	h := newHouse(t)
	b := h.land(fines, "b1", "2026-06-01T08:00:00+08:00", "'S2', 20", "'S1', 10", "'S3', 5")
	sorted := sql("staging.fines", "select subject_id, amount from landing.court__fines order by amount", "subject_id")
	sorted.Inputs = []string{"landing.court__fines"}
	plan := h.plan(day, append(chain(), sorted)...)
	plan.Seeds = []run.Seed{{Name: "rules.limits", Columns: []landing.Column{{Name: "limit_", Type: "BIGINT"}, {Name: "text", Type: "VARCHAR"}},
		Rows:    [][]any{{int64(2), "b"}, {int64(1), nil}},
		Sources: []run.Source{{File: "limits.yml", Version: 3, SHA256: "aa"}}}}
	r := h.build(plan)

	if diff := cmp.Diff([]string{"S1 10", "S2 20", "S3 5"}, h.rows(r, "staging.fines", "subject_id, amount")); diff != "" {
		t.Errorf("sorted by grain: %s", diff)
	}
	if diff := cmp.Diff([]string{"1 ", "2 b"}, h.rows(r, "rules.limits", "*")); diff != "" {
		t.Errorf("seed: %s", diff)
	}
	if diff := cmp.Diff([]string{"2026-06-30 " + plan.ID() + " 2026-01-01-00000000 "}, h.rows(r, "run.parameters", "*")); diff != "" {
		t.Errorf("parameters: %s", diff)
	}
	m := r.Manifest
	var tables []string
	for _, entry := range m.Tables {
		tables = append(tables, entry.Name)
	}
	if diff := cmp.Diff([]string{"run.parameters", "run.batches", "rules.limits", "staging.numbers", "marts.doubled",
		"staging.fines", "scores.total", "lists.final"}, tables); diff != "" {
		t.Errorf("tables in their order: %s", diff)
	}
	entry, _ := m.Table("staging.fines")
	if entry.Rows != 3 || !cmp.Equal(entry.Columns, []landing.Column{{Name: "subject_id", Type: "VARCHAR"}, {Name: "amount", Type: "BIGINT"}}) {
		t.Errorf("staging.fines is told as %+v", entry)
	}
	if diff := cmp.Diff([]run.BatchRef{{Dataset: "court/fines", ID: "b1", ReceivedAt: b.ReceivedAt, Rows: b.Rows, Records: b.Records, Rejects: b.Rejects}}, m.Batches,
		cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Errorf("batches: %s", diff)
	}
	if diff := cmp.Diff(plan.Seeds[0].Sources, m.Sources); diff != "" {
		t.Errorf("rules: %s", diff)
	}
	if len(m.Models) != 5 || m.Models[0] != (run.ModelRef{Name: "lists.final", File: "lists/final.sql", SHA256: plan.Models[0].Hash()}) {
		t.Errorf("models: %+v", m.Models)
	}
	if m.RunID != plan.ID() || r.ID != plan.ID() || m.AsOf != "2026-06-30" || m.RuleSet != plan.RuleSet || m.Previous != "" || !strings.HasPrefix(m.Engine, "duckdb v") {
		t.Errorf("manifest head: %+v", m)
	}
	h.whole(r)
}

// The same plan is the same run: nothing is built again, no second directory.
func TestBuildTwiceIsOneRun(t *testing.T) {
	h := newHouse(t)
	plan := h.plan(day, chain()...)
	first := h.build(plan)
	before := h.stat(first.Dir, "lists.final")
	cfg := h.config()
	cfg.Progress = func(_, _ int, table string) { t.Errorf("%s was built again", table) }
	again, err := run.Build(ctx, cfg, plan, model.List)
	h.must(err)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
	if !os.SameFile(before, h.stat(again.Dir, "lists.final")) {
		t.Error("the table was written again")
	}
	if diff := cmp.Diff([]string{plan.ID()}, h.standing()); diff != "" {
		t.Errorf("runs: %s", diff)
	}
}

// A build stage by stage ends in the same run as one in one go, and is no run
// before its last stage.
func TestBuildByStages(t *testing.T) {
	whole, staged := newHouse(t), newHouse(t)
	want := whole.build(whole.plan(day, chain()...))
	plan := staged.plan(day, chain()...)
	for _, stage := range []model.Stage{model.Transform, model.Evaluate} {
		r, err := run.Build(ctx, staged.config(), plan, stage)
		if err != nil || r != nil {
			t.Fatalf("up to %s: %v, %v; want nothing finished", stage, r, err)
		}
		if _, err := run.Open(staged.home, plan.ID()); !errors.Is(err, run.ErrNoRun) {
			t.Errorf("after %s the run opens: %v", stage, err)
		}
	}
	got := staged.build(plan)
	if diff := cmp.Diff(want.Manifest, got.Manifest); diff != "" {
		t.Error(diff)
	}
}

// interrupt cuts a build off once the table stands.
func interrupt(h house, plan run.Plan, table string) {
	h.Helper()
	cut, cancel := context.WithCancel(ctx)
	defer cancel()
	cfg := h.config()
	cfg.Progress = func(_, _ int, name string) {
		if name == table {
			cancel()
		}
	}
	if _, err := run.Build(cut, cfg, plan, model.List); !errors.Is(err, context.Canceled) {
		h.Fatalf("got %v, want the build cut off at %s", err, table)
	}
}

// A build cut off at any table goes on from there: what stood is kept, and the
// run is the one that an undisturbed build makes.
func TestResume(t *testing.T) {
	t.Parallel()
	undisturbed := newHouse(t)
	want := undisturbed.build(undisturbed.plan(day, chain()...))
	for i, entry := range want.Manifest.Tables {
		h := newHouse(t)
		plan := h.plan(day, chain()...)
		interrupt(h, plan, entry.Name)
		if diff := cmp.Diff([]string{store.Temporary(plan.ID())}, h.standing()); diff != "" {
			t.Errorf("cut off at %s: %s", entry.Name, diff)
		}
		stood := map[string]os.FileInfo{}
		for _, done := range want.Manifest.Tables[:i] {
			stood[done.Name] = h.stat(h.unfinished(plan), done.Name)
		}
		got := h.build(plan)
		if diff := cmp.Diff(want.Manifest, got.Manifest); diff != "" {
			t.Errorf("cut off at %s: %s", entry.Name, diff)
		}
		for name, before := range stood {
			if !os.SameFile(before, h.stat(got.Dir, name)) {
				t.Errorf("cut off at %s: %s stood and was built again", entry.Name, name)
			}
		}
	}
}

// A table whose file was damaged or lost while the build lay still is built
// again, and stands in the manifest once.
func TestResumeRebuildsDamage(t *testing.T) {
	t.Parallel()
	undisturbed := newHouse(t)
	want := undisturbed.build(undisturbed.plan(day, chain()...)).Manifest
	for name, harm := range map[string]func(h house, file string){
		"one bit": house.damage,
		"emptied": func(h house, file string) { h.must(os.Truncate(file, 0)) },
		"removed": func(h house, file string) { h.must(os.Remove(file)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			plan := h.plan(day, chain()...)
			interrupt(h, plan, "scores.total")
			harm(h, run.TablePath(h.unfinished(plan), "staging.numbers"))
			r := h.build(plan)
			h.whole(r)
			byName := func(m run.Manifest) map[string]int {
				n := map[string]int{}
				for _, entry := range m.Tables {
					n[entry.Name]++
				}
				for _, c := range m.Checks {
					n[c.Table+": "+c.Check]++
				}
				return n
			}
			if diff := cmp.Diff(byName(want), byName(r.Manifest)); diff != "" {
				t.Errorf("tables and checks by count: %s", diff)
			}
			if list := run.Compare(&want, &r.Manifest); list != nil {
				t.Errorf("differs from an undisturbed build: %+v", list)
			}
		})
	}
}

// Everything a run depends on is in its name.
func TestPlanID(t *testing.T) {
	h := newHouse(t)
	h.land(fines, "b1", "2026-06-01T08:00:00+08:00", "'S1', 10")
	base := func() run.Plan {
		plan := h.plan(day, chain()...)
		plan.Datasets = []landing.Dataset{{Name: "court/fines", Columns: append([]landing.Column{}, fines.Columns...)}}
		plan.Seeds = []run.Seed{{Name: "rules.x", Columns: []landing.Column{{Name: "n", Type: "BIGINT"}}, Rows: [][]any{{int64(1)}}}}
		return plan
	}
	tests := []struct {
		name   string
		change func(*run.Plan)
	}{
		{"the day", func(p *run.Plan) { p.AsOf = p.AsOf.AddDays(1) }},
		{"the rule set", func(p *run.Plan) { p.RuleSet = "2026-04-01-11111111" }},
		{"a value of a rule", func(p *run.Plan) { p.Seeds[0].Rows[0][0] = int64(2) }},
		{"a rule that became NULL", func(p *run.Plan) { p.Seeds[0].Rows[0][0] = nil }},
		{"a column of a rule table", func(p *run.Plan) { p.Seeds[0].Columns[0].Name = "m" }},
		{"a model's SQL", func(p *run.Plan) { p.Models[0].SQL += " where true" }},
		{"a model's grain", func(p *run.Plan) { p.Models[0].Grain = []string{"n + 0"} }},
		{"a model less", func(p *run.Plan) { p.Models = p.Models[1:] }},
		{"a batch less", func(p *run.Plan) { p.Batches = nil }},
		{"a batch's records", func(p *run.Plan) { p.Batches[0].Records.SHA256 = "00" }},
		{"when a batch became known", func(p *run.Plan) { p.Batches[0].ReceivedAt = p.Batches[0].ReceivedAt.Add(time.Second) }},
		{"the type of a landed column", func(p *run.Plan) { p.Datasets[0].Columns[5].Type = "VARCHAR" }},
		{"a run before it", func(p *run.Plan) { p.Previous = &run.Run{ID: "2026-06-29-00000000"} }},
	}
	ids := map[string]string{base().ID(): "nothing"}
	if again := base().ID(); ids[again] == "" {
		t.Error("the same plan got two names")
	}
	for _, tt := range tests {
		plan := base()
		tt.change(&plan)
		if other, ok := ids[plan.ID()]; ok {
			t.Errorf("changing %s gives the same run as changing %s", tt.name, other)
		}
		ids[plan.ID()] = tt.name
	}
	zone := base()
	zone.Batches[0].ReceivedAt = zone.Batches[0].ReceivedAt.In(time.FixedZone("UTC-3", -3*3600))
	if zone.ID() != base().ID() {
		t.Error("the same moment in another zone gave another run")
	}
}

// What a killed build was writing when it ended is no part of the run.
func TestResumeSweepsUnfinishedFiles(t *testing.T) {
	h := newHouse(t)
	plan := h.plan(day, chain()...)
	interrupt(h, plan, "marts.doubled")
	for _, name := range []string{store.Temporary("4711"), filepath.Join("marts", store.Temporary("4712"))} {
		h.must(os.WriteFile(filepath.Join(h.unfinished(plan), name), []byte("half"), 0o644))
	}
	h.must(os.Remove(run.TablePath(h.unfinished(plan), "marts.doubled"))) // so that its folder is written again
	h.whole(h.build(plan))
}

// While one builds, another is told so, whatever it wants to build; a finished
// run can still be had.
func TestBusy(t *testing.T) {
	h := newHouse(t)
	done := h.build(h.plan(credit.NewDate(2026, 6, 29), chain()...))
	plan, asked := h.plan(day, chain()...), 0
	cfg := h.config()
	cfg.Progress = func(n, _ int, _ string) {
		if n > 1 {
			return
		}
		asked++
		for _, other := range []run.Plan{plan, h.plan(day.AddDays(1), chain()...)} {
			if _, err := run.Build(ctx, h.config(), other, model.List); !errors.Is(err, run.ErrBusy) {
				t.Errorf("building %s meanwhile: got %v, want ErrBusy", other.ID(), err)
			}
		}
		if r, err := run.Build(ctx, h.config(), h.plan(credit.NewDate(2026, 6, 29), chain()...), model.List); err != nil || r.ID != done.ID {
			t.Errorf("asking for a finished run meanwhile: %v", err)
		}
	}
	r, err := run.Build(ctx, cfg, plan, model.List)
	h.must(err)
	if asked != 1 {
		t.Fatalf("asked %d times", asked)
	}
	if diff := cmp.Diff([]string{done.ID, r.ID}, h.standing()); diff != "" {
		t.Error(diff)
	}
}

// What another unfinished run left is swept by the next build.
func TestBuildSweepsOthers(t *testing.T) {
	h := newHouse(t)
	interrupt(h, h.plan(day, chain()...), "scores.total")
	r := h.build(h.plan(day.AddDays(1), chain()...))
	if diff := cmp.Diff([]string{r.ID}, h.standing()); diff != "" {
		t.Error(diff)
	}
}

// The files for people are part of the run, and a failed export leaves no run
// but keeps the tables.
func TestExport(t *testing.T) {
	h := newHouse(t)
	plan := h.plan(day, chain()...)
	cfg := h.config()
	full := errors.New("disk full")
	cfg.Export = func(_ context.Context, db *engine.DB, dir string) error {
		h.must(os.MkdirAll(filepath.Join(dir, "lists"), 0o755))
		h.must(os.WriteFile(filepath.Join(dir, "lists", "half.xlsx"), []byte("half"), 0o644))
		return full
	}
	if _, err := run.Build(ctx, cfg, plan, model.List); !errors.Is(err, full) {
		t.Fatalf("got %v, want the export's error", err)
	}
	if diff := cmp.Diff([]string{store.Temporary(plan.ID())}, h.standing()); diff != "" {
		t.Errorf("after a failed export: %s", diff)
	}
	cfg.Export = func(_ context.Context, db *engine.DB, dir string) error {
		content := strings.Join(h.lines(db, "select n from lists.final"), "\n")
		h.must(os.MkdirAll(filepath.Join(dir, "lists"), 0o755))
		return os.WriteFile(filepath.Join(dir, "lists", "名单.txt"), []byte(content), 0o644)
	}
	r, err := run.Build(ctx, cfg, plan, model.List)
	h.must(err)
	if len(r.Manifest.Files) != 1 || r.Manifest.Files[0].Path != "files/lists/名单.txt" {
		t.Fatalf("files: %+v", r.Manifest.Files)
	}
	h.whole(r)
	h.damage(filepath.Join(r.Dir, "files", "lists", "名单.txt"))
	if list := r.CheckFiles(); len(list) != 1 || list[0].Name != "files/lists/名单.txt" {
		t.Errorf("after damage: got %v, want the file named", list)
	}
}
