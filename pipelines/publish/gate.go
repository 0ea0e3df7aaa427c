package publish

import (
	"context"
	"sync"
	"time"

	"rongxin/warehouse/ops"
)

// gate lets the lanes through to the receiver: none while it is taken for dead,
// one to find out whether it still is, and not more a second than agreed.
//
// After breakAfter failures in a row it closes until the last of them is due
// again, and then lets a single one through; so a receiver that is down is asked
// no more often than for one batch, however many lanes there are. A receiver
// that says when to come back closes it at once.
type gate struct {
	now   func() time.Time
	every time.Duration // between two handings-over; 0 for no limit

	mu       sync.Mutex
	failures int           // in a row
	until    time.Time     // closed until then
	probe    chan struct{} // closed when the single one has ended; nil when none is under way
	next     time.Time     // the next one may leave
}

// remember has the gate begin as the last call left it, by what is in the outbox:
// several batches in vain, and not just one that the receiver trips over.
func (g *gate) remember(lanes []ops.Backlog) {
	unanswered, attempts := 0, 0
	for _, lane := range lanes {
		unanswered += lane.Unanswered
		attempts += lane.Attempts
	}
	if unanswered > 1 && attempts >= breakAfter {
		g.failures = breakAfter
	}
}

// breakAfter is how many failures in a row close the gate.
const breakAfter = 5

func newGate(c Config) *gate {
	g := &gate{now: c.Now}
	if c.Rate > 0 {
		g.every = time.Duration(float64(time.Second) / c.Rate)
	}
	return g
}

// pass waits until the caller may hand over one batch. It then has to say how
// that ended, by answered or failed.
func (g *gate) pass(ctx context.Context, wait func(context.Context, time.Duration) error) error {
	for {
		d, probe := g.ask()
		switch {
		case probe != nil:
			select {
			case <-probe:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		case d > 0:
			if err := wait(ctx, d); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// ask says for how long to wait, or for whom; or neither, and then the caller is
// through.
func (g *gate) ask() (time.Duration, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if d := max(g.until.Sub(now), g.next.Sub(now)); d > 0 {
		return d, nil
	}
	if g.failures >= breakAfter {
		if g.probe != nil {
			return 0, g.probe
		}
		g.probe = make(chan struct{})
	}
	g.next = now.Add(g.every)
	return 0, nil
}

// answered says that the receiver is alive.
func (g *gate) answered() { g.end(0, time.Time{}) }

// failed says that it did not answer to the point, and when the batch is due
// again; asked, that the receiver named the time itself.
func (g *gate) failed(until time.Time, asked bool) {
	g.mu.Lock()
	failures := g.failures + 1
	g.mu.Unlock()
	if failures < breakAfter && !asked {
		until = time.Time{}
	}
	g.end(failures, until)
}

func (g *gate) end(failures int, until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failures = failures
	if until.After(g.until) {
		g.until = until
	}
	if g.probe != nil {
		close(g.probe)
		g.probe = nil
	}
}
