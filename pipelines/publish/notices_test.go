package publish_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/publish"
	"rongxin/warehouse/ops"
)

// postbox is a receiver that takes batches and speaks when the test has it speak.
type postbox struct {
	mu      sync.Mutex
	outcome publish.Outcome // of handing over
	taken   []publish.Message
	notices []publish.Notice
	mute    bool // notices cannot be read
}

func (b *postbox) Send(_ context.Context, m publish.Message) publish.Answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken = append(b.taken, m)
	a := publish.Answer{Outcome: b.outcome}
	if a.Outcome != publish.Handed {
		a.Receipt, a.ReceiptID = []byte("taken "+m.Number), "R"+m.Number
	}
	return a
}

// Collect gives one notice a page, to have pages.
func (b *postbox) Collect(_ context.Context, since string) ([]publish.Notice, string, bool, error) {
	if b.mute {
		return nil, "", false, fmt.Errorf("%w: no notices", publish.ErrTemporary)
	}
	n, _ := strconv.Atoi(since)
	if n == len(b.notices) {
		return nil, since, false, nil
	}
	return b.notices[n : n+1], strconv.Itoa(n + 1), n+1 < len(b.notices), nil
}

func (b *postbox) Holdings(context.Context, string) (publish.Holdings, error) {
	return publish.Holdings{}, publish.ErrCannotAsk
}

func (b *postbox) Held(context.Context, string, string, int) ([]publish.HeldRecord, bool, error) {
	return nil, false, publish.ErrCannotAsk
}

func (b *postbox) Close(context.Context) error { return nil }

// say has the receiver say of all batches taken since the last time what verdict
// says of each of their records: its code, or nothing.
func (b *postbox) say(outcome publish.Outcome, verdict func(key string) string) {
	for _, m := range b.taken {
		n := publish.Notice{Number: m.Number, Key: m.Key, Outcome: outcome, ReceiptID: "N" + m.Number, Receipt: []byte(string(outcome) + m.Number)}
		for _, row := range m.Rows {
			if code := verdict(row.Key); code != "" {
				n.Rejected = append(n.Rejected, publish.Rejection{Key: row.Key, Code: code})
			}
		}
		b.notices = append(b.notices, n)
	}
	b.taken = nil
}

func good(string) string { return "" }

func newPostbox(t *testing.T, outcome publish.Outcome) (*postbox, func(city) publish.Summary, *platform) {
	t.Helper()
	b := &postbox{outcome: outcome}
	p := &platform{t: t, store: openStore(t, t.TempDir()+"/ops.db"), clock: &clock{at: noon}, url: "http://127.0.0.1:1"}
	return b, func(c city) publish.Summary {
		t.Helper()
		sum, err := p.publisher(func(config *publish.Config) { config.Transport, config.Lanes = b, 2 }).Publish(t.Context(), april, c.source)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}, p
}

// What was handed over waits for its receipt, and so does all news of the
// enterprises in it; others go on.
func TestEnterprisesInFlightWait(t *testing.T) {
	b, deliver, p := newPostbox(t, publish.Handed)
	c := newCity(30)
	sum := deliver(c)
	if sum.Batches.HandedOver != len(b.taken) || sum.Accepted != 0 {
		t.Fatalf("%+v, want all handed over", sum)
	}
	c[3]++
	delete(c, 4)
	c[100] = 1
	if sum = deliver(c); sum.Waiting < 2 || sum.Inserted != 1 || sum.Updated+sum.Withdrawn != 0 || sum.Unchanged != 0 {
		t.Errorf("in flight: %+v, want only the new enterprise sent", sum)
	}
	b.say(publish.Processed, good)
	if sum = deliver(c); sum.Accepted != 31 || sum.Updated != 1 || sum.Withdrawn != 1 || sum.Waiting != 0 {
		t.Errorf("answered: %+v, want the receipts taken in and the news sent", sum)
	}
	b.say(publish.Processed, good)
	if sum = deliver(c); sum.Accepted != 2 || sum.Unchanged != 30 || sum.Attempts != 0 {
		t.Errorf("at the end: %+v", sum)
	}
	receipts := 0
	batches, err := p.store.Batches(t.Context(), "city", ops.Processed)
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range batches {
		r, err := p.store.Receipts(t.Context(), batch.Key)
		if err != nil || len(r) != 1 || string(r[0].Content) != "processed"+batch.Number {
			t.Errorf("receipts of %s: %v %v", batch.Number, r, err)
		}
		receipts += len(r)
	}
	if receipts == 0 {
		t.Error("no receipts are kept")
	}
}

