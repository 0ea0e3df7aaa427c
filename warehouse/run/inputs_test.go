package run_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// copied shows a given table as a table of the run.
func copied(name, from, columns, grain string) model.Model {
	m := sql(name, "select "+columns+" from "+from, strings.Split(grain, ", ")...)
	m.Inputs = []string{from}
	return m
}

var (
	seenFines = copied("seen.fines", "landing.court__fines", "*", "batch_no, line")
	seenFirms = copied("seen.firms", "landing.samr__firms", "*", "batch_no, line")
	seenAll   = copied("seen.records", "landing.records", "*", "dataset, batch_no, line")
)

// Every batch of a delta is current; of a snapshot only the last. A batch is
// known from the day, in China, on which it came.
func TestCurrency(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.land(fines, "d1", "2026-06-01T08:00:00+08:00", "'S1', 10")
	h.land(fines, "d2", "2026-06-02T08:00:00+08:00", "'S1', 11")
	h.land(firms, "s1", "2026-06-01T08:00:00+08:00", "'S1', '甲'", "'S2', '乙'")
	h.land(firms, "s2", "2026-06-30T23:59:59+08:00", "'S1', '甲'")
	h.land(firms, "s3", "2026-06-30T16:00:00Z", "'S9', '次日'") // midnight in China

	r := h.build(h.plan(day, seenFines, seenFirms, seenAll))
	if diff := cmp.Diff([]string{"S1 10 2026-06-01 1 true", "S1 11 2026-06-02 2 true"},
		h.rows(r, "seen.fines", "subject_id, amount, known_on, batch_no, is_current")); diff != "" {
		t.Errorf("delta: %s", diff)
	}
	if diff := cmp.Diff([]string{"S1 2026-06-01 1 false", "S2 2026-06-01 1 false", "S1 2026-06-30 2 true"},
		h.rows(r, "seen.firms", "subject_id, known_on, batch_no, is_current")); diff != "" {
		t.Errorf("snapshot: %s", diff)
	}
	if diff := cmp.Diff([]string{"court/fines S1  true", "court/fines S1  true", "samr/firms S1 甲 false", "samr/firms S2 乙 false", "samr/firms S1 甲 true"},
		h.rows(r, "seen.records", "dataset, subject_id, subject_name, is_current")); diff != "" {
		t.Errorf("records of all datasets: %s", diff)
	}
	batches := "dataset, batch_id, batch_no, known_on, is_current, rows_read, rows_accepted, rows_rejected"
	if diff := cmp.Diff([]string{"court/fines d1 1 2026-06-01 true 2 1 1", "court/fines d2 2 2026-06-02 true 2 1 1",
		"samr/firms s1 1 2026-06-01 false 3 2 1", "samr/firms s2 2 2026-06-30 true 2 1 1"}, h.rows(r, "run.batches", batches)); diff != "" {
		t.Errorf("batches: %s", diff)
	}

	later := h.build(h.plan(day.AddDays(1), seenFirms))
	if diff := cmp.Diff([]string{"S1 false", "S2 false", "S1 false", "S9 true"}, h.rows(later, "seen.firms", "subject_id, is_current")); diff != "" {
		t.Errorf("the day after: %s", diff)
	}
}

// A dataset with a deadline tells from which day to which; without a column that
// ends it, that is the day of receipt.
func TestClockDays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	own := append(append([]landing.Column{}, common...), landing.Column{Name: "document_no", Type: "VARCHAR"},
		landing.Column{Name: "decided_on", Type: "DATE"}, landing.Column{Name: "sent_on", Type: "DATE"})
	sent := landing.Dataset{Name: "court/sent", Delivery: landing.Delta, Columns: own, ClockFrom: "decided_on", ClockTo: "sent_on"}
	received := landing.Dataset{Name: "court/received", Delivery: landing.Delta, Columns: own, ClockFrom: "decided_on"}
	for _, d := range []landing.Dataset{sent, received} {
		h.land(d, "b-"+d.Table(), "2026-06-20T08:00:00+08:00", "'W1', '2026-06-01', '2026-06-09'")
	}
	plan := h.plan(day, seenAll)
	plan.Datasets = []landing.Dataset{sent, received, firms}
	if diff := cmp.Diff([]string{"court/received W1 2026-06-01 2026-06-20", "court/sent W1 2026-06-01 2026-06-09"},
		h.rows(h.build(plan), "seen.records", "dataset, document_no, clock_from_on, clock_to_on")); diff != "" {
		t.Error(diff)
	}
}

