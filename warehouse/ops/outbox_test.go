package ops_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

// pending writes n sealed batches of two records each.
func pending(t *testing.T, s *ops.Store, n int) {
	t.Helper()
	for i := range n {
		err := s.AddDraft(t.Context(), ops.Batch{
			Key: fmt.Sprintf("key%d", i+1), Receiver: "city", Run: "r1", Number: fmt.Sprintf("20260401%05d", i+1),
			FirstKey: "a", LastKey: "b", Rows: 2, Digest: "d", Body: []byte("body"), CreatedAt: noon,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SealDrafts(t.Context(), "city"); err != nil {
		t.Fatal(err)
	}
}

func begin(t *testing.T, s *ops.Store, batch string) int64 {
	t.Helper()
	id, err := s.BeginAttempt(t.Context(), batch, noon)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func statuses(t *testing.T, s *ops.Store) (got []ops.Status) {
	t.Helper()
	batches, err := s.Batches(t.Context(), "city")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		got = append(got, b.Status)
	}
	return got
}

func TestDraftsAreSealedOrDropped(t *testing.T) { opstest.Each(t, draftsAreSealedOrDropped) }

func draftsAreSealedOrDropped(t *testing.T, place string) {
	s := opstest.Open(t, place)
	pending(t, s, 2)
	err := s.AddDraft(t.Context(), ops.Batch{Key: "k", Receiver: "city", Number: "2026040100003", Body: []byte("x"), CreatedAt: noon})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.Serial(t.Context(), "city", "20260401"); n != 3 || err != nil {
		t.Errorf("serial %d %v, want 3", n, err)
	}
	if err := s.DropDrafts(t.Context(), "city"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]ops.Status{ops.Pending, ops.Pending}, statuses(t, s)); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct {
		receiver, day string
		want          int
	}{{"city", "20260401", 2}, {"city", "20260402", 0}, {"other", "20260401", 0}} {
		if n, err := s.Serial(t.Context(), c.receiver, c.day); n != c.want || err != nil {
			t.Errorf("serial of %s %s: %d %v, want %d", c.receiver, c.day, n, err, c.want)
		}
	}
}

func TestBatchLifeCycle(t *testing.T) { opstest.Each(t, batchLifeCycle) }

func batchLifeCycle(t *testing.T, place string) {
	s := opstest.Open(t, place)
	ctx := t.Context()
	pending(t, s, 2)

	first := begin(t, s, "key1") // the sender dies here
	second := begin(t, s, "key1")
	later := noon.Add(time.Minute)
	if err := s.Postpone(ctx, ops.Attempt{ID: second, Batch: "key1", Outcome: "timeout", Duration: 1500 * time.Millisecond, Error: "slow"}, later); err != nil {
		t.Fatal(err)
	}
	next, ok, err := s.NextOpen(ctx, "city")
	want := ops.Batch{
		Key: "key1", Receiver: "city", Run: "r1", Number: "2026040100001", FirstKey: "a", LastKey: "b", Rows: 2, Digest: "d",
		Body: []byte("body"), Status: ops.Sent, Attempts: 2, NotBefore: later, LastError: "slow", CreatedAt: noon,
	}
	if diff := cmp.Diff(want, next); diff != "" || !ok || err != nil {
		t.Fatal(diff, ok, err)
	}

	third := begin(t, s, "key1")
	err = s.Accept(ctx, ops.Attempt{ID: third, Batch: "key1", Outcome: "accepted", HTTPStatus: 200},
		ops.Receipt{ID: "R1", At: later, Content: []byte("ok")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	refused := begin(t, s, "key2")
	if err := s.Fail(ctx, ops.Attempt{ID: refused, Batch: "key2", Outcome: "refused", HTTPStatus: 422, Error: "no"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]ops.Status{ops.Accepted, ops.Failed}, statuses(t, s)); diff != "" {
		t.Error(diff)
	}
	if _, ok, err := s.NextOpen(ctx, "city"); ok || err != nil {
		t.Errorf("an open batch is left; %v", err)
	}
	attempts, err := s.Attempts(ctx, "key1")
	if diff := cmp.Diff([]ops.Attempt{
		{ID: first, Batch: "key1", At: noon, Outcome: "open"},
		{ID: second, Batch: "key1", At: noon, Outcome: "timeout", Duration: 1500 * time.Millisecond, Error: "slow"},
		{ID: third, Batch: "key1", At: noon, Outcome: "accepted", HTTPStatus: 200},
	}, attempts); diff != "" || err != nil {
		t.Error(diff, err)
	}
	receipts, err := s.Receipts(ctx, "key1")
	if diff := cmp.Diff([]ops.Receipt{{ID: "R1", At: later, Content: []byte("ok"),
		Digest: "2689367b205c16ce32ed4200942b8b8b1e262dfc70d9bc9fbc77c49699a4f1df"}}, receipts); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestAcceptIsAllOrNothing(t *testing.T) { opstest.Each(t, acceptIsAllOrNothing) }

func acceptIsAllOrNothing(t *testing.T, place string) {
	s := opstest.Open(t, place)
	pending(t, s, 1)
	attempt := ops.Attempt{ID: begin(t, s, "key1"), Batch: "key1", Outcome: "accepted"}
	err := s.Accept(t.Context(), attempt, ops.Receipt{ID: "R1", Content: []byte("ok")},
		[]ops.Outcome{{Key: "a", Operation: ops.Insert, Digest: "1"}, {Key: "b", Operation: "X"}})
	if err == nil {
		t.Fatal("an unknown operation was taken")
	}
	deliveries, err := s.Deliveries(t.Context(), "city", "", 10)
	if len(deliveries) != 0 || err != nil {
		t.Errorf("deliveries %v %v, want none", deliveries, err)
	}
	receipts, err := s.Receipts(t.Context(), "key1")
	if len(receipts) != 0 || err != nil {
		t.Errorf("receipts %v %v, want none", receipts, err)
	}
	if diff := cmp.Diff([]ops.Status{ops.Sent}, statuses(t, s)); diff != "" {
		t.Error(diff)
	}
}

func TestAnAttemptEndsOnce(t *testing.T) { opstest.Each(t, anAttemptEndsOnce) }

func anAttemptEndsOnce(t *testing.T, place string) {
	s := opstest.Open(t, place)
	pending(t, s, 1)
	attempt := ops.Attempt{ID: begin(t, s, "key1"), Batch: "key1", Outcome: "accepted"}
	if err := s.Accept(t.Context(), attempt, ops.Receipt{ID: "R1", Content: []byte("ok")}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Fail(t.Context(), attempt); err == nil {
		t.Error("an accepted batch was failed")
	}
	if _, err := s.BeginAttempt(t.Context(), "key1", noon); err == nil {
		t.Error("an accepted batch was sent again")
	}
}

func TestDeliveriesTellTheLastAcknowledged(t *testing.T) {
	opstest.Each(t, deliveriesTellTheLastAcknowledged)
}

func deliveriesTellTheLastAcknowledged(t *testing.T, place string) {
	s := opstest.Open(t, place)
	pending(t, s, 3)
	for i, outcomes := range [][]ops.Outcome{
		{{Key: "a", Operation: ops.Insert, Digest: "1"}, {Key: "b", Operation: ops.Insert, Digest: "1"},
			{Key: "c", Operation: ops.Insert, Digest: "1", Refused: true, Code: "LENGTH", Message: "too long"}},
		{{Key: "a", Operation: ops.Update, Digest: "2", Refused: true, Code: "X"}, {Key: "b", Operation: ops.Delete}},
		{{Key: "c", Operation: ops.Insert, Digest: "3"}},
	} {
		batch := fmt.Sprintf("key%d", i+1)
		attempt := ops.Attempt{ID: begin(t, s, batch), Batch: batch, Outcome: "accepted"}
		if err := s.Accept(t.Context(), attempt, ops.Receipt{ID: "R", Content: []byte("ok")}, outcomes); err != nil {
			t.Fatal(err)
		}
	}
	want := []ops.Delivery{
		{Key: "a", Operation: ops.Insert, Digest: "1", Batch: "key1",
			Refused: &ops.Refusal{Operation: ops.Update, Digest: "2", Code: "X", Batch: "key2"}},
		{Key: "b", Operation: ops.Delete, Batch: "key2"},
		{Key: "c", Operation: ops.Insert, Digest: "3", Batch: "key3"},
	}
	got, err := s.Deliveries(t.Context(), "city", "", 10)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	got, err = s.Deliveries(t.Context(), "city", "a", 1)
	if diff := cmp.Diff(want[1:2], got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
