package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"rongxin/pipelines/publish"
	"rongxin/warehouse/ops"
)

// reconciling proves that a receiver holds what was published: the run, what was
// acknowledged and what the receiver tells, streamed side by side; against reading
// the records and adding up their digests, without which nothing is proven. Then
// one record is altered at the receiver, and has to be found.
var reconciling = contest{
	name: "reconcile", title: "everything equal, and one record altered at the receiver, against adding up the digests of the records",
	prepare: prepareReconciliation,
	contenders: []contender{
		{name: "digests", title: "the records read and their digests added up", run: sumDigests},
		{name: "equal", title: "reconcile, equal", run: reconcileOf(false, true)},
		{name: "ranges", title: "reconcile, one altered, the receiver tells ranges", run: reconcileOf(true, true)},
		{name: "pages", title: "reconcile, one altered, read page by page", run: reconcileOf(true, false)},
	},
	goals: []goal{
		{id: "R1", title: "speed of proving that all is equal", gate: 0.1, aim: 0.2, figures: faster("digests", "equal")},
		{id: "R2", title: "speed of finding the altered record by ranges", gate: 0.05, aim: 0.1, figures: faster("digests", "ranges")},
		{id: "R3", title: "peak memory, a receiver of 32 bytes a record in it", gate: 512, aim: 256, unit: " MiB", atMost: true, figures: peak("equal", "ranges", "pages")},
	},
}

// prepareReconciliation publishes the records and keeps the outbox.
func prepareReconciliation(ctx context.Context, j job) error {
	if err := writeLines(j.path("records"), j.rows, actContent); err != nil {
		return err
	}
	if _, err := deliver(ctx, j, taker{}, 1); err != nil {
		return err
	}
	return os.Rename(filepath.Join(j.out, "ops.db"), j.path("ops.db"))
}

// taker is a receiver that takes everything and tells nothing.
type taker struct{}

func (taker) Send(_ context.Context, m publish.Message) publish.Answer {
	return publish.Answer{Outcome: publish.Processed, ReceiptID: m.Number, Receipt: []byte(m.Number)}
}

func (taker) Collect(context.Context, string) ([]publish.Notice, string, bool, error) {
	return nil, "", false, nil
}

func (taker) Holdings(context.Context, string) (publish.Holdings, error) {
	return publish.Holdings{}, publish.ErrCannotAsk
}

func (taker) Held(context.Context, string, string, int) ([]publish.HeldRecord, bool, error) {
	return nil, false, publish.ErrCannotAsk
}

func (taker) Close(context.Context) error { return nil }

// sumDigests is the least that a proof takes.
func sumDigests(_ context.Context, j job) (string, error) {
	var s publish.State
	err := eachLine(j.path("records"), func(i int, line []byte) error {
		sum := sha256.Sum256(line)
		s.Add(actKey(i), hex.EncodeToString(sum[:]))
		return nil
	})
	if err == nil && s.Count != j.rows {
		err = fmt.Errorf("%d records", s.Count)
	}
	return "", err
}

// reconcileOf reconciles with a receiver that holds the records, of which one in
// the middle may be altered.
func reconcileOf(altered, ranges bool) func(context.Context, job) (string, error) {
	return func(ctx context.Context, j job) (string, error) {
		there := &teller{}
		err := eachLine(j.path("records"), func(_ int, line []byte) error {
			there.digests = append(there.digests, sha256.Sum256(line))
			return nil
		})
		if err != nil {
			return "", err
		}
		want := ""
		if altered {
			there.digests[j.rows/2][0] ^= 1
			want = actKey(j.rows / 2)
		}
		var transport publish.Transport = there
		if !ranges {
			transport = struct{ publish.Transport }{there}
		}
		report, err := reconcileActs(ctx, j, transport)
		if err != nil {
			return "", err
		}
		var found []string
		for _, b := range report.Breaks {
			found = append(found, b.Key)
		}
		if got := strings.Join(found, " "); got != want || report.Equal == altered {
			return "", fmt.Errorf("found %q, want %q", got, want)
		}
		return fmt.Sprintf(`{"pages": %d, "ranges": %d}`, there.pages, there.ranges), nil
	}
}

func reconcileActs(ctx context.Context, j job, to publish.Transport) (report publish.Report, err error) {
	store, err := ops.Open(ctx, j.path("ops.db"))
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	publisher, day, err := publisherOf(store, to, 1)
	if err != nil {
		return report, err
	}
	return publisher.Reconcile(ctx, publish.RunInfo{ID: "bench", AsOf: day}, recordsOf(j))
}

// teller is a receiver that tells what it holds: content digests by number.
type teller struct {
	taker
	digests       [][sha256.Size]byte
	pages, ranges int
}

// of is the first number whose key is greater.
func (t *teller) of(key string) int {
	n := 0
	if key != "" {
		fmt.Sscanf(key, "A%d", &n)
		n++
	}
	return n
}

func (t *teller) Holdings(ctx context.Context, table string) (publish.Holdings, error) {
	return t.HeldBetween(ctx, table, "", "")
}

func (t *teller) HeldBetween(_ context.Context, _, after, upTo string) (publish.Holdings, error) {
	t.ranges++
	end := len(t.digests)
	if upTo != "" {
		end = t.of(upTo)
	}
	var s publish.State
	for i := t.of(after); i < end; i++ {
		s.Add(actKey(i), hex.EncodeToString(t.digests[i][:]))
	}
	return publish.Holdings{Count: s.Count, Digest: s.Digest()}, nil
}

func (t *teller) Held(_ context.Context, _, after string, limit int) (page []publish.HeldRecord, more bool, err error) {
	t.pages++
	for i := t.of(after); i < len(t.digests); i++ {
		if len(page) == limit {
			return page, true, nil
		}
		page = append(page, publish.HeldRecord{Key: actKey(i), Digest: hex.EncodeToString(t.digests[i][:])})
	}
	return page, false, nil
}
