package publish

import (
	"context"
	"fmt"

	"rongxin/warehouse/ops"
)

// planner turns a run into the changes the receiver still needs. It walks the
// run and the receiver's acknowledged records side by side, both ascending by
// key, and holds one batch and one page in memory.
type planner struct {
	*Publisher
	run    RunInfo
	sum    *Summary
	held   *heldRecords
	rows   []row
	serial int
}

// maxSerial is what the five digits of cd_batch can count in one day.
const maxSerial = 99999

// plan writes the batches as drafts and makes them pending only when the whole
// run has been read: a source that fails half way sends nothing. The outbox
// keeps the bytes of each body rather than a way to derive them, because a
// repeat under the same key must be the same bytes even after the program, the
// field set or the run directory has changed.
func (p *Publisher) plan(ctx context.Context, run RunInfo, source Source, sum *Summary) error {
	serial, err := p.cfg.Store.Serial(ctx, p.cfg.Receiver, run.AsOf.Format("20060102"))
	if err != nil {
		return err
	}
	pl := &planner{Publisher: p, run: run, sum: sum, held: p.heldRecords(), serial: serial}
	err = source.each(ctx, func(key string, content []byte) error { return pl.add(ctx, key, content) })
	if err != nil {
		return fmt.Errorf("run %s: %w", run.ID, err)
	}
	if err := pl.finish(ctx); err != nil {
		return err
	}
	return p.cfg.Store.SealDrafts(ctx, p.cfg.Receiver)
}

func (pl *planner) add(ctx context.Context, key string, content []byte) error {
	if err := pl.withdrawUpTo(ctx, key); err != nil {
		return err
	}
	known, err := pl.held.take(ctx, key)
	if err != nil {
		return err
	}
	pl.sum.Published++
	return pl.compare(ctx, row{ops.Insert, key, digest(content), content}, known)
}

// compare enqueues what makes the receiver's record that of wanted.
func (pl *planner) compare(ctx context.Context, wanted row, known ops.Delivery) error {
	if known.Held() {
		wanted.operation = ops.Update
	}
	switch {
	case known.Held() && known.Digest == wanted.digest:
		pl.sum.Unchanged++
		return nil
	case pl.refusedBefore(wanted, known):
		pl.sum.RefusedBefore++
		return nil
	case wanted.operation == ops.Update:
		pl.sum.Updated++
	default:
		pl.sum.Inserted++
	}
	return pl.enqueue(ctx, wanted)
}

func (pl *planner) refusedBefore(wanted row, known ops.Delivery) bool {
	r := known.Refused
	return !pl.cfg.RetryRefused && r != nil && r.Operation == wanted.operation && r.Digest == wanted.digest
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
		removal := row{operation: ops.Delete, key: known.Key}
		switch {
		case !known.Held():
			continue
		case pl.refusedBefore(removal, known):
			pl.sum.RefusedBefore++
			continue
		}
		pl.sum.Withdrawn++
		if err := pl.enqueue(ctx, removal); err != nil {
			return err
		}
	}
}

func (pl *planner) finish(ctx context.Context) error {
	if err := pl.withdrawUpTo(ctx, ""); err != nil {
		return err
	}
	return pl.flush(ctx)
}

func (pl *planner) enqueue(ctx context.Context, r row) error {
	pl.rows = append(pl.rows, r)
	if len(pl.rows) < pl.cfg.BatchSize {
		return nil
	}
	return pl.flush(ctx)
}

// flush writes the rows gathered so far as one draft.
func (pl *planner) flush(ctx context.Context) error {
	if len(pl.rows) == 0 {
		return nil
	}
	if pl.serial++; pl.serial > maxSerial {
		return fmt.Errorf("more than %d batches for %s", maxSerial, pl.run.AsOf.Format("2006-01-02"))
	}
	number := fmt.Sprintf("%s%05d", pl.run.AsOf.Format("20060102"), pl.serial)
	body, err := encodeBatch(pl.cfg.SourceCode, number, pl.run, pl.rows)
	if err != nil {
		return fmt.Errorf("batch %s: %w", number, err)
	}
	err = pl.cfg.Store.AddDraft(ctx, ops.Batch{
		Key:      digest([]byte(pl.cfg.Receiver), []byte("\n"), body),
		Receiver: pl.cfg.Receiver, Run: pl.run.ID, Number: number,
		FirstKey: pl.rows[0].key, LastKey: pl.rows[len(pl.rows)-1].key, Rows: len(pl.rows),
		Digest: digest(body), Body: body, CreatedAt: pl.cfg.Now(),
	})
	if err != nil {
		return err
	}
	pl.rows = pl.rows[:0]
	pl.sum.Batches.Enqueued++
	pl.cfg.Progress(Progress{Phase: "plan", Batches: pl.sum.Batches.Enqueued, Records: pl.sum.Published})
	return nil
}
