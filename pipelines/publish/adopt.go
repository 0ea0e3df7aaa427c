package publish

import (
	"context"
	"fmt"
	"time"

	"rongxin/warehouse/ops"
)

// Adopt reconciles, and then believes the receiver: of each key whose cause says
// so, what the receiver holds counts as acknowledged from now on. The next
// publication sends what makes it that of the run. It is the way back after the
// store was lost, or an older copy of it put in its place: batches without an
// answer, which may be of a time that is over, are given up and planned anew, and
// where the receiver was sent what nobody here knows of, batch numbers that it may
// have seen are passed over.
//
// The error wraps [ErrCannotAsk] when the receiver does not tell what it holds of
// any table: then there is nothing to believe, and nothing has been changed.
func (p *Publisher) Adopt(ctx context.Context, run RunInfo, source Source) (Report, error) {
	return p.reconcile(ctx, run, source, true)
}

func (r *reconciliation) adopt(ctx context.Context, source Source, lease *ops.Lease) error {
	if err := r.giveUp(ctx, lease); err != nil {
		return err
	}
	tables := r.unequal()
	if len(tables) == 0 {
		return nil
	}
	if err := r.compare(ctx, source, tables, lease); err != nil {
		return err
	}
	if c := r.report.Causes; c[Unrecorded]+c[ExtraThere]+c[ContentDiffers] == 0 {
		return nil
	}
	last := r.at.AddDate(0, 0, 1) // whatever the zone, no day after it has been published
	if asOf, err := time.Parse(time.DateOnly, r.report.AsOf); err != nil {
		return err
	} else if asOf.After(last) {
		last = asOf
	}
	return r.cfg.Store.SkipSerials(ctx, lease, last.Format("20060102"), r.at)
}

// giveUp takes batches without an answer out of the outbox, where the receiver
// tells what it holds. What was handed over stays: its receipt is to come.
func (r *reconciliation) giveUp(ctx context.Context, lease *ops.Lease) (err error) {
	asked := 0
	for _, t := range r.report.Tables {
		if t.ByFeedback {
			continue
		}
		asked++
		n, err := r.cfg.Store.GiveUp(ctx, lease, t.Table)
		if err != nil {
			return err
		}
		r.report.GivenUp += int(n)
	}
	if asked == 0 {
		return fmt.Errorf("%w, so there is nothing to take over: put back the newest copy of the operations store; or have the receiver list what it holds, where its transport knows such a list; or have it remove all records of source %s, and publish the run of a later day to it",
			ErrCannotAsk, r.cfg.SourceCode)
	}
	r.open, err = r.cfg.Store.Batches(ctx, r.cfg.Receiver, ops.HandedOver)
	return err
}
