package publish

import (
	"context"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// persist calls try until its answer is final, at most MaxAttempts times, with
// exponential waits and full jitter between, and never before the receiver
// asked for. After each answer that is not final, postpone learns how long the
// next try has to wait, also when this call does not make it. It is the only
// place where anything is repeated.
//
// The answer is final when the error is nil; it may be a refusal.
func (p *Publisher) persist(ctx context.Context, try func() (answer, error), postpone func(answer, time.Duration) error) (answer, error) {
	waits := backoff.ExponentialBackOff{ // random within current ± current, that is below twice current
		InitialInterval: p.cfg.BaseWait / 2, Multiplier: 2, MaxInterval: p.cfg.MaxWait / 2, RandomizationFactor: 1,
	}
	waits.Reset()
	for tries := 1; ; tries++ {
		a, err := try()
		if err != nil || a.final() {
			return a, settle(a, err)
		}
		wait := max(waits.NextBackOff(), a.retryAfter)
		if err := postpone(a, wait); err != nil {
			return a, err
		}
		if tries == p.cfg.MaxAttempts {
			return a, fmt.Errorf("%w: after %d attempts: %s: %w", ErrTemporary, tries, a.outcome, a.err)
		}
		if err := p.wait(ctx, wait); err != nil {
			return a, fmt.Errorf("%w: %s: %w", err, a.outcome, a.err)
		}
	}
}

// settle turns the final answers that end a call into errors.
func settle(a answer, err error) error {
	switch {
	case err != nil:
		return err
	case a.outcome == setup:
		return fmt.Errorf("%w: %w", ErrSetup, a.err)
	case a.outcome == interrupted:
		return a.err
	}
	return nil
}

// wait sleeps, unless that would take longer than this call may.
func (p *Publisher) wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	if d > p.cfg.MaxWait {
		return fmt.Errorf("%w: not to be tried again for %s", ErrTemporary, d.Round(time.Second))
	}
	return p.cfg.Sleep(ctx, d)
}
