package publish

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"rongxin/warehouse/ops"
)

// sender hands over what is in the outbox, the batches of a lane one after
// another and the lanes side by side.
type sender struct {
	*Publisher
	lease *ops.Lease
	gate  *gate

	mu       sync.Mutex // of all below
	sum      *Summary
	progress Progress
	serials  map[string]int // last serial given to a part, by day
	stuck    []error        // of lanes that gave up for now
}

func newSender(p *Publisher, lease *ops.Lease, sum *Summary) *sender {
	return &sender{Publisher: p, lease: lease, sum: sum, gate: newGate(p.cfg), serials: map[string]int{}}
}

// note changes the summary.
func (s *sender) note(change func(*Summary)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.sum)
}

// drain hands over all that is to be sent. A lane that cannot go on for now does
// not stop the others; an error that concerns all of them does, between batches.
func (s *sender) drain(ctx context.Context) error {
	lanes, err := s.cfg.Store.Backlogs(ctx, s.cfg.Receiver, s.cfg.Now())
	if err != nil {
		return err
	}
	s.progress, s.stuck, s.serials = Progress{Phase: "send"}, nil, map[string]int{}
	for _, lane := range lanes {
		s.progress.Total += lane.Batches
	}
	s.gate.remember(lanes)
	group, going := errgroup.WithContext(ctx)
	group.SetLimit(s.cfg.Lanes)
	for _, lane := range lanes {
		group.Go(func() error {
			err := s.lane(ctx, going, lane.Lane)
			if errors.Is(err, ErrTemporary) {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.stuck = append(s.stuck, err)
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if len(s.stuck) > 0 {
		return fmt.Errorf("%d of %d lanes are stuck: %w", len(s.stuck), len(lanes), s.stuck[0])
	}
	return nil
}

// lane hands over the batches of one lane, oldest first, so that nothing
// overtakes anything. going ends when another lane met what stops all.
func (s *sender) lane(ctx, going context.Context, lane int) error {
	for {
		if err := context.Cause(going); err != nil {
			return err
		}
		b, ok, err := s.cfg.Store.NextOpen(ctx, s.cfg.Receiver, lane, s.cfg.Now())
		if err != nil || !ok {
			return err
		}
		if err := s.deliver(ctx, going, b); err != nil {
			return fmt.Errorf("batch %s: %w", b.Number, err)
		}
	}
}

// deliver hands one batch over until the receiver has taken or refused it.
func (s *sender) deliver(ctx, going context.Context, b ops.Batch) error {
	m, err := readBatch(b, s.lease.Epoch)
	if err != nil {
		return err
	}
	if err := s.wait(going, b.NotBefore.Sub(s.cfg.Now())); err != nil {
		return err
	}
	for tries := 1; ; tries++ {
		if err := s.gate.pass(going, s.wait); err != nil {
			return err
		}
		if b.Attempts+tries > 1 {
			s.note(func(sum *Summary) { sum.Repeats++ })
		}
		a, log, err := s.attempt(ctx, m)
		if err != nil {
			s.gate.answered()
			return err
		}
		if done, err := s.settle(ctx, b, m, a, log); done || err != nil {
			s.gate.answered()
			return err
		}
		wait := max(s.backoff(b.Attempts+tries), a.RetryAfter)
		until := s.cfg.Now().Add(wait)
		s.gate.failed(until, a.RetryAfter > 0)
		if err := s.cfg.Store.Postpone(context.WithoutCancel(ctx), s.lease, log, until); err != nil {
			return err
		}
		if tries == s.cfg.MaxAttempts {
			return fmt.Errorf("%w: after %d attempts: %s: %w", ErrTemporary, tries, a.Outcome, a.Err)
		}
		if err := s.wait(going, wait); err != nil {
			return fmt.Errorf("%w: %s: %w", err, a.Outcome, a.Err)
		}
	}
}

// backoff is how long to wait after so many attempts in all: a random time up to
// what the schedule says, so that many senders do not come back together.
func (p *Publisher) backoff(attempts int) time.Duration {
	longest := p.cfg.Schedule[min(attempts, len(p.cfg.Schedule))-1]
	return rand.N(longest) + 1
}

// wait sleeps, unless that would take longer than this call may.
func (p *Publisher) wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	if d > p.cfg.Patience {
		return fmt.Errorf("%w: not to be tried again for %s", ErrTemporary, d.Round(time.Second))
	}
	return p.cfg.Sleep(ctx, d)
}

// attempt hands the batch over once; the attempt is in the log before it leaves.
func (s *sender) attempt(ctx context.Context, m Message) (Answer, ops.Attempt, error) {
	started := s.cfg.Now()
	log := ops.Attempt{Batch: m.Key}
	var err error
	if log.ID, err = s.cfg.Store.BeginAttempt(ctx, s.lease, m.Key, started); err != nil {
		return Answer{}, log, err
	}
	s.note(func(sum *Summary) { sum.Attempts++ })
	a := s.cfg.Transport.Send(ctx, m)
	if a.Outcome == Accepted || a.Outcome == Processed {
		if err := checkRejected(a.Rejected, m.Rows); err != nil {
			a.Outcome, a.Err = Garbled, err
		}
	}
	log.Outcome, log.HTTPStatus, log.Duration = string(a.Outcome), a.Status, s.cfg.Now().Sub(started)
	if a.Err != nil {
		log.Error = Plain(a.Err.Error())
	}
	return a, log, nil
}

// settle writes down what follows from an answer; done says that the batch has
// had its answer. Once it is here, a cancelled context no longer keeps it from
// being stored.
func (s *sender) settle(ctx context.Context, b ops.Batch, m Message, a Answer, log ops.Attempt) (done bool, err error) {
	keep := context.WithoutCancel(ctx)
	switch a.Outcome {
	case Handed:
		err = s.cfg.Store.HandOver(keep, s.lease, log, s.cfg.Now().Add(s.cfg.AnswerDue))
		s.note(func(sum *Summary) { sum.Batches.HandedOver++ })
	case Accepted, Processed:
		err = s.accept(keep, m, log, receiptOf(a, s.cfg.Now()), a.Rejected)
	case Refused:
		err = s.refuse(keep, b, m, log, ops.Receipt{ID: a.ReceiptID, At: s.cfg.Now(), Content: a.Receipt}, a.Code, a.Text)
	case Misconfigured, Fenced, Interrupted:
		return false, errors.Join(s.cfg.Store.Postpone(keep, s.lease, log, time.Time{}), a.Problem())
	default:
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress.Batches++
	s.progress.Records += b.Rows
	s.cfg.Progress(s.progress)
	return true, nil
}
