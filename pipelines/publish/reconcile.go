package publish

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rongxin/warehouse/ops"
)

// Reconcile compares, table by table, the run with what was sent, acknowledged
// and processed and with what the receiver holds, by count and digest; of the
// tables where these differ it looks for the keys that do. What it finds is
// noted in the store and changes nothing else. source is read once when all is
// well and twice when not.
//
// A difference is no error but the finding; the error wraps [ErrTemporary] or
// [ErrSetup] when the receiver could not be asked.
func (p *Publisher) Reconcile(ctx context.Context, run RunInfo, source Source) (Report, error) {
	return p.reconcile(ctx, run, source, false)
}

func (p *Publisher) reconcile(ctx context.Context, run RunInfo, source Source, adopt bool) (Report, error) {
	var report Report
	err := p.leased(ctx, func(lease *ops.Lease) error {
		r, err := p.newReconciliation(ctx, run)
		if err != nil {
			return err
		}
		defer func() { report = r.report }()
		if err := r.count(ctx, source); err != nil {
			return err
		}
		ask := func(table string) (there Holdings, err error) {
			err = p.again(ctx, func() (err error) {
				there, err = p.cfg.Transport.Holdings(ctx, table)
				return err
			})
			return there, err
		}
		if err := r.askReceiver(ask); err != nil {
			return err
		}
		r.report.ByKey = true
		if adopt {
			return errors.Join(r.adopt(ctx, source, lease), r.note(ctx))
		}
		if tables := r.unequal(); len(tables) > 0 {
			if err := r.compare(ctx, source, tables, nil); err != nil {
				return err
			}
		}
		return r.note(ctx)
	})
	if err != nil {
		return report, fmt.Errorf("reconcile with %s: %w", p.cfg.Receiver, err)
	}
	return report, nil
}

// totals reconciles without looking for keys and asks the receiver once: published
// is what it ought to hold, by table.
func (p *Publisher) totals(ctx context.Context, run RunInfo, published map[string]State) (*Report, error) {
	r, err := p.newReconciliation(ctx, run)
	if err != nil {
		return nil, err
	}
	r.published = published
	for _, table := range p.cfg.Tables {
		for held := p.heldRecords(table); ; held.drop() {
			known, ok, err := held.peek(ctx)
			if err != nil {
				return nil, err
			}
			if !ok {
				break
			}
			r.acknowledge(table, known)
		}
	}
	ask := func(table string) (Holdings, error) { return p.cfg.Transport.Holdings(ctx, table) }
	if err := r.askReceiver(ask); err != nil {
		return nil, err
	}
	for i := range r.report.Tables {
		if t := &r.report.Tables[i]; !t.Equal {
			t.Differ, r.report.Differ = notLookedFor, notLookedFor
		}
	}
	return &r.report, r.note(ctx)
}

// notLookedFor stands for the number of keys that differ where only totals were
// compared.
const notLookedFor = -1

// reconciliation is one comparison under way.
type reconciliation struct {
	*Publisher
	report    Report
	at        time.Time
	published map[string]State // by table, like the next two
	known     map[string]State
	processed map[string]State
	late      map[string]int // verdicts that are overdue
	heldBack  map[string]int
	blocks    map[string]*blocks
	open      []ops.Batch // without an answer
	since     map[string]ops.KnownBreak
}

func (p *Publisher) newReconciliation(ctx context.Context, run RunInfo) (*reconciliation, error) {
	r := &reconciliation{
		Publisher: p, at: p.cfg.Now(), published: map[string]State{}, known: map[string]State{}, processed: map[string]State{},
		late: map[string]int{}, heldBack: map[string]int{}, blocks: map[string]*blocks{}, since: map[string]ops.KnownBreak{},
		report: Report{Receiver: p.cfg.Receiver, Run: run.ID, AsOf: run.AsOf.Format(time.DateOnly), Causes: map[Cause]int{}},
	}
	r.report.At = r.at
	var err error
	if r.open, err = p.cfg.Store.Batches(ctx, p.cfg.Receiver, ops.Pending, ops.Sent, ops.HandedOver); err != nil {
		return nil, err
	}
	r.report.Open = len(r.open)
	for _, b := range r.open {
		if first := r.report.OpenFirst; first == nil || b.CreatedAt.Before(*first) {
			r.report.OpenFirst = &b.CreatedAt
		}
	}
	known, err := p.cfg.Store.KnownBreaks(ctx, p.cfg.Receiver)
	for _, b := range known {
		r.since[b.Table+"/"+b.Key] = b
	}
	return r, err
}

