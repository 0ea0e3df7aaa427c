package publish_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/pipelines/publish"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

// acts is a made-up run: the fine of each act by its key. Ten acts that follow one
// another are of one enterprise.
type acts map[string]int

func newActs(n int) acts {
	a := acts{}
	for i := range n {
		a[act(i)] = i
	}
	return a
}

func act(n int) string { return fmt.Sprintf("A%07d", n) }

func (a acts) source(_ context.Context, yield func(publish.Record) error) error {
	for _, key := range slices.Sorted(maps.Keys(a)) {
		record := publish.Record{Table: "acts", Key: key, Subject: "S" + key[:len(key)-1], Payload: fmt.Appendf(nil, `{"fine":%d}`, a[key])}
		if a[key] < 0 {
			record.HeldBack = "fine: below nothing"
		}
		if err := yield(record); err != nil {
			return err
		}
	}
	return nil
}

// delivery is a run that is delivered to a receiver in memory.
type delivery struct {
	t     *testing.T
	place string
	store *ops.Store
	there *memory
	clock *clock
	acts  acts
}

func newDelivery(t *testing.T, n int) *delivery {
	place := opstest.SQLite(t)
	return &delivery{t, place, opstest.Open(t, place), newMemory(), &clock{at: noon}, newActs(n)}
}

