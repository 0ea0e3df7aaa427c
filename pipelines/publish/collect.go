package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rongxin/warehouse/ops"
)

// collect takes in what the receiver has said of batches since the last time. A
// page of notices counts as read when all of it has been taken in; taking a
// notice in twice does nothing. A receiver that owes nothing is not asked.
func (s *sender) collect(ctx context.Context) error {
	awaited, err := s.cfg.Store.Awaited(ctx, s.cfg.Receiver)
	if err != nil || !awaited {
		return err
	}
	since, err := s.cfg.Store.NoticeCursor(ctx, s.cfg.Receiver)
	if err != nil {
		return err
	}
	for more := true; more; {
		var notices []Notice
		var next string
		err := s.again(ctx, func() (err error) {
			notices, next, more, err = s.cfg.Transport.Collect(ctx, since)
			return err
		})
		if err != nil {
			return fmt.Errorf("notices: %w", err)
		}
		for _, n := range notices {
			if err := s.take(ctx, n); err != nil {
				return fmt.Errorf("notice of batch %s: %w", Plain(n.Number), err)
			}
		}
		if next == since {
			return nil
		}
		if err := s.cfg.Store.SetNoticeCursor(ctx, s.lease, next, s.cfg.Now()); err != nil {
			return err
		}
		since = next
	}
	return nil
}

// take takes in one notice. One that no batch here is waiting for is counted and
// has no effect.
func (s *sender) take(ctx context.Context, n Notice) error {
	b, ok, err := s.cfg.Store.BatchByNumber(ctx, s.cfg.Receiver, n.Number)
	if err != nil {
		return err
	}
	waited := b.Status == ops.Sent || b.Status == ops.HandedOver || b.Status == ops.Accepted
	if !ok || n.Key != "" && n.Key != b.Key || b.Status == ops.Draft || b.Status == ops.Pending {
		s.note(func(sum *Summary) { sum.StrangeNotices++ })
		return nil
	}
	if !waited || b.Status == ops.Accepted && n.Outcome == Accepted {
		return nil // told again
	}
	m, err := readBatch(b, s.lease.Epoch)
	if err != nil {
		return err
	}
	if checkRejected(n.Rejected, m.Rows) != nil {
		s.note(func(sum *Summary) { sum.StrangeNotices++ })
		return nil
	}
	receipt := ops.Receipt{ID: n.ReceiptID, Level: levelOf(n.Outcome), At: s.cfg.Now(), Content: n.Receipt}
	switch {
	case n.Outcome == Refused:
		return s.refuse(ctx, b, m, ops.Attempt{Batch: b.Key, Error: Plain(n.Code + " " + n.Text)}, receipt, n.Code, n.Text)
	case b.Status != ops.Accepted:
		return s.accept(ctx, m, ops.Attempt{Batch: b.Key}, receipt, n.Rejected)
	}
	var refused []ops.Outcome
	for _, o := range outcomes(m.Rows, n.Rejected) {
		if o.Refused {
			refused = append(refused, o)
		}
	}
	reverted, err := s.cfg.Store.Settle(ctx, s.lease, b.Key, receipt, refused)
	if err != nil {
		return err
	}
	later := slices.DeleteFunc(slices.Clone(n.Rejected), func(r Rejection) bool { return !slices.Contains(reverted, r.Key) })
	s.note(func(sum *Summary) {
		sum.Batches.Settled++
		sum.Reverted += len(reverted)
		sum.reject(m.Table, later)
	})
	return nil
}

// again asks until the answer makes sense, with the waits of the schedule.
func (p *Publisher) again(ctx context.Context, ask func() error) error {
	for tries := 1; ; tries++ {
		err := ask()
		if !errors.Is(err, ErrTemporary) {
			return err
		}
		if tries == p.cfg.MaxAttempts {
			return fmt.Errorf("after %d attempts: %w", tries, err)
		}
		if waited := p.wait(ctx, p.backoff(tries)); waited != nil {
			return fmt.Errorf("%w: %w", waited, err)
		}
	}
}