// Known leaves the order as it is and drops what came after the day.
func TestKnown(t *testing.T) {
	h := newHouse(t)
	h.land(firms, "s1", "2026-06-30T23:59:59+08:00", "'S1', '甲'")
	h.land(firms, "s2", "2026-07-01T00:00:00+08:00", "'S1', '甲'")
	h.land(fines, "d1", "2026-06-01T08:00:00+08:00", "'S1', 10")
	all, err := landing.List(h.home)
	h.must(err)
	for asOf, want := range map[credit.Date][]string{
		credit.NewDate(2026, 5, 31): nil, day: {"d1", "s1"}, day.AddDays(1): {"d1", "s1", "s2"},
	} {
		var got []string
		for _, b := range run.Known(all, asOf) {
			got = append(got, b.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("on %s: %s", asOf, diff)
		}
	}
}

// What a replay let in is as new as its parent, known from the day of the
// replay, no longer among the rejects, and counted once.
func TestReplay(t *testing.T) {
	h := newHouse(t)
	h.land(firms, "old", "2026-05-01T08:00:00+08:00", "'S1', '甲'")
	h.land(firms, "new", "2026-06-01T08:00:00+08:00", "'S1', '乙'")
	h.replay(firms, "old-again", "old", "2026-06-20T08:00:00+08:00", "'S2', '丙'")
	h.replay(firms, "new-again", "new", "2026-06-15T08:00:00+08:00", "'S3', '丁'")
	h.replay(firms, "too-late", "new", "2026-07-01T08:00:00+08:00", "'S4', '戊'")
	everything := func(name, table, columns string) model.Model { return copied(name, table, columns, "all") }
	plan := h.plan(day,
		everything("seen.firms", "landing.samr__firms", "record_id, batch_no, is_current, known_on"),
		everything("seen.rejects", "landing.rejects", "batch_id, line"),
		everything("seen.open", "rejects.samr__firms", "batch_id, line"),
		everything("seen.replayed", "landing.replayed_rejects", "batch_id, line, replayed_on"),
		everything("seen.batches", "run.batches", "batch_id, parent_batch_id, rows_read, rows_accepted, rows_rejected"))
	r := h.build(plan)
	for table, want := range map[string][]string{
		"seen.firms":    {"S1 1 false 2026-05-01", "S1 2 true 2026-06-01", "S2 1 false 2026-06-20", "S3 2 true 2026-06-15"},
		"seen.rejects":  {},
		"seen.open":     {},
		"seen.replayed": {"new 99 2026-06-15", "old 99 2026-06-20"},
		"seen.batches":  {"new  2 1 1", "new-again new 0 1 -1", "old  2 1 1", "old-again old 0 1 -1"},
	} {
		if diff := cmp.Diff(want, append([]string{}, h.rows(r, table, "*")...)); diff != "" {
			t.Errorf("%s: %s", table, diff)
		}
	}
	// Before any replay the rows are refused still.
	before := h.build(h.plan(credit.NewDate(2026, 6, 10), everything("seen.rejects", "landing.rejects", "batch_id, line")))
	if diff := cmp.Diff([]string{"new 99", "old 99"}, h.rows(before, "seen.rejects", "*")); diff != "" {
		t.Error(diff)
	}
}

// A preview shows what a run would make of what has landed, and leaves nothing.
func TestPreview(t *testing.T) {
	h := newHouse(t)
	h.land(fines, "d1", "2026-06-01T08:00:00+08:00", "'S1', 10", "'S2', 20")
	large := sql("marts.large", "select subject_id from staging.large where amount > (select min(amount) from staging.large)", "subject_id")
	large.Inputs = []string{"staging.large"}
	staged := sql("staging.large", "select subject_id, amount from landing.court__fines", "subject_id")
	staged.Inputs = []string{"landing.court__fines"}
	db, err := run.Preview(ctx, h.config(), h.plan(day, sql("marts.broken", "select nothing", "nothing"), large, staged), "marts.large")
	h.must(err)
	defer db.Close()
	if diff := cmp.Diff([]string{"S2"}, h.lines(db, "select * from marts.large")); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(run.Dir(h.home)); !os.IsNotExist(err) {
		t.Errorf("a preview left a run: %v", err)
	}
}

// A batch from after the day is not seen even where the plan holds it, and its
// file is not touched.
func TestLaterBatchIsNotSeen(t *testing.T) {
	h := newHouse(t)
	h.land(fines, "d1", "2026-06-01T08:00:00+08:00", "'S1', 10")
	h.land(fines, "d2", "2026-07-01T08:00:00+08:00", "'S1', 99")
	h.damage(filepath.Join(landing.Dir(h.home, "court/fines", "d2"), landing.RecordsName))
	plan := h.plan(day, seenFines)
	var err error
	plan.Batches, err = landing.List(h.home)
	h.must(err)
	r := h.build(plan)
	if diff := cmp.Diff([]string{"10"}, h.rows(r, "seen.fines", "amount")); diff != "" {
		t.Error(diff)
	}
	if len(r.Manifest.Batches) != 1 {
		t.Errorf("the manifest names %+v", r.Manifest.Batches)
	}
}

// A dataset that never came is an empty table with its columns; so is every
// table of a home where nothing has landed.
func TestMissingDataset(t *testing.T) {
	h := newHouse(t)
	rejects := copied("seen.rejects", "landing.rejects", "*", "dataset, line")
	r := h.build(h.plan(day, seenFines, seenAll, rejects))
	for table, columns := range map[string]int{"seen.fines": len(fines.Columns) + 3, "seen.records": 17, "seen.rejects": len(landing.RejectColumns())} {
		entry, ok := r.Manifest.Table(table)
		if !ok || entry.Rows != 0 || len(entry.Columns) != columns {
			t.Errorf("%s: %d rows, columns %v; want none and %d columns", table, entry.Rows, entry.Columns, columns)
		}
	}
	h.land(firms, "s1", "2026-06-01T08:00:00+08:00", "'S1', '甲'")
	r = h.build(h.plan(day, seenFines, seenAll, rejects))
	if diff := cmp.Diff([]string{"samr/firms s1 99"}, h.rows(r, "seen.rejects", "dataset, batch_id, line")); diff != "" {
		t.Error(diff)
	}
	if got := h.rows(r, "seen.fines", "*"); got != nil {
		t.Errorf("fines came from nowhere: %v", got)
	}
}

// A column the contract got later is NULL in the batches from before, and one
// it gave up is not shown.
func TestColumnAddedLater(t *testing.T) {
	h := newHouse(t)
	h.land(fines, "d1", "2026-06-01T08:00:00+08:00", "'S1', 10")
	wider := fines
	wider.Columns = append(append([]landing.Column{}, fines.Columns[:5]...), landing.Column{Name: "paid_on", Type: "DATE"})
	h.land(wider, "d2", "2026-06-02T08:00:00+08:00", "'S2', date '2026-05-05'")
	plan := h.plan(day, seenFines)
	plan.Datasets[0] = wider
	r := h.build(plan)
	entry, _ := r.Manifest.Table("seen.fines")
	want := append(append([]landing.Column{}, wider.Columns...), landing.Column{Name: "known_on", Type: "DATE"},
		landing.Column{Name: "batch_no", Type: "BIGINT"}, landing.Column{Name: "is_current", Type: "BOOLEAN"})
	if diff := cmp.Diff(want, entry.Columns); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"S1 ", "S2 2026-05-05"}, h.rows(r, "seen.fines", "subject_id, paid_on")); diff != "" {
		t.Error(diff)
	}
}

