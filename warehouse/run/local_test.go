package run_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// A town is the facts of some subjects as they stand on a day.
type town struct {
	names map[string]string // of registered subjects
	facts map[string]fact   // by fact_id
	bound int64             // the one number of the rules
}

type fact struct {
	subject string // empty is NULL
	amount  int64
	on      credit.Date
}

func (c town) clone() town {
	d := town{map[string]string{}, map[string]fact{}, c.bound}
	for id, name := range c.names {
		d.names[id] = name
	}
	for id, f := range c.facts {
		d.facts[id] = f
	}
	return d
}

// plan has the facts as given tables, and local models of every kind above them:
// one that the day enters by comparison, those behind it, and one that names the
// day itself.
func (c town) plan(day credit.Date, before *run.Run) run.Plan {
	varchar := func(name string) landing.Column { return landing.Column{Name: name, Type: "VARCHAR"} }
	number := func(name string) landing.Column { return landing.Column{Name: name, Type: "BIGINT"} }
	subjects := run.Seed{Name: "intermediate.subjects", Columns: []landing.Column{varchar("subject_id"), varchar("subject_name")}}
	for id, name := range c.names {
		subjects.Rows = append(subjects.Rows, []any{id, name})
	}
	facts := run.Seed{Name: "marts.facts", Columns: []landing.Column{varchar("subject_id"), varchar("fact_id"), number("amount"), {Name: "happened_on", Type: "DATE"}}}
	for id, f := range c.facts {
		var subject any
		if f.subject != "" {
			subject = f.subject
		}
		facts.Rows = append(facts.Rows, []any{subject, id, f.amount, f.on.Time()})
	}
	for _, rows := range [][][]any{subjects.Rows, facts.Rows} { // a map has no order, a plan has
		slices.SortFunc(rows, func(a, b []any) int { return slices.Compare([]string{fmt.Sprint(a...)}, []string{fmt.Sprint(b...)}) })
	}
	limits := run.Seed{Name: "rules.limits", Columns: []landing.Column{number("bound")}, Rows: [][]any{{c.bound}}}

	local := func(name, query string, grain []string, inputs ...string) model.Model {
		m := sql(name, query, grain...)
		m.Stage, m.Inputs, m.Local.Is = model.Evaluate, inputs, true
		return m
	}
	counted := local("scores.counted", `select facts.subject_id, facts.fact_id, facts.amount
		from marts.facts as facts inner join intermediate.subjects as subjects on subjects.subject_id = facts.subject_id
		cross join run.parameters as parameters
		where facts.happened_on <= parameters.as_of and facts.happened_on > fx_add_months(parameters.as_of, -2)`,
		[]string{"subject_id", "fact_id"}, "marts.facts", "intermediate.subjects", "run.parameters")
	counted.Local.Days = []model.Passing{{Table: "marts.facts", Column: "happened_on"}, {Table: "marts.facts", Column: "happened_on", Months: 2}}
	counted.Checks = []model.Check{
		{Severity: "fail", Refers: &model.Reference{Column: "subject_id", To: "intermediate.subjects"}},
		{Severity: "fail", Unique: []string{"fact_id"}},
		{Severity: "warn", NoRows: "select fact_id as violation from scores.counted where amount > 90"},
		{Severity: "warn", MinRows: 5}, {Severity: "warn", RowsChanged: "3%"},
	}
	totals := local("scores.totals", `select subjects.subject_id, subjects.subject_name, coalesce(sums.amount, 0) as amount, coalesce(sums.amount, 0) > limits.bound as is_over
		from intermediate.subjects as subjects
		left join (select subject_id, cast(sum(amount) as bigint) as amount from scores.counted group by subject_id) as sums on sums.subject_id = subjects.subject_id
		cross join rules.limits as limits`, []string{"subject_id"}, "intermediate.subjects", "scores.counted", "rules.limits")
	totals.Checks = []model.Check{
		{Severity: "fail", NotNull: []string{"subject_name"}},
		{Severity: "fail", NoRows: "select s.subject_id from intermediate.subjects as s where s.subject_id not in (select t.subject_id from scores.totals as t)"},
		{Severity: "warn", NoRows: "select subject_id from scores.totals where is_over"},
	}
	aged := local("scores.aged", `select facts.subject_id, facts.fact_id, date_diff('day', facts.happened_on, parameters.as_of) as age
		from marts.facts as facts cross join run.parameters as parameters
		where facts.subject_id is not null and facts.amount > 60`, []string{"subject_id", "fact_id"}, "marts.facts", "run.parameters")
	classes := local("overlay.classes", `select totals.subject_id, totals.is_over, count(aged.fact_id) as old
		from scores.totals as totals left join scores.aged as aged on aged.subject_id = totals.subject_id and aged.age > 30
		group by totals.subject_id, totals.is_over`, []string{"subject_id"}, "scores.totals", "scores.aged")
	list := sql("lists.over", "select is_over, count(*) as n from overlay.classes group by is_over", "is_over")
	list.Stage, list.Inputs = model.List, []string{"overlay.classes"}
	return run.Plan{AsOf: day, RuleSet: "2026-01-01-00000000", Seeds: []run.Seed{limits, subjects, facts},
		Models: []model.Model{counted, totals, aged, classes, list}, Previous: before}
}