// count adds up what the run has and what the receiver acknowledged.
func (r *reconciliation) count(ctx context.Context, source Source) error {
	held := func(_ context.Context, table string) (*columns, error) {
		return r.columns(table, nil, noRecords()), nil
	}
	return r.sideBySide(ctx, source, r.cfg.Tables, held, func(_ context.Context, table, key string, s standing) error {
		if s.heldBack {
			r.heldBack[table]++
		}
		if s.published != "" {
			add(r.published, table, key, s.published)
		}
		r.acknowledge(table, s.known)
		return nil
	})
}

// acknowledge adds one record to what the receiver is known to hold.
func (r *reconciliation) acknowledge(table string, known ops.Delivery) {
	if r.blocks[table] == nil {
		r.blocks[table] = &blocks{}
	}
	r.blocks[table].add(known)
	if known.Held() {
		add(r.known, table, known.Key, known.Digest)
	}
	if settled := settledDigest(known); settled != "" {
		add(r.processed, table, known.Key, settled)
	}
	if r.overdue(known.Open, known.At) {
		r.late[table]++
	}
}

func add(states map[string]State, table, key, digest string) {
	s := states[table]
	s.Add(key, digest)
	states[table] = s
}

// settledDigest is what the receiver gave its last word on.
func settledDigest(known ops.Delivery) string {
	if known.Open {
		return known.Prior
	}
	return known.Digest
}

func (r *reconciliation) overdue(pending bool, since time.Time) bool {
	return pending && r.at.Sub(since) > r.cfg.AnswerDue
}

// askReceiver asks for each table what the receiver holds, and judges the totals.
func (r *reconciliation) askReceiver(ask func(table string) (Holdings, error)) (err error) {
	r.report.Equal = true
	for _, table := range r.cfg.Tables {
		t := TableReport{
			Table:        table,
			Published:    r.published[table].holdings(),
			Acknowledged: r.known[table].holdings(),
			Processed:    r.processed[table].holdings(),
			HeldBack:     r.heldBack[table],
		}
		t.Sent = r.sent(table, t.Acknowledged)
		t.Received, err = ask(table)
		switch {
		case errors.Is(err, ErrCannotAsk):
			t.ByFeedback, t.Received = true, t.Processed
		case err != nil:
			return fmt.Errorf("table %s: %w", table, err)
		}
		t.Equal = same(t.Published, t.Acknowledged) && same(t.Acknowledged, t.Received) && r.late[table] == 0
		r.report.Equal = r.report.Equal && t.Equal
		r.report.Tables = append(r.report.Tables, t)
	}
	return nil
}

// sent is what the receiver will hold of a table once the open batches have been
// taken.
func (r *reconciliation) sent(table string, acknowledged Holdings) Holdings {
	sent := acknowledged
	for _, b := range r.open { // in the order of sending
		if b.Table == table {
			sent = Holdings{Count: b.Target.Count, Digest: b.Target.Digest}
		}
	}
	return sent
}

func same(a, b Holdings) bool { return a.Count == b.Count && a.Digest == b.Digest }

// unequal lists the tables whose keys have to be looked at.
func (r *reconciliation) unequal() (tables []string) {
	for _, t := range r.report.Tables {
		if !t.Equal {
			tables = append(tables, t.Table)
		}
	}
	return tables
}

// note keeps what was found, with the keys that differ and since when.
func (r *reconciliation) note(ctx context.Context) error {
	var found []ops.Reconciliation
	for _, t := range r.report.Tables {
		causes := map[string]int{}
		for c, n := range t.Causes {
			causes[string(c)] = n
		}
		one := ops.Reconciliation{
			Receiver: r.report.Receiver, Table: t.Table, At: r.at, Run: r.report.Run, AsOf: r.report.AsOf,
			ByKey: r.report.ByKey, ByFeedback: t.ByFeedback,
			Published: tally(t.Published), Sent: tally(t.Sent), Acknowledged: tally(t.Acknowledged),
			Processed: tally(t.Processed), Received: tally(t.Received), ReceivedAt: t.Received.At,
			Differ: t.Differ, Undecided: t.Differ - t.Causes[Skipped], Causes: causes,
		}
		if one.ReceivedAt.IsZero() && !t.ByFeedback {
			one.ReceivedAt = r.at
		}
		for _, b := range r.open {
			if b.Table != t.Table {
				continue
			}
			if one.OpenBatches++; one.OldestOpen.IsZero() || b.CreatedAt.Before(one.OldestOpen) {
				one.OldestOpen = b.CreatedAt
			}
		}
		found = append(found, one)
	}
	breaks := make([]ops.KnownBreak, len(r.report.Breaks))
	for i, b := range r.report.Breaks {
		breaks[i] = ops.KnownBreak{Table: b.Table, Key: b.Key, Cause: string(b.Cause), Since: b.Since}
	}
	return r.cfg.Store.AddReconciliations(ctx, r.report.Receiver, found, r.report.ByKey, breaks)
}

func tally(h Holdings) ops.Target { return ops.Target{Count: h.Count, Digest: h.Digest} }