// A batch handed over and never answered is handed over again when its answer is
// overdue, the same bytes under the same key.
func TestWhatIsNotAnsweredIsHandedOverAgain(t *testing.T) {
	b, deliver, p := newPostbox(t, publish.Handed)
	deliver(newCity(5))
	before := slices.Clone(b.taken)
	p.clock.set(noon.Add(24*time.Hour - time.Second))
	if sum := deliver(newCity(5)); sum.Attempts != 0 {
		t.Errorf("before it is due: %+v", sum)
	}
	p.clock.set(noon.Add(24 * time.Hour))
	if sum := deliver(newCity(5)); sum.Attempts != len(before) {
		t.Errorf("when it is due: %+v", sum)
	}
	keys := func(messages []publish.Message) (keys []string) {
		for _, m := range messages {
			keys = append(keys, m.Key+string(m.Body))
		}
		slices.Sort(keys)
		return keys
	}
	if diff := cmp.Diff(keys(before), keys(b.taken[len(before):])); diff != "" {
		t.Error(diff)
	}
	b.taken = before
	b.say(publish.Processed, good)
	b.notices = append(b.notices, b.notices...) // told twice
	if sum := deliver(newCity(5)); sum.Accepted != 5 || sum.StrangeNotices != 0 {
		t.Errorf("answered twice: %+v", sum)
	}
}

// Accepted is not processed: a record that is rejected later is again what was
// acknowledged before, and a dead letter.
func TestAcceptedThatLaterFailsIsFound(t *testing.T) {
	b, deliver, p := newPostbox(t, publish.Accepted)
	c := newCity(12)
	if sum := deliver(c); sum.Accepted != 12 || sum.Batches.Settled != 0 {
		t.Fatalf("%+v", sum)
	}
	c[5]++
	if sum := deliver(c); sum.Waiting != 1 || sum.Attempts != 0 {
		t.Errorf("%+v, want the news of 5 to wait for the verdict", sum)
	}
	b.say(publish.Processed, func(k string) string {
		if k == key(7) {
			return "NO_SUCH_SUBJECT"
		}
		return ""
	})
	sum := deliver(c)
	if sum.Reverted != 1 || sum.Rejected != 1 || sum.Updated != 1 || sum.RefusedBefore != 1 || sum.Rejections[0].Code != "NO_SUCH_SUBJECT" {
		t.Errorf("%+v, want 7 reverted, not sent again, and 5 changed", sum)
	}
	b.say(publish.Processed, func(k string) string { return "LATE" }) // the update of 5 is rejected
	if sum = deliver(c); sum.Reverted != 1 || sum.Unchanged != 10 || sum.RefusedBefore != 2 {
		t.Errorf("%+v, want 5 as it was before", sum)
	}
	d, _, err := p.store.Delivery(t.Context(), "city", results, key(5))
	if err != nil || d.Operation != ops.Insert || d.Open {
		t.Errorf("5 is %+v %v, want what was acknowledged first", d, err)
	}
	letters, err := p.store.DeadLetters(t.Context(), ops.LetterFilter{Receiver: "city"})
	if err != nil || len(letters) != 2 || letters[0].Level != ops.RefusedLater {
		t.Errorf("dead letters %+v %v", letters, err)
	}
}

