package ops_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

func TestReconciliationsAreKeptAsFound(t *testing.T) { opstest.Each(t, reconciliationsAreKeptAsFound) }

func reconciliationsAreKeptAsFound(t *testing.T, place string) {
	s := opstest.Open(t, place)
	at := time.Date(2026, 4, 1, 4, 0, 0, 0, time.UTC)
	one := ops.Reconciliation{
		Receiver: "city", Table: "penalty_actions", At: at, Run: "r1", AsOf: "2026-04-01", ByKey: true, ByFeedback: true,
		Published: ops.Target{Count: 5, Digest: "a"}, Sent: ops.Target{Count: 4, Digest: "b"}, Acknowledged: ops.Target{Count: 3, Digest: "c"},
		Processed: ops.Target{Count: 2, Digest: "d"}, Received: ops.Target{Count: 1, Digest: "e"}, ReceivedAt: at.Add(-time.Hour),
		Differ: 4, Undecided: 3, Causes: map[string]int{"in_flight": 3, "skipped": 1}, OpenBatches: 2, OldestOpen: at.Add(-2 * time.Hour),
	}
	known := []ops.KnownBreak{{Table: "penalty_actions", Key: "k", Cause: "in_flight", Since: at}}
	other := ops.Reconciliation{Receiver: "province", Table: "tiered_lists", At: at, Run: "r1", AsOf: "2026-04-01", Differ: -1}
	later := one
	later.At, later.ByKey, later.Differ = at.Add(time.Hour), false, -1
	for _, add := range []struct {
		receiver string
		found    ops.Reconciliation
		byKey    bool
		breaks   []ops.KnownBreak
	}{
		{"city", one, true, known},
		{"city", one, true, known}, // the same moment: once
		{"province", other, false, nil},
		{"city", later, false, nil}, // totals leave the keys as they were known
	} {
		if err := s.AddReconciliations(t.Context(), add.receiver, []ops.Reconciliation{add.found}, add.byKey, add.breaks); err != nil {
			t.Fatal(err)
		}
	}
	for receiver, want := range map[string][]ops.Reconciliation{"city": {later, one}, "": {later, one, other}, "nobody": nil} {
		got, err := s.Reconciliations(t.Context(), receiver, 10)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", receiver, err, diff)
		}
	}
	if newest, err := s.Reconciliations(t.Context(), "", 1); err != nil || len(newest) != 1 || newest[0].At != later.At {
		t.Errorf("%+v %v, want the newest", newest, err)
	}
	breaks, err := s.KnownBreaks(t.Context(), "city")
	if diff := cmp.Diff(known, breaks); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if err := s.AddReconciliations(t.Context(), "city", nil, true, nil); err != nil {
		t.Fatal(err)
	}
	if breaks, err := s.KnownBreaks(t.Context(), "city"); err != nil || breaks != nil {
		t.Errorf("%v %v, want none after they were mended", breaks, err)
	}
}

// What a receiver says it holds counts, whatever was acknowledged before.
func TestAReceiverIsBelieved(t *testing.T) { opstest.Each(t, aReceiverIsBelieved) }

func aReceiverIsBelieved(t *testing.T, place string) {
	s, ctx := opstest.Open(t, place), t.Context()
	l := lease(t, s, "one", noon)
	told := []ops.Holding{{Key: "a", Digest: "1"}, {Key: "b", Digest: "2"}, {Key: "c"}}
	for range 2 { // saying it twice says the same
		if err := s.Adopt(ctx, l, "penalty_actions", told, noon); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Adopt(ctx, l, "penalty_actions", []ops.Holding{{Key: "a"}, {Key: "b", Digest: "3"}}, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	want := []ops.Delivery{
		{Key: "a", Operation: ops.Delete, At: noon.Add(time.Hour)},
		{Key: "b", Operation: ops.Insert, Digest: "3", At: noon.Add(time.Hour)},
		{Key: "c", Operation: ops.Delete, At: noon},
	}
	got, err := s.Deliveries(ctx, "city", "penalty_actions", "", 10)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

// What was refused because the receiver had it already is no dead letter any more.
func TestALetterOfWhatIsHeldIsDone(t *testing.T) { opstest.Each(t, aLetterOfWhatIsHeldIsDone) }

func aLetterOfWhatIsHeldIsDone(t *testing.T, place string) {
	s, ctx := openOutbox(t, place), t.Context()
	s.pending(1)
	s.accept("key1", ops.Processed,
		ops.Outcome{Key: "a", Subject: "A", Operation: ops.Insert, Digest: "1", Refused: true, Code: "EXISTS"},
		ops.Outcome{Key: "b", Subject: "B", Operation: ops.Insert, Digest: "2", Refused: true, Code: "EXISTS"})
	if err := s.Adopt(ctx, s.lease, "results", []ops.Holding{{Key: "a", Digest: "1"}, {Key: "b", Digest: "9"}}, noon); err != nil {
		t.Fatal(err)
	}
	letters, err := s.DeadLetters(ctx, ops.LetterFilter{Receiver: "city", Standing: true})
	if err != nil || len(letters) != 1 || letters[0].Key != "b" {
		t.Errorf("%+v %v, want the letter of b alone", letters, err)
	}
}