func (d *delivery) publisher() *publish.Publisher {
	d.t.Helper()
	p, err := publish.New(publish.Config{
		Store: d.store, Receiver: "city", Transport: d.there, Tables: []string{"acts"}, Owner: "test",
		BatchSize: 50, MaxAttempts: 2, Now: d.clock.now, Sleep: d.clock.sleep,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

func (d *delivery) publish() publish.Summary {
	d.t.Helper()
	sum, err := d.publisher().Publish(d.t.Context(), april, d.acts.source)
	if err != nil {
		d.t.Fatal(err)
	}
	return sum
}

func (d *delivery) reconcile() publish.Report {
	d.t.Helper()
	report, err := d.publisher().Reconcile(d.t.Context(), april, d.acts.source)
	if err != nil {
		d.t.Fatal(err)
	}
	return report
}

// adopt believes the receiver.
func (d *delivery) adopt() {
	d.t.Helper()
	if _, err := d.publisher().Adopt(d.t.Context(), april, d.acts.source); err != nil {
		d.t.Fatal(err)
	}
}

// The mends, as the break list words them.
var mends = map[string]func(*delivery){
	"publish":             func(d *delivery) { d.publish() },
	"adopt, then publish": func(d *delivery) { d.adopt(); d.publish() },
	"adopt":               (*delivery).adopt,
	"the receiver puts it right": func(d *delivery) {
		d.there.doubled = ""
	},
	"retry, then publish": func(d *delivery) {
		d.decide(ops.LetterRetry)
		d.publish()
	},
	"the receiver answers": func(d *delivery) {
		d.there.answers = nil
		d.clock.at = d.clock.at.Add(25 * time.Hour)
		d.publish()
	},
}

// Whatever goes wrong is named with its key and cause, and once it is mended as
// its cause says, all is equal.
func TestWhatWentWrongIsNamedAndMended(t *testing.T) {
	for name, c := range map[string]struct {
		wrong func(*delivery)
		want  map[string]publish.Cause
		mend  string
	}{
		"one altered": {func(d *delivery) { d.there.tables["acts"][act(77)] = strings.Repeat("0", 64) },
			map[string]publish.Cause{act(77): publish.ContentDiffers}, "adopt, then publish"},
		"one lost": {func(d *delivery) { delete(d.there.tables["acts"], act(8)) },
			map[string]publish.Cause{act(8): publish.MissingThere}, "adopt, then publish"},
		"one that was never sent": {func(d *delivery) { d.there.tables["acts"]["Z"] = strings.Repeat("1", 64) },
			map[string]publish.Cause{"Z": publish.ExtraThere}, "adopt, then publish"},
		"one that was withdrawn": {func(d *delivery) {
			was := d.there.tables["acts"][act(9)]
			delete(d.acts, act(9))
			d.publish()
			d.there.tables["acts"][act(9)] = was
		}, map[string]publish.Cause{act(9): publish.ExtraThere}, "adopt, then publish"},
		"two swapped": {func(d *delivery) {
			there := d.there.tables["acts"]
			there[act(1)], there[act(2)] = there[act(2)], there[act(1)]
		}, map[string]publish.Cause{act(1): publish.ContentDiffers, act(2): publish.ContentDiffers}, "adopt, then publish"},
		"one doubled": {func(d *delivery) { d.there.doubled = act(5) },
			map[string]publish.Cause{act(5): publish.DoubledThere}, "the receiver puts it right"},
		"news": {func(d *delivery) { d.acts[act(3)]++; delete(d.acts, act(4)); d.acts["B"] = 1 },
			map[string]publish.Cause{act(3): publish.NotYetSent, act(4): publish.NotYetSent, "B": publish.NotYetSent}, "publish"},
		"a lost receipt": {func(d *delivery) {
			d.there.answers = func(publish.Message) publish.Answer {
				return publish.Answer{Outcome: publish.TimedOut, Err: errors.New("no answer")}
			}
			d.acts[act(3)]++
			if _, err := d.publisher().Publish(d.t.Context(), april, d.acts.source); !errors.Is(err, publish.ErrTemporary) {
				d.t.Fatalf("got %v, want ErrTemporary", err)
			}
			d.there.answers = nil
			d.clock.at = d.clock.at.Add(time.Minute)
		}, map[string]publish.Cause{act(3): publish.ReceiptMissing}, "publish"},
		"no receipt yet": {func(d *delivery) {
			d.there.answers = func(publish.Message) publish.Answer { return publish.Answer{Outcome: publish.Handed} }
			d.acts[act(3)]++
			d.publish()
		}, map[string]publish.Cause{act(3): publish.HandedOver}, "the receiver answers"},
		"accepted, and refused when processed": {func(d *delivery) {
			was := d.there.tables["acts"][act(3)]
			d.there.answers = func(publish.Message) publish.Answer {
				return publish.Answer{Outcome: publish.Accepted, ReceiptID: "R", Receipt: []byte("R")}
			}
			d.acts[act(3)]++
			d.publish()
			d.there.answers, d.there.tables["acts"][act(3)] = nil, was
			d.there.said = []publish.Notice{{Number: d.there.sent.Number, Outcome: publish.Processed, ReceiptID: "V", Receipt: []byte("V"),
				Rejected: []publish.Rejection{{Key: act(3), Code: "FINE", Message: "too much"}}}}
			d.publish()
		}, map[string]publish.Cause{act(3): publish.RejectedLater}, "retry, then publish"},
		"refused, and left so": {func(d *delivery) {
			d.refuse(act(3))
			d.decide(ops.LetterSkipped)
		}, map[string]publish.Cause{act(3): publish.Skipped}, "retry, then publish"},
		"refused": {func(d *delivery) { d.refuse(act(3)) }, map[string]publish.Cause{act(3): publish.DeadLetter}, "retry, then publish"},
		"an older copy of the store": {func(d *delivery) {
			older := d.restorable()
			d.acts[act(3)]++
			delete(d.acts, act(4))
			d.acts["B"] = 1
			d.publish()
			older()
		}, map[string]publish.Cause{act(3): publish.Unrecorded, act(4): publish.Unrecorded, "B": publish.Unrecorded}, "adopt"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDelivery(t, 300)
			d.publish()
			if report := d.reconcile(); !report.Equal || report.Differ != 0 {
				t.Fatalf("before anything went wrong: %+v", report)
			}
			c.wrong(d)
			report := d.reconcile()
			got := map[string]publish.Cause{}
			for _, b := range report.Breaks {
				got[b.Key] = b.Cause
				if b.Mend == "" || b.MendEnglish == "" || strings.Contains(b.Mend+b.MendEnglish, "{") || b.Since.IsZero() {
					t.Errorf("no mend: %+v", b)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" || report.Equal || report.Differ != len(c.want) {
				t.Fatalf("%s\n%+v", diff, report)
			}
			mends[c.mend](d)
			if report := d.reconcile(); !report.Equal || report.Differ != 0 {
				t.Errorf("after the mend: %+v", report)
			}
		})
	}
}

// refuse has the receiver refuse the news of one record.
func (d *delivery) refuse(key string) {
	d.t.Helper()
	was := d.there.tables["acts"][key]
	d.there.answers = func(publish.Message) publish.Answer {
		return publish.Answer{Outcome: publish.Processed, ReceiptID: "R", Receipt: []byte("R"), Rejected: []publish.Rejection{{Key: key, Code: "FINE", Message: "too much"}}}
	}
	d.acts[key]++
	d.publish()
	d.there.answers, d.there.tables["acts"][key] = nil, was
}

// decide what is to become of the dead letters.
func (d *delivery) decide(status ops.LetterStatus) {
	d.t.Helper()
	n, err := d.store.Decide(d.t.Context(), ops.LetterFilter{Receiver: "city"}, status, ops.Entry{At: d.clock.at, Actor: "tester", Action: "decide", Purpose: "test"})
	if err != nil || n != 1 {
		d.t.Fatalf("%d decided, %v", n, err)
	}
}

// restorable keeps a copy of the store and returns how to go back to it.
func (d *delivery) restorable() (back func()) {
	d.t.Helper()
	if err := d.store.Close(); err != nil {
		d.t.Fatal(err)
	}
	kept, err := os.ReadFile(d.place)
	if err != nil {
		d.t.Fatal(err)
	}
	d.store = opstest.Open(d.t, d.place)
	return func() {
		if err := d.store.Close(); err != nil {
			d.t.Fatal(err)
		}
		if err := os.WriteFile(d.place, kept, 0o600); err != nil {
			d.t.Fatal(err)
		}
		d.store = opstest.Open(d.t, d.place)
	}
}

// One altered record is found by a few questions about ranges and a page or two,
// however many there are.
func TestOneAlteredRecordIsFoundByRanges(t *testing.T) {
	d := newDelivery(t, 20_000)
	d.publish()
	d.there.tables["acts"][act(12_345)] = strings.Repeat("0", 64)
	report := d.reconcile()
	if len(report.Breaks) != 1 || report.Breaks[0].Key != act(12_345) || report.Breaks[0].Cause != publish.ContentDiffers {
		t.Fatalf("%+v", report)
	}
	if d.there.pages > 2 || d.there.ranges > 2*6 {
		t.Errorf("%d pages and %d ranges were asked for", d.there.pages, d.there.ranges)
	}
}

// What a receiver does not tell is judged by its answers, and said so.
func TestAReceiverThatCannotBeAsked(t *testing.T) {
	d := newDelivery(t, 100)
	d.there.silent = true
	d.publish()
	if report := d.reconcile(); !report.Equal || !report.Tables[0].ByFeedback || report.Tables[0].Received.Count != 100 {
		t.Errorf("%+v", report)
	}
	d.there.answers = func(m publish.Message) publish.Answer {
		return publish.Answer{Outcome: publish.Accepted, ReceiptID: "R" + m.Number, Receipt: []byte(m.Number)}
	}
	d.acts[act(1)]++
	d.publish()
	report := d.reconcile()
	if len(report.Breaks) != 1 || report.Breaks[0].Cause != publish.NotProcessed || report.Breaks[0].Overdue || report.Pending != 1 {
		t.Errorf("%+v", report)
	}
	d.clock.at = d.clock.at.Add(25 * time.Hour)
	if report = d.reconcile(); len(report.Breaks) != 1 || !report.Breaks[0].Overdue || report.Pending != 0 {
		t.Errorf("a day later: %+v", report)
	}
}

// What is held back stays as the receiver has it, and is no difference.
func TestWhatIsHeldBackIsNoDifference(t *testing.T) {
	d := newDelivery(t, 10)
	d.publish()
	d.acts[act(1)], d.acts["B"] = -1, -1
	if report := d.reconcile(); !report.Equal || report.Tables[0].Published.Count != 10 || report.Tables[0].HeldBack != 2 {
		t.Errorf("%+v", report)
	}
}

// Each reconciliation is kept as a figure; a break is known since it was found.
func TestReconciliationsAreKept(t *testing.T) {
	d := newDelivery(t, 10)
	d.publish()
	d.reconcile()
	delete(d.there.tables["acts"], act(3))
	d.clock.at = noon.Add(time.Hour)
	d.reconcile()
	d.clock.at = noon.Add(2 * time.Hour)
	if report := d.reconcile(); len(report.Breaks) != 1 || !report.Breaks[0].Since.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v", report.Breaks)
	}
	kept, err := d.store.Reconciliations(t.Context(), "city", 10)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, r := range kept {
		told = append(told, fmt.Sprintf("%s %t %d/%d/%d %d %v", r.At.Format("15:04"), r.ByKey, r.Published.Count, r.Acknowledged.Count, r.Received.Count, r.Differ, r.Causes))
	}
	want := []string{"14:00 true 10/10/9 1 map[missing_there:1]", "13:00 true 10/10/9 1 map[missing_there:1]",
		"12:00 true 10/10/10 0 map[]", "12:00 false 10/10/10 0 map[]"}
	want = want[:3] // the totals of the publication bear the moment of the first reconciliation
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

// How long it took until a receiver no longer held what counts no more.
func TestRemovalsAreMeasured(t *testing.T) {
	d := newDelivery(t, 20)
	d.clock.at = time.Date(2026, 4, 1, 2, 0, 0, 0, time.UTC) // Wednesday, ten in the morning in China
	d.publish()
	gone := func(days int, keys ...int) {
		d.clock.at = time.Date(2026, 4, 1+days, 2, 0, 0, 0, time.UTC)
		for _, n := range keys {
			delete(d.acts, act(n))
		}
		d.publish()
	}
	gone(1, 1, 5) // Thursday; 5 did not stop, it left for another reason
	gone(2, 2)
	gone(7, 3) // Wednesday after the Qingming holiday of 4 to 6 April
	stopped := map[int]string{0: "2026-04-07", 1: "2026-04-01", 2: "2026-04-01", 3: "2026-04-03", 5: "2026-05-01", 99: "2026-04-01"}
	stops := func(_ context.Context, yield func(publish.Stop) error) error {
		for _, n := range slices.Sorted(maps.Keys(stopped)) {
			since, err := credit.ParseDate(stopped[n])
			if err != nil {
				return err
			}
			if err := yield(publish.Stop{Key: act(n), Since: since}); err != nil {
				return err
			}
		}
		return nil
	}
	got, err := d.publisher().Removals(t.Context(), stops)
	if err != nil {
		t.Fatal(err)
	}
	waits := credit.NewDate(2026, 4, 7)
	want := &publish.Removals{Promise: "one working day", Removed: 3, Waiting: 1, Late: 2, Oldest: &waits, Median: 58, Longest: 58}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	stopped[0] = "2035-01-01"
	if got, err = d.publisher().Removals(t.Context(), stops); err != nil || got.Unknown == "" {
		t.Errorf("a year without a calendar: %+v %v", got, err)
	}
}
