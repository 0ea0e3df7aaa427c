package publish

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rongxin/warehouse/ops"
)

// planner turns a run into the changes the receiver still needs. It walks the
// run and the receiver's acknowledged records side by side, both ascending by
// table and key, and holds one batch a lane, a few drafts and one page in memory.
type planner struct {
	*Publisher
	lease   *ops.Lease
	run     RunInfo
	sum     *Summary
	waiting map[string]bool // enterprises with a batch in flight
	serial  int
	targets map[string]ops.Target

	tables []string // not walked to the end yet; the first is being walked
	held   *heldRecords
	lanes  lanes
	drafts []ops.Batch // not written yet
	target State

	published map[string]State // what the receiver ought to hold, by table
}

// maxSerial is what the five digits of cd_batch can count in one day.
const maxSerial = 99999

// plan writes the batches as drafts and makes them pending only when the whole
// run has been read: a source that fails half way sends nothing. The outbox
// keeps the bytes of each body rather than a way to derive them, because a
// repeat under the same key must be the same bytes even after the program, the
// field set or the run directory has changed. It returns what the receiver ought
// to hold, by table.
func (p *Publisher) plan(ctx context.Context, lease *ops.Lease, run RunInfo, source Source, sum *Summary) (map[string]State, error) {
	serial, err := p.cfg.Store.Serial(ctx, p.cfg.Receiver, run.AsOf.Format("20060102"))
	if err != nil {
		return nil, err
	}
	waiting, err := p.cfg.Store.OpenSubjects(ctx, p.cfg.Receiver)
	if err != nil {
		return nil, err
	}
	pl := &planner{
		Publisher: p, lease: lease, run: run, sum: sum, waiting: waiting, serial: serial, targets: map[string]ops.Target{},
		tables: p.cfg.Tables, held: p.heldRecords(p.cfg.Tables[0]), published: map[string]State{},
	}
	pl.lanes = lanes{most: p.cfg.Lanes, batch: p.cfg.BatchSize, emit: func(table string, lane int, rows []MessageRow) error {
		return pl.draft(ctx, table, lane, rows)
	}}
	if err := source.each(ctx, func(r Record, content []byte) error { return pl.add(ctx, r, content) }); err != nil {
		return nil, fmt.Errorf("run %s: %w", run.ID, err)
	}
	for len(pl.tables) > 0 {
		if err := pl.endTable(ctx); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(pl.lanes.end(), pl.write(ctx)); err != nil {
		return nil, err
	}
	return pl.published, p.cfg.Store.SealDrafts(ctx, lease, pl.targets)
}

func (pl *planner) add(ctx context.Context, r Record, content []byte) error {
	for len(pl.tables) > 0 && pl.tables[0] < r.Table {
		if err := pl.endTable(ctx); err != nil {
			return err
		}
	}
	pl.sum.Published++
	if len(pl.tables) == 0 || pl.tables[0] != r.Table {
		pl.sum.NotForIt++
		return nil
	}
	if err := pl.withdrawUpTo(ctx, r.Key); err != nil {
		return err
	}
	known, err := pl.held.take(ctx, r.Key)
	if err != nil {
		return err
	}
	if r.HeldBack != "" {
		pl.sum.HeldBack++
		pl.keep(known)
		if known.Held() {
			add(pl.published, r.Table, r.Key, known.Digest)
		}
		return nil
	}
	wanted := MessageRow{ops.Insert, r.Key, r.Subject, digest(content), content}
	add(pl.published, r.Table, r.Key, wanted.Digest)
	return pl.compare(wanted, known)
}

// endTable withdraws what the run no longer has of the table.
func (pl *planner) endTable(ctx context.Context) error {
	if err := pl.withdrawUpTo(ctx, ""); err != nil {
		return err
	}
	pl.targets[pl.tables[0]] = ops.Target{Count: pl.target.Count, Digest: pl.target.Digest()}
	pl.target = State{}
	if pl.tables = pl.tables[1:]; len(pl.tables) > 0 {
		pl.held = pl.heldRecords(pl.tables[0])
	}
	return nil
}

// keep leaves a record as the receiver has it.
func (pl *planner) keep(known ops.Delivery) {
	if known.Held() {
		pl.target.Add(known.Key, known.Digest)
	}
}

// compare enqueues what makes the receiver's record that of wanted.
func (pl *planner) compare(wanted MessageRow, known ops.Delivery) error {
	if known.Held() {
		wanted.Operation = ops.Update
	}
	switch {
	case known.Held() && known.Digest == wanted.Digest:
		pl.sum.Unchanged++
		pl.keep(known)
		return nil
	case refusedBefore(wanted, known):
		pl.sum.RefusedBefore++
		pl.keep(known)
		return nil
	case pl.waits(wanted.Subject, known):
		pl.sum.Waiting++
		pl.keep(known)
		return nil
	case wanted.Operation == ops.Update:
		pl.sum.Updated++
	default:
		pl.sum.Inserted++
	}
	pl.target.Add(wanted.Key, wanted.Digest)
	return pl.lanes.put(pl.tables[0], wanted)
}

// refusedBefore tells whether the receiver would not take this very change and
// nobody has asked for another try.
func refusedBefore(wanted MessageRow, known ops.Delivery) bool {
	r := known.Refused
	return r != nil && r.Status != ops.LetterRetry && r.Operation == wanted.Operation && r.Digest == wanted.Digest
}

// waits tells whether nothing new may be sent of the record: something of its
// enterprise is in flight, or the verdict on its last change is to come.
func (pl *planner) waits(subject string, known ops.Delivery) bool {
	return known.Open || pl.waiting[subject]
}

// withdrawUpTo removes what the receiver holds of keys below key that the run
// passed over; an empty key stands for the end.
func (pl *planner) withdrawUpTo(ctx context.Context, key string) error {
	for {
		known, ok, err := pl.held.peek(ctx)
		if err != nil || !ok || key != "" && known.Key >= key {
			return err
		}
		pl.held.drop()
		removal := MessageRow{Operation: ops.Delete, Key: known.Key, Subject: known.Subject}
		switch {
		case !known.Held():
			continue
		case refusedBefore(removal, known):
			pl.sum.RefusedBefore++
			pl.keep(known)
			continue
		case pl.waits(known.Subject, known):
			pl.sum.Waiting++
			pl.keep(known)
			continue
		}
		pl.sum.Withdrawn++
		if err := pl.lanes.put(pl.tables[0], removal); err != nil {
			return err
		}
	}
}

// draft makes rows of a lane one batch.
func (pl *planner) draft(ctx context.Context, table string, lane int, rows []MessageRow) error {
	pl.serial++
	number, err := batchNumber(pl.run.AsOf, pl.serial)
	if err != nil {
		return err
	}
	b, err := newBatch(pl.cfg.Receiver, heading{
		Source: pl.cfg.SourceCode, Batch: number, Run: pl.run.ID, Table: table, Lane: lane,
	}, pl.run.AsOf, rows)
	if err != nil {
		return fmt.Errorf("batch %s: %w", number, err)
	}
	if pl.drafts = append(pl.drafts, b); len(pl.drafts) < draftsAtOnce {
		return nil
	}
	return pl.write(ctx)
}

// draftsAtOnce is how many drafts are written in one transaction.
const draftsAtOnce = 8

func (pl *planner) write(ctx context.Context) error {
	if len(pl.drafts) == 0 {
		return nil
	}
	if err := pl.cfg.Store.AddDrafts(ctx, pl.lease, pl.cfg.Now(), pl.drafts...); err != nil {
		return err
	}
	pl.sum.Batches.Enqueued += len(pl.drafts)
	pl.drafts = pl.drafts[:0]
	pl.cfg.Progress(Progress{Phase: "plan", Batches: pl.sum.Batches.Enqueued, Records: pl.sum.Published})
	return nil
}

func batchNumber(day time.Time, serial int) (string, error) {
	if serial > maxSerial {
		return "", fmt.Errorf("more than %d batches for %s", maxSerial, day.Format(time.DateOnly))
	}
	return fmt.Sprintf("%s%05d", day.Format("20060102"), serial), nil
}
