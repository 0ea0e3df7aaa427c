package ops_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

// outbox is a store whose lease on the city is held.
type outbox struct {
	t *testing.T
	*ops.Store
	lease *ops.Lease
}

func openOutbox(t *testing.T, place string) outbox {
	t.Helper()
	s := opstest.Open(t, place)
	return outbox{t, s, lease(t, s, "test", noon)}
}

func number(n int) string { return fmt.Sprintf("20260401%05d", n) }

func (o outbox) draft(n int) ops.Batch {
	return ops.Batch{
		Key: fmt.Sprintf("key%d", n), Table: "results", Lane: 1, Run: "r1", Number: number(n),
		FirstKey: "a", LastKey: "b", Rows: 2, Digest: "d", Body: []byte("body"), Subjects: "A\nB", CreatedAt: noon,
	}
}

// pending writes n sealed batches of two records each.
func (o outbox) pending(n int) {
	o.t.Helper()
	for i := range n {
		if err := o.AddDrafts(o.t.Context(), o.lease, noon, o.draft(i+1)); err != nil {
			o.t.Fatal(err)
		}
	}
	if err := o.SealDrafts(o.t.Context(), o.lease, map[string]ops.Target{"results": {Count: 7, Digest: "77"}}); err != nil {
		o.t.Fatal(err)
	}
}

func (o outbox) begin(batch string) ops.Attempt {
	o.t.Helper()
	id, err := o.BeginAttempt(o.t.Context(), o.lease, batch, noon)
	if err != nil {
		o.t.Fatal(err)
	}
	return ops.Attempt{ID: id, Batch: batch, Outcome: "processed", HTTPStatus: 200}
}

// accept has the batch answered with what the outcomes say.
func (o outbox) accept(batch string, level ops.Status, outcomes ...ops.Outcome) {
	o.t.Helper()
	receipt := ops.Receipt{ID: "R", Level: level, At: noon, Content: []byte("ok")}
	if err := o.Accept(o.t.Context(), o.lease, o.begin(batch), receipt, outcomes); err != nil {
		o.t.Fatal(err)
	}
}