// change is what a day brings.
func (c town) change(t *rapid.T, day credit.Date) town {
	c = c.clone()
	pick := func(name string) string {
		return rapid.SampledFrom(slices.Sorted(keys(c.facts))).Draw(t, name)
	}
	for n := range rapid.IntRange(0, 3).Draw(t, "changes") {
		switch rapid.IntRange(0, 8).Draw(t, "kind") {
		case 0: // a new record, sometimes ahead of its day, or just at the edge of the window
			on := rapid.SampledFrom([]credit.Date{day, day.AddDays(1), day.AddMonths(-2), day.AddMonths(-2).AddDays(1)}).Draw(t, "on")
			c.facts[fmt.Sprintf("%s-%d", day, n)] = fact{subject: c.anyone(t), amount: rapid.Int64Range(0, 100).Draw(t, "amount"), on: on}
		case 1: // repaired, withdrawn
			delete(c.facts, pick("gone"))
		case 2: // corrected, in its amount, its day, or its subject
			id := pick("corrected")
			f := c.facts[id]
			f.amount++
			f.on = f.on.AddDays(rapid.IntRange(-1, 1).Draw(t, "days"))
			if rapid.Bool().Draw(t, "code") {
				f.subject = c.anyone(t)
			}
			c.facts[id] = f
		case 3:
			c.names[c.anyone(t)] += "改"
		case 4: // new, with a code before or after all others too
			c.names[rapid.SampledFrom([]string{"A", "S05x", "Z"}).Draw(t, "code")+day.String()] = "新"
		case 5: // lost; its records stay
			delete(c.names, c.anyone(t))
		case 6: // a code nobody has
			id := pick("unknown")
			f := c.facts[id]
			f.subject = rapid.SampledFrom([]string{"", "X"}).Draw(t, "who")
			c.facts[id] = f
		case 7: // nothing but the day
		case 8:
			if rapid.IntRange(0, 5).Draw(t, "rule") == 0 {
				c.bound++
			}
		}
	}
	return c
}

func (c town) anyone(t *rapid.T) string {
	return rapid.SampledFrom(slices.Sorted(keys(c.names))).Draw(t, "subject")
}

