package run_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

const people = `select * from (values ('S2', 'b', 20), ('S1', 'a', 10), ('S1', 'c', null)) as t (subject_id, record_id, amount)`

// Each kind of check, held and broken: broken with fail stops the run and
// leaves nothing finished, broken with warn is told in the manifest.
func TestChecks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		held, broken model.Check
		detail       string // what the broken one says
	}{
		{"unique", model.Check{Unique: []string{"subject_id", "record_id"}}, model.Check{Unique: []string{"subject_id"}}, "1 found, such as S1"},
		{"not null", model.Check{NotNull: []string{"subject_id", "record_id"}}, model.Check{NotNull: []string{"subject_id", "amount"}}, "1 found, such as NULL in a row of marts.people"},
		{"accepted", model.Check{Accepted: &model.Accepted{Column: "amount", Values: []string{"10", "20"}}},
			model.Check{Accepted: &model.Accepted{Column: "record_id", Values: []string{"a", "b", "it's"}}}, "1 found, such as c"},
		{"refers", model.Check{Refers: &model.Reference{Column: "subject_id", To: "staging.known"}},
			model.Check{Refers: &model.Reference{Column: "record_id", To: "staging.known"}}, "2 found, such as b"},
		{"no rows", model.Check{NoRows: "select 1 from marts.people where amount < 0"},
			model.Check{NoRows: "select subject_id from marts.people where amount > 15"}, "1 found, such as {'subject_id': S2}"},
		{"min rows", model.Check{MinRows: 3}, model.Check{MinRows: 4}, "3 rows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			published := h.build(h.plan(day.AddDays(-1), chain()...))
			h.must(run.Publish(h.home, published))
			plan := func(severity string, checks ...model.Check) run.Plan {
				known := sql("staging.known", "select 'S1' as subject_id, 'a' as record_id union all select 'S2', null", "subject_id")
				m := sql("marts.people", people, "record_id")
				m.Inputs = []string{"staging.known"}
				for _, c := range checks {
					c.Severity = severity
					m.Checks = append(m.Checks, c)
				}
				return h.plan(day, known, m)
			}

			_, err := run.Build(ctx, h.config(), plan("fail", tt.held, tt.broken), model.List)
			if !errors.Is(err, run.ErrCheck) {
				t.Fatalf("broken, fail: got %v, want ErrCheck", err)
			}
			for _, want := range []string{"marts.people", tt.broken.String(), tt.detail} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("broken, fail: got %v, want it to say %q", err, want)
				}
			}
			if strings.Count(err.Error(), run.ErrCheck.Error()) != 1 {
				t.Errorf("broken, fail: got %v, want the held check left out", err)
			}
			if _, err := run.Open(h.home, plan("fail", tt.held, tt.broken).ID()); !errors.Is(err, run.ErrNoRun) {
				t.Errorf("broken, fail: the run opens: %v", err)
			}
			if current, err := run.Open(h.home, ""); err != nil || current.ID != published.ID {
				t.Errorf("broken, fail: CURRENT moved: %v, %v", current, err)
			}

			r := h.build(plan("warn", tt.held, tt.broken))
			var got []run.CheckEntry
			for _, c := range r.Manifest.Checks {
				if c.Severity == "warn" {
					got = append(got, c)
				}
			}
			want := []run.CheckEntry{
				{Table: "marts.people", Check: tt.held.String(), Severity: "warn", OK: true},
				{Table: "marts.people", Check: tt.broken.String(), Severity: "warn", Detail: tt.detail},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("warn: %s", diff)
			}
		})
	}
}

// The grain is checked without being asked for, and all broken checks of a
// table are told at once.
func TestGrainIsChecked(t *testing.T) {
	h := newHouse(t)
	m := sql("marts.people", people, "subject_id")
	m.Checks = []model.Check{{Severity: "fail", MinRows: 9}, {Severity: "fail", NotNull: []string{"amount"}}}
	_, err := run.Build(ctx, h.config(), h.plan(day, m), model.List)
	for _, want := range []string{"unique subject_id", "S1", "at least 9 rows", "not null amount"} {
		if !errors.Is(err, run.ErrCheck) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want ErrCheck naming %q", err, want)
		}
	}
}

// A failed check does not count as done: the next try checks again, and says
// the same.
func TestFailedCheckStaysFailed(t *testing.T) {
	h := newHouse(t)
	m := sql("marts.people", people, "record_id")
	m.Checks = []model.Check{{Severity: "fail", MinRows: 9}}
	for range 2 {
		if _, err := run.Build(ctx, h.config(), h.plan(day, m), model.List); !errors.Is(err, run.ErrCheck) {
			t.Errorf("got %v, want ErrCheck", err)
		}
	}
	if _, err := run.Open(h.home, ""); !errors.Is(err, run.ErrNoRun) {
		t.Errorf("something was published: %v", err)
	}
}

// rows_changed compares with the run before; without one there is nothing to
// compare.
func TestRowsChanged(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, limit string
		before, now string
		want        string // "" holds
	}{
		{"at the limit", "20%", "range(100)", "range(120)", ""},
		{"over it", "20%", "range(100)", "range(121)", "121 rows, 100 in run"},
		{"below it", "20%", "range(100)", "range(79)", "79 rows, 100 in run"},
		{"down to nothing", "20%", "range(100)", "range(0)", "0 rows, 100 in run"},
		{"from nothing", "20%", "range(0)", "range(100)", ""},
		{"any change", "0%", "range(100)", "range(101)", "101 rows, 100 in run"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			table := func(rows string) model.Model {
				m := sql("marts.n", "select range as n from "+rows, "n")
				m.Checks = []model.Check{{Severity: "fail", RowsChanged: tt.limit}}
				return m
			}
			before := h.build(h.plan(day.AddDays(-1), table(tt.before)))
			plan := h.plan(day, table(tt.now))
			plan.Previous = before
			r, err := run.Build(ctx, h.config(), plan, model.List)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want == "" && r.Manifest.Previous != before.ID:
				t.Errorf("previous is %q", r.Manifest.Previous)
			case tt.want != "" && (!errors.Is(err, run.ErrCheck) || !strings.Contains(err.Error(), tt.want+" "+before.ID)):
				t.Errorf("got %v, want ErrCheck with %q", err, tt.want)
			}
		})
	}
}

// A share that cannot be read is an error of the model, not a check that holds.
func TestRowsChangedWantsAShare(t *testing.T) {
	h := newHouse(t)
	m := sql("marts.n", "select 1 as n", "n")
	m.Checks = []model.Check{{Severity: "warn", RowsChanged: "20"}}
	_, err := run.Build(ctx, h.config(), h.plan(day, m), model.List)
	if err == nil || errors.Is(err, run.ErrCheck) || !strings.Contains(err.Error(), `"20" is not a share such as 20%`) {
		t.Errorf("got %v", err)
	}
}
