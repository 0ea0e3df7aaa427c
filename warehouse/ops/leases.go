package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrFenced is returned to the holder of a lease that somebody else has taken
// over since. What it was about to do is not done, and it must stop.
var ErrFenced = errors.New("another publisher has taken over")

// Lease is the right to publish to a receiver. What changes the outbox or the
// deliveries asks for it in the same transaction, and the receiver is told its
// epoch with every batch, so that a publisher that stood still, or was cut off,
// while another took over has no effect any more.
type Lease struct {
	Receiver string
	Owner    string
	Epoch    int64 // the fencing token; of two leases on a receiver, the later has the greater
	ttl      time.Duration
	unlock   func() error // nil without a lock
}

// Lease takes the right to publish to a receiver for ttl, or returns [ErrLocked]
// with who holds it until when. owner is for people to read. A lease of a process
// that has ended is taken over at once, that of one that only stands still when
// its time is up.
//
// Epochs follow the clock, one a second at least, so that they go on growing
// should the store be lost or be an older copy. A clock that is wrong makes a
// publisher take over early or late, never two of them have effect.
func (s *Store) Lease(ctx context.Context, receiver, owner string, now time.Time, ttl time.Duration) (*Lease, error) {
	l := &Lease{Receiver: receiver, Owner: owner, ttl: ttl}
	unlock, err := s.Lock("publish-" + receiver)
	if err == nil {
		l.unlock = unlock
	} else if !errors.Is(err, ErrLocked) {
		return nil, err
	}
	if err := s.change(ctx, func(tx *sql.Tx) error { return l.take(ctx, tx, now) }); err != nil {
		if l.unlock != nil {
			err = errors.Join(err, l.unlock())
		}
		return nil, fmt.Errorf("lease on %s: %w", receiver, err)
	}
	return l, nil
}

func (l *Lease) take(ctx context.Context, tx *sql.Tx, now time.Time) error {
	var epoch int64
	var owner, text string
	var locked bool
	err := tx.QueryRowContext(ctx, `select epoch, owner, until, locked from leases where receiver = ?`, l.Receiver).
		Scan(&epoch, &owner, &text, &locked)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	until, err := parseTime(text)
	if err != nil {
		return err
	}
	ended := locked && l.unlock != nil // its lock is ours now
	if until.After(now) && !ended {
		return fmt.Errorf("%w: %s holds it until %s", ErrLocked, owner, text)
	}
	l.Epoch = max(epoch+1, now.Unix())
	_, err = tx.ExecContext(ctx, `insert into leases (receiver, epoch, owner, until, locked) values (?, ?, ?, ?, ?)
		on conflict (receiver) do update set epoch = excluded.epoch, owner = excluded.owner, until = excluded.until, locked = excluded.locked`,
		l.Receiver, l.Epoch, l.Owner, formatTime(now.Add(l.ttl)), l.unlock != nil)
	return err
}

// Renew makes the lease hold for its time from now on, or returns [ErrFenced].
// Beginning an attempt does so too.
func (s *Store) Renew(ctx context.Context, l *Lease, now time.Time) error {
	return s.leased(ctx, l, "lease", func(ctx context.Context, tx *sql.Tx) error { return l.renew(ctx, tx, now) })
}

func (l *Lease) renew(ctx context.Context, tx *sql.Tx, now time.Time) error {
	return one(tx.ExecContext(ctx, `update leases set until = ? where receiver = ?`, formatTime(now.Add(l.ttl)), l.Receiver))
}

// Release gives the lease back. That another has taken over is no error.
func (s *Store) Release(ctx context.Context, l *Lease) error {
	err := s.leased(ctx, l, "lease", func(ctx context.Context, tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, `update leases set until = '' where receiver = ?`, l.Receiver))
	})
	if errors.Is(err, ErrFenced) {
		err = nil
	}
	if l.unlock != nil {
		err = errors.Join(err, l.unlock())
	}
	return err
}

// leased runs one transaction of the holder of a lease, or returns [ErrFenced].
func (s *Store) leased(ctx context.Context, l *Lease, about string, do func(context.Context, *sql.Tx) error) error {
	return s.outbox(ctx, l.Receiver+": "+about, func(ctx context.Context, tx *sql.Tx) error {
		var epoch int64
		if err := tx.QueryRowContext(ctx, `select epoch from leases where receiver = ?`, l.Receiver).Scan(&epoch); err != nil {
			return err
		}
		if epoch != l.Epoch {
			return fmt.Errorf("%w: epoch %d, not %d", ErrFenced, epoch, l.Epoch)
		}
		return do(ctx, tx)
	})
}
