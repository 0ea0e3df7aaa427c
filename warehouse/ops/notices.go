package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Awaited tells whether the receiver owes a notice: a receipt of a batch that was
// handed over, or a verdict on one that was accepted.
func (s *Store) Awaited(ctx context.Context, receiver string) (awaited bool, err error) {
	var one int
	err = s.db.QueryRowContext(ctx, `select 1 from outbox_batches
		where receiver = ? and status in ('handed_over', 'accepted') limit 1`, receiver).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("notices of %s: %w", receiver, err)
	}
	return true, nil
}

// NoticeCursor returns how far the notices of a receiver have been read, "" when
// none were.
func (s *Store) NoticeCursor(ctx context.Context, receiver string) (cursor string, err error) {
	err = s.db.QueryRowContext(ctx, `select cursor from receiver_notices where receiver = ?`, receiver).Scan(&cursor)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("notices of %s: %w", receiver, err)
	}
	return cursor, nil
}

// SetNoticeCursor notes that all notices up to the cursor have been taken in.
func (s *Store) SetNoticeCursor(ctx context.Context, l *Lease, cursor string, at time.Time) error {
	return s.leased(ctx, l, "notices", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `insert into receiver_notices (receiver, cursor, at) values (?, ?, ?)
			on conflict (receiver) do update set cursor = excluded.cursor, at = excluded.at`, l.Receiver, cursor, formatTime(at))
		return err
	})
}