// A batch that is refused as a whole after it was handed over, or even accepted,
// is halved as one that is refused at once.
func TestAWholeRefusalThatComesLater(t *testing.T) {
	for _, outcome := range []publish.Outcome{publish.Handed, publish.Accepted} {
		t.Run(string(outcome), func(t *testing.T) {
			b, deliver, p := newPostbox(t, outcome)
			c, rounds := newCity(6), 0
			for deliver(c); len(b.taken) > 0; deliver(c) {
				if rounds++; rounds > 10 {
					t.Fatal("it does not end")
				}
				for _, m := range b.taken {
					n := publish.Notice{Number: m.Number, Outcome: publish.Processed, Receipt: []byte("ok " + m.Number)}
					if slices.ContainsFunc(m.Rows, func(r publish.MessageRow) bool { return r.Key == key(2) }) {
						n.Outcome, n.Code, n.Text = publish.Refused, "BAD", "not this"
					}
					b.notices = append(b.notices, n)
				}
				b.taken = nil
			}
			sum := deliver(c)
			if sum.Unchanged != 5 || sum.RefusedBefore != 1 || sum.Waiting != 0 {
				t.Errorf("%+v, want all but one delivered", sum)
			}
			letters, err := p.store.DeadLetters(t.Context(), ops.LetterFilter{})
			if err != nil || len(letters) != 1 || letters[0].Key != key(2) || letters[0].Code != "BAD" {
				t.Errorf("dead letters %+v %v", letters, err)
			}
		})
	}
}

// Notices that make no sense have no effect and are counted.
func TestStrangeNoticesAreCounted(t *testing.T) {
	b, deliver, _ := newPostbox(t, publish.Handed)
	deliver(newCity(3))
	m := b.taken[0]
	b.notices = []publish.Notice{
		{Number: "2026040199999", Outcome: publish.Processed},
		{Number: m.Number, Key: "another", Outcome: publish.Processed},
		{Number: m.Number, Outcome: publish.Processed, Rejected: []publish.Rejection{{Key: "unknown", Code: "X"}}},
		{Number: m.Number, Outcome: publish.Processed, Rejected: []publish.Rejection{{Key: m.Rows[0].Key}}},
	}
	if sum := deliver(newCity(3)); sum.StrangeNotices != 4 || sum.Accepted != 0 {
		t.Errorf("%+v, want 4 strange notices without effect", sum)
	}
}

// Records of one enterprise stand in one lane, each lane in the order of the plan,
// a batch in the order I, U, D.
func TestOrderIsKeptPerEnterprise(t *testing.T) {
	b, deliver, _ := newPostbox(t, publish.Processed)
	c := newCity(60)
	deliver(c)
	for n := range 20 {
		delete(c, n)
		c[n+20]++
		c[n+100] = 1
	}
	first := len(b.taken)
	deliver(c)
	lanes, numbers := map[string]int{}, map[int]string{}
	for i, m := range b.taken {
		if last := numbers[m.Lane]; i != first && m.Number <= last {
			t.Errorf("lane %d: batch %s after %s", m.Lane, m.Number, last)
		}
		numbers[m.Lane] = m.Number
		operations := ""
		for _, row := range m.Rows {
			if lane, known := lanes[row.Subject]; known && lane != m.Lane {
				t.Errorf("%s is in lanes %d and %d", row.Subject, lane, m.Lane)
			}
			lanes[row.Subject] = m.Lane
			operations += string(row.Operation)
		}
		if !slices.IsSortedFunc([]byte(operations), func(a, b byte) int { return rank(a) - rank(b) }) {
			t.Errorf("batch %s: %s", m.Number, operations)
		}
	}
	if len(lanes) != 80 || len(numbers) != 2 {
		t.Errorf("%d enterprises in %d lanes", len(lanes), len(numbers))
	}
}

func rank(operation byte) int { return slices.Index([]byte("IUD"), operation) }