// Rejects of batches from before whose row it was was kept do not tell it; both
// kinds are read as one table.
func TestRejectsOfOldBatches(t *testing.T) {
	h := newHouse(t)
	h.land(fines, "d1", "2026-06-01T08:00:00+08:00", "'S1', 10")
	seen := copied("seen.rejects", "landing.rejects", "*", "batch_id")
	if diff := cmp.Diff([]string{"d1 99   "}, h.rows(h.build(h.plan(day, seen)), "seen.rejects", "batch_id, line, record_id, subject_id, subject_name")); diff != "" {
		t.Error(diff)
	}
	h.rejectMore = ", 'R2' as record_id, 'S2' as subject_id, '乙' as subject_name"
	h.land(fines, "d2", "2026-06-02T08:00:00+08:00", "'S1', 11")
	r := h.build(h.plan(day, seen))
	if diff := cmp.Diff([]string{"d1 99   ", "d2 99 R2 S2 乙"}, h.rows(r, "seen.rejects", "batch_id, line, record_id, subject_id, subject_name")); diff != "" {
		t.Error(diff)
	}
	entry, _ := r.Manifest.Table("seen.rejects")
	if diff := cmp.Diff(landing.RejectColumns(), entry.Columns); diff != "" {
		t.Error(diff)
	}
}