func keys[V any](m map[string]V) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// Day after day of random changes, a run made from the run before has the
// contents, the columns and the outcomes of checks of one evaluated in full, in
// one bucket or several; its digests are those of the rows that one reads in it.
func TestIncrementalEqualsFull(t *testing.T) {
	h := newHouse(t)
	db := h.engine()
	merged, carried, full, deep, rounds := 0, 0, 0, 0, 0
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue { // a round is a dozen runs
		h.must(f.Value.Set("8"))
		defer f.Value.Set(f.DefValue)
	}
	rapid.Check(t, func(rt *rapid.T) {
		rounds++
		home := filepath.Join(h.TempDir(), fmt.Sprint(rounds))
		defer os.RemoveAll(home)
		day := rapid.SampledFrom([]credit.Date{credit.NewDate(2026, 1, 29), credit.NewDate(2026, 4, 29), credit.NewDate(2026, 6, 15)}).Draw(rt, "day")
		c := town{map[string]string{}, map[string]fact{}, 70}
		for i := range 30 {
			c.names[fmt.Sprintf("S%02d", i)] = "甲"
			for k := range i % 4 {
				c.facts[fmt.Sprintf("F%02d-%d", i, k)] = fact{fmt.Sprintf("S%02d", i), int64(i * 3), day.AddDays(-rapid.IntRange(0, 70).Draw(rt, "age"))}
			}
		}
		var before *run.Run
		for range 6 {
			plan := c.plan(day, before)
			build := func(name string, bucket int, whole bool) *run.Run {
				cfg := h.config()
				cfg.Runs, cfg.Bucket, cfg.Full, cfg.TouchedShare = filepath.Join(home, name), bucket, whole, 40
				r, err := run.Build(ctx, cfg, plan, model.List)
				if err != nil {
					rt.Fatalf("%s: %v", name, err)
				}
				return r
			}
			r := build("incremental", 0, false)
			bucket := rapid.SampledFrom([]int{1000, 16, 5}).Draw(rt, "bucket") // one, two, seven
			want := build("full", bucket, true)
			if list := run.Compare(&want.Manifest, &r.Manifest); list != nil {
				rt.Fatalf("%s: evaluated in full in buckets of %d it differs: %v", day, bucket, list)
			}
			if list := r.CheckFiles(); list != nil {
				rt.Fatal(list)
			}
			if err := r.Attach(ctx, db); err != nil {
				rt.Fatal(err)
			}
			for _, entry := range r.Manifest.Tables {
				rows, content, err := db.Digest(ctx, "select * from "+entry.Name)
				if err != nil || rows != entry.Rows || content != entry.Content {
					rt.Fatalf("%s: %s has %d rows and digest %s (%v), its manifest says %d and %s", day, entry.Name, rows, content, err, entry.Rows, entry.Content)
				}
				switch {
				case entry.Made.Touched != nil && *entry.Made.Touched == 0:
					carried++
				case entry.Made.Touched != nil:
					merged++
				case entry.Made.Why != "" && before != nil:
					full++
				}
				if entry.Layers != nil && entry.Layers.Run != r.Manifest.Previous {
					deep++
				}
			}
			before = r
			day = day.AddDays(rapid.SampledFrom([]int{1, 1, 2, 30}).Draw(rt, "days"))
			c = c.change(rt, day)
		}
	})
	t.Logf("figure: %d tables merged, %d of them over an older base, %d carried over, %d evaluated in full", merged, deep, carried, full)
	if rounds >= 8 && (merged < 20 || deep < 4 || carried < 1 || full < 20) {
		t.Error("the days do not reach every way in which a table is made")
	}
}

// Where a few of very many subjects are touched, row groups without them are not
// read; layers hold few rows besides.
func TestFewTouchedOfMany(t *testing.T) {
	h := newHouse(t)
	c := town{map[string]string{}, map[string]fact{}, 70}
	for i := range 13000 {
		c.names[fmt.Sprintf("S%05d", i)] = "甲"
		c.facts[fmt.Sprintf("F%05d", i)] = fact{fmt.Sprintf("S%05d", i), int64(i % 90), day.AddDays(-5)}
	}
	first := h.build(c.plan(day, nil))
	before, today := first, day
	for _, touched := range [][]string{{"04095", "04096"}, {"00000", "04096"}, {"12999"}, {}} {
		c, today = c.clone(), today.AddDays(1)
		for _, no := range touched {
			c.facts["F"+no] = fact{"S" + no, c.facts["F"+no].amount + 1, day.AddDays(-6)}
		}
		cfg := h.config()
		cfg.Runs, cfg.Full = filepath.Join(h.TempDir(), today.String()), true
		want, err := run.Build(ctx, cfg, c.plan(today, before), model.List)
		h.must(err)
		r := h.build(c.plan(today, before))
		if list := run.Compare(&want.Manifest, &r.Manifest); list != nil {
			t.Errorf("%v: evaluated in full it differs: %v", touched, list)
		}
		entry, _ := r.Manifest.Table("scores.totals")
		if entry.Made.Touched == nil || *entry.Made.Touched != int64(len(touched)) {
			t.Errorf("%v: scores.totals was made for %v", touched, entry.Made)
		}
		before = r
	}
}