// What cannot be sent keeps the receiver's record as it is, and is counted.
func TestHeldBackIsKeptAndCounted(t *testing.T) {
	b, deliver, p := newPostbox(t, publish.Processed)
	deliver(newCity(4))
	sent := len(b.taken)
	source := func(_ context.Context, yield func(publish.Record) error) error {
		c := newCity(4)
		held, other := c.record(1), c.record(3)
		held.Payload, held.HeldBack = nil, "supervision_class is missing"
		other.Table = "zzz"
		other.Payload = nil
		other.HeldBack = "x"
		return errors.Join(yield(c.record(0)), yield(held), yield(other))
	}
	sum, err := p.publisher(func(c *publish.Config) { c.Transport = b }).Publish(t.Context(), april, source)
	if err != nil || sum.HeldBack != 1 || sum.NotForIt != 1 || sum.Unchanged != 1 || sum.Withdrawn != 2 || sum.Published != 3 {
		t.Errorf("%+v %v", sum, err)
	}
	for _, m := range b.taken[sent:] {
		for _, row := range m.Rows {
			if row.Operation != ops.Delete || row.Key == key(1) {
				t.Errorf("sent %s %s", row.Operation, row.Key)
			}
		}
		if m.Target.Count != 2 {
			t.Errorf("target %+v, want the 2 that stay", m.Target)
		}
	}
}

// A later publisher at the receiver stops this one, and no batch is taken for refused.
func TestAFencedSenderStops(t *testing.T) {
	b, _, p := newPostbox(t, publish.Fenced)
	fenced := fencedBox{b}
	sum, err := p.publisher(func(c *publish.Config) { c.Transport = fenced }).Publish(t.Context(), april, newCity(30).source)
	if !errors.Is(err, publish.ErrTemporary) || sum.Batches.Failed != 0 || sum.Attempts != 1 {
		t.Errorf("%+v %v, want it to stop", sum, err)
	}
	b.outcome = publish.Processed
	if sum, err = p.publisher(func(c *publish.Config) { c.Transport = b }).Publish(t.Context(), april, newCity(30).source); err != nil || sum.Accepted != 30 {
		t.Errorf("afterwards: %+v %v", sum, err)
	}
}

type fencedBox struct{ *postbox }

func (b fencedBox) Send(context.Context, publish.Message) publish.Answer {
	return publish.Answer{Outcome: publish.Fenced, Status: 412, Err: fmt.Errorf("HTTP 412")}
}

// A receiver whose notices cannot be read is sent to all the same.
func TestUnreadNoticesKeepNothingBack(t *testing.T) {
	b, deliver, p := newPostbox(t, publish.Handed)
	deliver(newCity(3))
	b.mute = true
	c := newCity(5)
	sum, err := p.publisher(func(config *publish.Config) { config.Transport = b }).Publish(t.Context(), april, c.source)
	if !errors.Is(err, publish.ErrTemporary) || sum.Batches.HandedOver == 0 || sum.Inserted != 2 {
		t.Errorf("%+v %v, want the two handed over and ErrTemporary", sum, err)
	}
	b.mute = false
	b.say(publish.Processed, good)
	if sum = deliver(c); sum.Accepted != 5 {
		t.Errorf("%+v, want all answered", sum)
	}
}

// A plan takes no more lanes than its changes fill.
func TestAQuietDayIsOneBatch(t *testing.T) {
	b := &postbox{outcome: publish.Processed}
	p := &platform{t: t, store: openStore(t, t.TempDir()+"/ops.db"), clock: &clock{at: noon}, url: "http://127.0.0.1:1"}
	publisher := p.publisher(func(c *publish.Config) { c.Transport, c.Lanes, c.BatchSize = b, 8, 10 })
	c := newCity(100)
	for _, step := range [][2]int{{100, 8}, {3, 1}, {21, 3}} { // the first are all of the city
		changes, want := step[0], step[1]
		b.taken = nil
		for n := range changes {
			c[n]++
		}
		if _, err := publisher.Publish(t.Context(), april, c.source); err != nil {
			t.Fatal(err)
		}
		lanes := map[int]bool{}
		for _, m := range b.taken {
			lanes[m.Lane] = true
		}
		if len(b.taken) > 100/10+8 || len(lanes) > want || len(lanes) == 0 {
			t.Errorf("%d changes: %d batches in %d lanes, want at most %d", changes, len(b.taken), len(lanes), want)
		}
	}
}
