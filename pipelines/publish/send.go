package publish

import (
	"context"
	"fmt"
	"time"

	"rongxin/warehouse/ops"
)

// drain sends what is open in the outbox, oldest first, one after another, so
// that nothing overtakes anything.
func (p *Publisher) drain(ctx context.Context, sum *Summary) error {
	open, err := p.cfg.Store.Batches(ctx, p.cfg.Receiver, ops.Pending, ops.Sent)
	if err != nil {
		return err
	}
	progress := Progress{Phase: "send", Total: len(open)}
	for {
		b, ok, err := p.cfg.Store.NextOpen(ctx, p.cfg.Receiver)
		if err != nil || !ok {
			return err
		}
		if err := p.deliver(ctx, b, sum); err != nil {
			return fmt.Errorf("batch %s: %w", b.Number, err)
		}
		progress.Batches++
		progress.Records += b.Rows
		p.cfg.Progress(progress)
	}
}

// deliver hands one batch over until the receiver has taken or refused it.
func (p *Publisher) deliver(ctx context.Context, b ops.Batch, sum *Summary) error {
	rows, err := decodeBatch(b.Body)
	if err != nil {
		return err
	}
	if err := p.wait(ctx, b.NotBefore.Sub(p.cfg.Now())); err != nil {
		return err
	}
	var log ops.Attempt
	_, err = p.persist(ctx, func() (answer, error) {
		sum.Attempts++
		var a answer
		a, log, err = p.attempt(ctx, b, rows, sum)
		return a, err
	}, func(_ answer, wait time.Duration) error {
		return p.cfg.Store.Postpone(context.WithoutCancel(ctx), log, p.cfg.Now().Add(wait))
	})
	return err
}

// attempt makes one request and, if its answer is final, writes down what
// follows from it. Once an answer is here, a cancelled context no longer keeps
// it from being stored.
func (p *Publisher) attempt(ctx context.Context, b ops.Batch, rows []row, sum *Summary) (answer, ops.Attempt, error) {
	started := p.cfg.Now()
	id, err := p.cfg.Store.BeginAttempt(ctx, b.Key, started)
	if err != nil {
		return answer{}, ops.Attempt{}, err
	}
	a := p.courier.post(ctx, b)
	var r receipt
	if a.outcome == answered {
		if r, err = readReceipt(a.body, b, rows); err != nil {
			a.outcome, a.err = garbled, err
		}
	}
	log := ops.Attempt{ID: id, Batch: b.Key, Outcome: string(a.outcome), HTTPStatus: a.status, Duration: p.cfg.Now().Sub(started)}
	if a.err != nil {
		log.Error = plain(a.err.Error())
	}
	ctx = context.WithoutCancel(ctx)
	switch a.outcome {
	case answered:
		kept := ops.Receipt{ID: r.ID, At: p.cfg.Now(), Content: a.body}
		err = p.cfg.Store.Accept(ctx, log, kept, r.outcomes(rows))
		r.count(sum)
	case refused:
		err = p.cfg.Store.Fail(ctx, log)
		sum.Batches.Failed++
		sum.Failed += b.Rows
		sum.Failures = append(sum.Failures, Failure{b.Number, b.FirstKey, b.LastKey, b.Rows, a.code, a.text})
	case setup, interrupted:
		err = p.cfg.Store.Postpone(ctx, log, time.Time{})
	default:
		err = nil
	}
	return a, log, err
}