func statuses(t *testing.T, s outbox) (got []ops.Status) {
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
	s := openOutbox(t, place)
	s.pending(2)
	if err := s.AddDrafts(t.Context(), s.lease, noon, s.draft(3)); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Serial(t.Context(), "city", "20260401"); n != 3 || err != nil {
		t.Errorf("serial %d %v, want 3", n, err)
	}
	if err := s.DropDrafts(t.Context(), s.lease); err != nil {
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
	s := openOutbox(t, place)
	ctx := t.Context()
	s.pending(2)

	first := s.begin("key1") // the sender dies here
	second := s.begin("key1")
	later := noon.Add(time.Minute)
	second.Outcome, second.HTTPStatus, second.Duration, second.Error = "timeout", 0, 1500*time.Millisecond, "slow"
	if err := s.Postpone(ctx, s.lease, second, later); err != nil {
		t.Fatal(err)
	}
	next, ok, err := s.NextOpen(ctx, "city", 1, noon)
	want := s.draft(1)
	want.Receiver, want.Target, want.Status, want.Attempts, want.NotBefore, want.LastError =
		"city", ops.Target{Count: 7, Digest: "77"}, ops.Sent, 2, later, "slow"
	if diff := cmp.Diff(want, next); diff != "" || !ok || err != nil {
		t.Fatal(diff, ok, err)
	}
	third := s.begin("key1")
	err = s.Accept(ctx, s.lease, third, ops.Receipt{ID: "R1", Level: ops.Processed, At: later, Content: []byte("ok")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.accept("key2", ops.Accepted)
	if diff := cmp.Diff([]ops.Status{ops.Processed, ops.Accepted}, statuses(t, s)); diff != "" {
		t.Error(diff)
	}
	if _, ok, err := s.NextOpen(ctx, "city", 1, noon); ok || err != nil {
		t.Errorf("an open batch is left; %v", err)
	}
	attempts, err := s.Attempts(ctx, "key1")
	epoch := noon.Unix()
	if diff := cmp.Diff([]ops.Attempt{
		{ID: first.ID, Batch: "key1", Epoch: epoch, At: noon, Outcome: "open"},
		{ID: second.ID, Batch: "key1", Epoch: epoch, At: noon, Outcome: "timeout", Duration: 1500 * time.Millisecond, Error: "slow"},
		{ID: third.ID, Batch: "key1", Epoch: epoch, At: noon, Outcome: "processed", HTTPStatus: 200},
	}, attempts); diff != "" || err != nil {
		t.Error(diff, err)
	}
	receipts, err := s.Receipts(ctx, "key1")
	if diff := cmp.Diff([]ops.Receipt{{ID: "R1", Level: ops.Processed, At: later, Content: []byte("ok"),
		Digest: "2689367b205c16ce32ed4200942b8b8b1e262dfc70d9bc9fbc77c49699a4f1df"}}, receipts); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestHandedOverIsDueAgain(t *testing.T) { opstest.Each(t, handedOverIsDueAgain) }

func handedOverIsDueAgain(t *testing.T, place string) {
	s, ctx := openOutbox(t, place), t.Context()
	s.pending(1)
	if awaited, err := s.Awaited(ctx, "city"); awaited || err != nil {
		t.Errorf("a notice is awaited before anything left; %v", err)
	}
	if err := s.HandOver(ctx, s.lease, s.begin("key1"), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if awaited, err := s.Awaited(ctx, "city"); !awaited || err != nil {
		t.Errorf("no notice is awaited; %v", err)
	}
	open, err := s.OpenSubjects(ctx, "city")
	if diff := cmp.Diff(map[string]bool{"A": true, "B": true}, open); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for after, want := range map[time.Duration]int{time.Hour - time.Millisecond: 0, time.Hour: 1} {
		lanes, err := s.Backlogs(ctx, "city", noon.Add(after))
		if err != nil || len(lanes) != want {
			t.Errorf("after %v: %v %v, want %d lanes", after, lanes, err, want)
		}
	}
}

func TestARefusedBatchGivesWayToItsParts(t *testing.T) {
	opstest.Each(t, aRefusedBatchGivesWayToItsParts)
}

func aRefusedBatchGivesWayToItsParts(t *testing.T, place string) {
	s, ctx := openOutbox(t, place), t.Context()
	s.pending(2)
	var parts []ops.Batch
	for i, path := range []string{"0", "1"} {
		part := s.draft(3 + i)
		part.Path, part.Rows = path, 1
		parts = append(parts, part)
	}
	refusal := ops.Receipt{At: noon, Content: []byte(`{"code": "NO"}`)}
	if err := s.Split(ctx, s.lease, s.begin("key1"), refusal, parts); err != nil {
		t.Fatal(err)
	}
	var order []string
	for {
		b, ok, err := s.NextOpen(ctx, "city", 1, noon)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		order = append(order, b.Key)
		if b.Key != "key4" {
			s.accept(b.Key, ops.Processed)
			continue
		}
		if b.Target.Count != 7 || b.Run != "r1" || b.Table != "results" {
			t.Errorf("a part %+v", b)
		}
		refused := ops.Outcome{Key: "b", Subject: "B", Operation: ops.Insert, Digest: "1", Refused: true, Code: "NO", Message: "not this"}
		if err := s.Bury(ctx, s.lease, s.begin("key4"), refusal, refused); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"key3", "key4", "key2"}, order); diff != "" {
		t.Error(diff)
	}
	got, err := s.Deliveries(ctx, "city", "results", "", 10)
	want := []ops.Delivery{{Key: "b", Subject: "B", Refused: &ops.DeadLetter{ID: 1, Operation: ops.Insert, Digest: "1", Batch: number(4),
		Level: ops.RefusedAlone, Code: "NO", Message: "not this", Status: ops.LetterOpen}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestAcceptIsAllOrNothing(t *testing.T) { opstest.Each(t, acceptIsAllOrNothing) }

func acceptIsAllOrNothing(t *testing.T, place string) {
	s := openOutbox(t, place)
	s.pending(1)
	err := s.Accept(t.Context(), s.lease, s.begin("key1"), ops.Receipt{ID: "R1", Level: ops.Processed, Content: []byte("ok")},
		[]ops.Outcome{{Key: "a", Operation: ops.Insert, Digest: "1"}, {Key: "b", Operation: "X"}})
	if err == nil {
		t.Fatal("an unknown operation was taken")
	}
	deliveries, err := s.Deliveries(t.Context(), "city", "results", "", 10)
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
	s := openOutbox(t, place)
	s.pending(1)
	attempt := s.begin("key1")
	receipt := ops.Receipt{ID: "R1", Level: ops.Processed, Content: []byte("ok")}
	if err := s.Accept(t.Context(), s.lease, attempt, receipt, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Bury(t.Context(), s.lease, attempt, receipt, ops.Outcome{Key: "a", Operation: ops.Insert}); err == nil {
		t.Error("a batch that was taken was failed")
	}
	if _, err := s.BeginAttempt(t.Context(), s.lease, "key1", noon); err == nil {
		t.Error("a batch that was taken was sent again")
	}
}

// Whoever was replaced changes nothing any more.
func TestAFencedPublisherChangesNothing(t *testing.T) {
	opstest.Each(t, aFencedPublisherChangesNothing)
}

func aFencedPublisherChangesNothing(t *testing.T, place string) {
	s, ctx := openOutbox(t, place), t.Context()
	s.pending(2)
	attempt := s.begin("key1")
	lease(t, s.Store, "later", noon.Add(ttl))
	_, beginning := s.BeginAttempt(ctx, s.lease, "key2", noon)
	receipt := ops.Receipt{ID: "R1", Level: ops.Processed, Content: []byte("ok")}
	_, settling := s.Settle(ctx, s.lease, "key1", receipt, nil)
	for what, err := range map[string]error{
		"begin": beginning, "draft": s.AddDrafts(ctx, s.lease, noon, s.draft(3)), "drop": s.DropDrafts(ctx, s.lease),
		"seal": s.SealDrafts(ctx, s.lease, nil), "postpone": s.Postpone(ctx, s.lease, attempt, noon),
		"hand over": s.HandOver(ctx, s.lease, attempt, noon), "accept": s.Accept(ctx, s.lease, attempt, receipt, nil),
		"split": s.Split(ctx, s.lease, attempt, receipt, nil), "bury": s.Bury(ctx, s.lease, attempt, receipt, ops.Outcome{}),
		"settle": settling, "cursor": s.SetNoticeCursor(ctx, s.lease, "7", noon),
	} {
		if !errors.Is(err, ops.ErrFenced) {
			t.Errorf("%s: %v, want ErrFenced", what, err)
		}
	}
	if diff := cmp.Diff([]ops.Status{ops.Sent, ops.Pending}, statuses(t, s)); diff != "" {
		t.Error(diff)
	}
}

func TestDeliveriesTellTheLastAcknowledged(t *testing.T) {
	opstest.Each(t, deliveriesTellTheLastAcknowledged)
}

func deliveriesTellTheLastAcknowledged(t *testing.T, place string) {
	s := openOutbox(t, place)
	s.pending(3)
	for i, outcomes := range [][]ops.Outcome{
		{{Key: "a", Operation: ops.Insert, Digest: "1"}, {Key: "b", Operation: ops.Insert, Digest: "1"},
			{Key: "c", Operation: ops.Insert, Digest: "1", Refused: true, Code: "LENGTH", Message: "too long"}},
		{{Key: "a", Operation: ops.Update, Digest: "2", Refused: true, Code: "X"}, {Key: "b", Operation: ops.Delete}},
		{{Key: "c", Operation: ops.Insert, Digest: "3"}},
	} {
		s.accept(fmt.Sprintf("key%d", i+1), ops.Processed, outcomes...)
	}
	want := []ops.Delivery{
		{Key: "a", Operation: ops.Insert, Digest: "1", Batch: number(1), At: noon,
			Refused: &ops.DeadLetter{ID: 2, Operation: ops.Update, Digest: "2", Level: ops.RefusedRecord, Code: "X", Batch: number(2), Status: ops.LetterOpen}},
		{Key: "b", Operation: ops.Delete, Batch: number(2), At: noon},
		{Key: "c", Operation: ops.Insert, Digest: "3", Batch: number(3), At: noon},
	}
	got, err := s.Deliveries(t.Context(), "city", "results", "", 10)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	got, err = s.Deliveries(t.Context(), "city", "results", "a", 1)
	if diff := cmp.Diff(want[1:2], got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// What was accepted and then rejected is what it was before.
func TestAVerdictSettlesOrReverts(t *testing.T) { opstest.Each(t, aVerdictSettlesOrReverts) }

func aVerdictSettlesOrReverts(t *testing.T, place string) {
	s, ctx := openOutbox(t, place), t.Context()
	s.pending(2)
	s.accept("key1", ops.Processed, ops.Outcome{Key: "a", Subject: "A", Operation: ops.Insert, Digest: "1"})
	a := ops.Outcome{Key: "a", Subject: "A", Operation: ops.Update, Digest: "2"}
	b := ops.Outcome{Key: "b", Subject: "B", Operation: ops.Insert, Digest: "9"}
	c := ops.Outcome{Key: "c", Subject: "C", Operation: ops.Insert, Digest: "7", Refused: true, Code: "AT ONCE"}
	s.accept("key2", ops.Accepted, a, b, c)
	refusedAtOnce := ops.Delivery{Key: "c", Subject: "C",
		Refused: &ops.DeadLetter{ID: 1, Operation: ops.Insert, Digest: "7", Batch: number(2), Level: ops.RefusedRecord, Code: "AT ONCE", Status: ops.LetterOpen}}
	want := []ops.Delivery{
		{Key: "a", Subject: "A", Operation: ops.Update, Digest: "2", Batch: number(2), At: noon, Open: true, Prior: "1"},
		{Key: "b", Subject: "B", Operation: ops.Insert, Digest: "9", Batch: number(2), At: noon, Open: true},
		refusedAtOnce,
	}
	got, err := s.Deliveries(ctx, "city", "results", "", 10)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	a.Refused, a.Code = true, "LATE"
	reverted, err := s.Settle(ctx, s.lease, "key2", ops.Receipt{ID: "V", Level: ops.Processed, At: noon, Content: []byte("verdict")}, []ops.Outcome{a, c})
	if diff := cmp.Diff([]string{"a"}, reverted); diff != "" || err != nil { // c was refused before, and is no second letter
		t.Fatal(diff, err)
	}
	want[0] = ops.Delivery{Key: "a", Subject: "A", Operation: ops.Insert, Digest: "1", Batch: number(1), At: noon,
		Refused: &ops.DeadLetter{ID: 2, Operation: ops.Update, Digest: "2", Batch: number(2), Level: ops.RefusedLater, Code: "LATE", Status: ops.LetterOpen}}
	want[1].Open = false
	got, err = s.Deliveries(ctx, "city", "results", "", 10)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestTheNoticeCursorIsKept(t *testing.T) { opstest.Each(t, theNoticeCursorIsKept) }

func theNoticeCursorIsKept(t *testing.T, place string) {
	s, ctx := openOutbox(t, place), t.Context()
	for _, cursor := range []string{"", "41", "43"} {
		if cursor != "" {
			if err := s.SetNoticeCursor(ctx, s.lease, cursor, noon); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.NoticeCursor(ctx, "city"); got != cursor || err != nil {
			t.Errorf("cursor %q %v, want %q", got, err, cursor)
		}
	}
}

// Somebody decides what becomes of dead letters, and the journal says who and why.
func TestDeadLettersAreDecided(t *testing.T) { opstest.Each(t, deadLettersAreDecided) }

func deadLettersAreDecided(t *testing.T, place string) {
	s, ctx := openOutbox(t, place), t.Context()
	s.pending(3)
	refused := func(key, digest, code string) ops.Outcome {
		return ops.Outcome{Key: key, Subject: "A", Operation: ops.Insert, Digest: digest, Refused: true, Code: code}
	}
	s.accept("key1", ops.Processed, refused("a", "1", "LENGTH"), refused("b", "1", "LENGTH"), refused("c", "1", "CODE_LIST"))
	entry := ops.Entry{At: noon, Actor: "clerk", Action: "publish.retry", Purpose: "the receiver mended its rules"}
	if n, err := s.Decide(ctx, ops.LetterFilter{Receiver: "city", Code: "LENGTH"}, ops.LetterRetry, entry); n != 2 || err != nil {
		t.Fatalf("decided %d %v, want 2", n, err)
	}
	if n, err := s.Decide(ctx, ops.LetterFilter{Receiver: "province"}, ops.LetterSkipped, entry); n != 0 || err != nil {
		t.Fatalf("decided %d %v, want none of another receiver", n, err)
	}
	standing, err := s.LetterCounts(ctx, "city")
	if diff := cmp.Diff([]ops.LetterCount{{"city", "results", ops.LetterOpen, 1}, {"city", "results", ops.LetterRetry, 2}}, standing); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if counts, err := s.LetterCounts(ctx, "province"); len(counts) != 0 || err != nil {
		t.Errorf("%v %v, want none of another receiver", counts, err)
	}
	s.accept("key2", ops.Processed, refused("a", "1", "LENGTH"), refused("b", "2", "LENGTH"),
		ops.Outcome{Key: "c", Subject: "A", Operation: ops.Insert, Digest: "3"})
	got, err := s.DeadLetters(ctx, ops.LetterFilter{Receiver: "city"})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range got {
		lines = append(lines, fmt.Sprint(l.Key, l.Digest, " ", l.Status, " ", l.Times, " ", l.Actor))
	}
	want := []string{"a1 open 2 clerk", "b1 replaced 1 clerk", "c1 delivered 1 ", "b2 open 1 "}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	var entries []ops.Record
	for r, err := range s.Entries(ctx, ops.EntryFilter{Action: "publish.retry"}) {
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, r)
	}
	if len(entries) != 1 || entries[0].Purpose != entry.Purpose || !strings.Contains(string(entries[0].Detail), `"letters":[1,2]`) {
		t.Errorf("journal %+v", entries)
	}
	counts, err := s.BatchCounts(ctx, "city")
	if diff := cmp.Diff([]ops.BatchCount{
		{Receiver: "city", Table: "results", Status: ops.Pending, Batches: 1, Records: 2, Oldest: noon},
		{Receiver: "city", Table: "results", Status: ops.Processed, Batches: 2, Records: 4, Attempts: 2, Oldest: noon},
	}, counts); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