// A landed file that is not the one that was landed stops the run, and the
// batch is named.
func TestAlteredBatchStopsTheRun(t *testing.T) {
	t.Parallel()
	for _, name := range []string{landing.RecordsName, landing.RejectsName} {
		for harm, do := range map[string]func(h house, file string){
			"altered": house.damage,
			"removed": func(h house, file string) { h.must(os.Remove(file)) },
		} {
			t.Run(name+" "+harm, func(t *testing.T) {
				h := newHouse(t)
				h.land(fines, "d1", "2026-06-01T08:00:00+08:00", "'S1', 10")
				h.land(fines, "d2", "2026-06-02T08:00:00+08:00", "'S1', 11")
				do(h, filepath.Join(landing.Dir(h.home, "court/fines", "d2"), name))
				plan := h.plan(day, seenFines)
				_, err := run.Build(ctx, h.config(), plan, model.List)
				if err == nil || !strings.Contains(err.Error(), "court/fines batch d2: ") || !strings.Contains(err.Error(), name) {
					t.Errorf("got %v, want batch d2 and %s named", err, name)
				}
				if harm == "altered" && !errors.Is(err, store.ErrDigest) {
					t.Errorf("got %v, want ErrDigest", err)
				}
				if _, err := run.Open(h.home, plan.ID()); !errors.Is(err, run.ErrNoRun) {
					t.Errorf("the run opens: %v", err)
				}
			})
		}
	}
}

// The list of the run before is what a list is compared with; who had left it
// by then is not on it, and an altered one stops the run.
func TestPreviousList(t *testing.T) {
	h := newHouse(t)
	list := sql("lists.supervision", `select * from (values ('局', 'tax', 'S1', '甲', '350102', cast(2 as bigint), 'new'),
		('局', 'tax', 'S2', '乙', '350102', null, 'left')) as t (department, scheme, subject_id, subject_name, division_code, supervision_class, change)`,
		"subject_id")
	seen := copied("seen.previous", "run.previous_list", "*", "subject_id")
	first := h.build(h.plan(day.AddDays(-1), list, seen))
	if got := h.rows(first, "seen.previous", "*"); got != nil {
		t.Errorf("the first run has a list before it: %v", got)
	}
	plan := h.plan(day, seen)
	plan.Previous = first
	second := h.build(plan)
	if diff := cmp.Diff([]string{"局 tax S1 甲 350102 2"}, h.rows(second, "seen.previous", "*")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{first.ID}, h.rows(second, "run.parameters", "previous_run_id")); diff != "" {
		t.Error(diff)
	}
	third := h.plan(day.AddDays(1), seen)
	third.Previous = second // which made no list
	if got := h.rows(h.build(third), "seen.previous", "*"); got != nil {
		t.Errorf("a run without a list gave one: %v", got)
	}
	h.damage(run.TablePath(first.Dir, "lists.supervision"))
	plan.RuleSet = "2026-04-01-11111111"
	if _, err := run.Build(ctx, h.config(), plan, model.List); !errors.Is(err, store.ErrDigest) || !strings.Contains(err.Error(), "previous run "+first.ID) {
		t.Errorf("got %v, want the altered list of the previous run named", err)
	}
}