// Why a table is evaluated in full stands in the manifest.
func TestWhyInFull(t *testing.T) {
	h := newHouse(t)
	c := town{map[string]string{}, map[string]fact{}, 70}
	for i := range 30 {
		c.names[fmt.Sprintf("S%02d", i)] = "甲"
		c.facts[fmt.Sprintf("F%02d", i)] = fact{fmt.Sprintf("S%02d", i), int64(i), day.AddDays(-5)}
	}
	build := func(plan run.Plan, full bool) *run.Run {
		cfg := h.config()
		cfg.Full = full
		r, err := run.Build(ctx, cfg, plan, model.List)
		h.must(err)
		return r
	}
	why := func(r *run.Run) map[string]string {
		m := map[string]string{}
		for _, e := range r.Manifest.Tables {
			switch {
			case e.Made.Touched != nil:
				m[e.Name] = fmt.Sprintf("%d touched", *e.Made.Touched)
			case e.Made.Why != "":
				m[e.Name] = e.Made.Why
			}
		}
		return m
	}
	expect := func(what string, r *run.Run, want map[string]string) {
		t.Helper()
		if diff := cmp.Diff(want, why(r)); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	same := func(text string) map[string]string {
		return map[string]string{"scores.counted": text, "scores.totals": text, "scores.aged": text, "overlay.classes": text}
	}
	first := build(c.plan(day, nil), false)
	expect("the first run", first, same("there is no run before"))
	next := day.AddDays(1)
	expect("asked for", build(c.plan(next, first), true), same("a full evaluation was asked for"))
	h.must(os.RemoveAll(filepath.Join(run.Dir(h.home), c.plan(next, first).ID())))

	mended := c.clone()
	mended.facts["F03"] = fact{"S03", 99, day}
	want := map[string]string{"scores.counted": "1 touched", "scores.totals": "1 touched", "scores.aged": "the day enters",
		"overlay.classes": "2 touched"} // F03 is old now in another way, and one more grew a day older
	r := build(mended.plan(next, first), false)
	delete(want, "overlay.classes")
	got := why(r)
	delete(got, "overlay.classes")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("one subject touched: %s", diff)
	}

	ruled := c.clone()
	ruled.bound++
	r = build(ruled.plan(next, first), false)
	if got := why(r); got["scores.counted"] != "0 touched" || got["scores.totals"] != "rules.limits is not as in run "+first.ID {
		t.Errorf("another rule: %v", got)
	}
	other := c.plan(next, first)
	other.Models[0].SQL += " and true"
	if got := why(build(other, false)); got["scores.counted"] != "the model is not that of run "+first.ID {
		t.Errorf("another model: %v", got)
	}
	many := c.clone()
	for i := range 4 {
		many.facts[fmt.Sprintf("F%02d", i)] = fact{fmt.Sprintf("S%02d", i), 50, day}
	}
	if got := why(build(many.plan(next, first), false)); got["scores.counted"] != "4 of 30 subjects are touched or have been since the last full evaluation" {
		t.Errorf("many touched: %v", got)
	}
	h.damage(run.TablePath(first.Dir, "scores.counted"))
	if got := why(build(mended.plan(next.AddDays(1), first), false)); got["scores.counted"] != "its table in run "+first.ID+" is damaged" {
		t.Errorf("damaged: %v", got)
	}
}

// A run made from the one before that is cut off at any table goes on from there
// and is the run that an undisturbed build makes; asked for in full meanwhile, it
// is a run all the same and holds no file too many.
func TestResumeOfTouched(t *testing.T) {
	c := town{map[string]string{}, map[string]fact{}, 70}
	for i := range 30 {
		c.names[fmt.Sprintf("S%02d", i)] = "甲"
		c.facts[fmt.Sprintf("F%02d", i)] = fact{fmt.Sprintf("S%02d", i), int64(i), day.AddDays(-i)}
	}
	mended := c.clone()
	mended.facts["F03"] = fact{"S03", 99, day}
	start := func() (house, run.Plan) {
		h := newHouse(t)
		return h, mended.plan(day.AddDays(1), h.build(c.plan(day, nil)))
	}
	undisturbed, plan := start()
	want := undisturbed.build(plan)
	if e, _ := want.Manifest.Table("scores.counted"); e.Layers == nil {
		t.Fatalf("counted is not made from the run before: %+v", e.Made)
	}
	for _, table := range []string{"marts.facts", "scores.counted", "scores.totals", "scores.aged", "overlay.classes"} {
		for _, full := range []bool{false, true} {
			h, plan := start()
			interrupt(h, plan, table)
			cfg := h.config()
			cfg.Full = full
			got, err := run.Build(ctx, cfg, plan, model.List)
			h.must(err)
			h.whole(got)
			if full {
				if list := run.Compare(&want.Manifest, &got.Manifest); list != nil {
					t.Errorf("cut off at %s, then in full: %v", table, list)
				}
			} else if diff := cmp.Diff(want.Manifest, got.Manifest); diff != "" {
				t.Errorf("cut off at %s: %s", table, diff)
			}
		}
	}
}
