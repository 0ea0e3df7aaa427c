package ops

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"time"
)

// Attempt is one handing-over of a batch and how it ended.
type Attempt struct {
	ID         int64  // 0 stands for none: what is stored came by a notice
	Batch      string // key of the batch
	Epoch      int64  // fencing token of the sender
	At         time.Time
	Outcome    string // one word: accepted, refused, unavailable, timeout …; "open" until it ended
	HTTPStatus int    // 0 when no answer came
	Duration   time.Duration
	Error      string // empty when the batch was taken
}

// Receipt is what the receiver answered, byte for byte.
type Receipt struct {
	ID      string // the receiver's number of it
	Level   Status // Accepted or Processed; Failed is a refusal of the whole batch
	At      time.Time
	Digest  string // SHA-256 of Content in hex; set by the store
	Content []byte
}

// BeginAttempt notes, before anything leaves, that the batch is being handed
// over: it becomes [Sent], its count of attempts goes up, and the lease holds
// for its time from now on.
func (s *Store) BeginAttempt(ctx context.Context, l *Lease, batch string, at time.Time) (id int64, err error) {
	err = s.leased(ctx, l, batch, func(ctx context.Context, tx *sql.Tx) error {
		if err := l.renew(ctx, tx, at); err != nil {
			return err
		}
		if err := one(tx.ExecContext(ctx, `update outbox_batches set status = 'sent', attempts = attempts + 1
			where key = ? and status in ('pending', 'sent', 'handed_over')`, batch)); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `insert into outbox_attempts (batch, epoch, at) values (?, ?, ?) returning id`,
			batch, l.Epoch, formatTime(at)).Scan(&id)
	})
	return id, err
}

// Postpone ends an attempt that brought no answer to rely on. The batch stays
// [Sent] and is not due again before notBefore.
func (s *Store) Postpone(ctx context.Context, l *Lease, a Attempt, notBefore time.Time) error {
	return s.leased(ctx, l, a.Batch, func(ctx context.Context, tx *sql.Tx) error {
		_, err := a.end(ctx, tx, Sent, notBefore)
		return err
	})
}

// HandOver ends an attempt after which the receipt comes by a notice. Without
// one the batch is due again at notBefore.
func (s *Store) HandOver(ctx context.Context, l *Lease, a Attempt, notBefore time.Time) error {
	return s.leased(ctx, l, a.Batch, func(ctx context.Context, tx *sql.Tx) error {
		_, err := a.end(ctx, tx, HandedOver, notBefore.Truncate(time.Second))
		return err
	})
}

// Accept stores a receipt and ends the attempt that brought it. In the same
// transaction the batch becomes what the receipt says, [Accepted] or
// [Processed], and the state of its records moves.
func (s *Store) Accept(ctx context.Context, l *Lease, a Attempt, receipt Receipt, outcomes []Outcome) error {
	return s.leased(ctx, l, a.Batch, func(ctx context.Context, tx *sql.Tx) error {
		b, err := a.end(ctx, tx, receipt.Level, time.Time{})
		if err != nil {
			return err
		}
		if err := insertReceipt(ctx, tx, a.Batch, receipt); err != nil {
			return err
		}
		return b.record(ctx, tx, receipt, outcomes)
	})
}

// Split ends an attempt, or takes in a notice, in which the receiver refused the
// batch as a whole. The batch becomes [Failed], and its parts, with Path, Key,
// Number, FirstKey, LastKey, Rows, Digest, Body and Subjects set, take its place
// in its lane.
func (s *Store) Split(ctx context.Context, l *Lease, a Attempt, refusal Receipt, parts []Batch) error {
	return s.leased(ctx, l, a.Batch, func(ctx context.Context, tx *sql.Tx) error {
		whole, err := failed(ctx, tx, a, refusal)
		if err != nil {
			return err
		}
		var seq int64
		if err := tx.QueryRowContext(ctx, `select seq from outbox_batches where key = ?`, whole.Key).Scan(&seq); err != nil {
			return err
		}
		for _, part := range parts {
			part.Receiver, part.Table, part.Lane, part.Run = whole.Receiver, whole.Table, whole.Lane, whole.Run
			part.Target, part.CreatedAt = whole.Target, refusal.At
			if err := insertBatch(ctx, tx, part, seq, Pending); err != nil {
				return err
			}
		}
		return nil
	})
}

// Bury ends an attempt, or takes in a notice, in which the receiver refused a
// batch of one record: it becomes [Failed] and the record a dead letter.
func (s *Store) Bury(ctx context.Context, l *Lease, a Attempt, refusal Receipt, o Outcome) error {
	return s.leased(ctx, l, a.Batch, func(ctx context.Context, tx *sql.Tx) error {
		whole, err := failed(ctx, tx, a, refusal)
		if err != nil {
			return err
		}
		return whole.bury(ctx, tx, RefusedAlone, refusal.At, o)
	})
}

// failed ends a batch that was refused as a whole. What had been accepted of it
// is what it was before.
func failed(ctx context.Context, tx *sql.Tx, a Attempt, refusal Receipt) (Batch, error) {
	whole, err := a.end(ctx, tx, Failed, time.Time{})
	if err != nil {
		return whole, err
	}
	if len(refusal.Content) > 0 {
		refusal.Level = Failed
		if err := insertReceipt(ctx, tx, a.Batch, refusal); err != nil {
			return whole, err
		}
	}
	_, err = tx.ExecContext(ctx, revert+` where receiver = ? and batch = ? and settled = 0`, whole.Receiver, whole.Number)
	return whole, err
}

// end closes the attempt, when there is one, and moves the batch, which it
// returns.
func (a Attempt) end(ctx context.Context, tx *sql.Tx, status Status, notBefore time.Time) (b Batch, err error) {
	if a.ID != 0 {
		if err := one(tx.ExecContext(ctx, `update outbox_attempts set outcome = ?, http_status = ?, duration_ms = ?, error = ?
			where id = ? and batch = ? and outcome = 'open'`,
			a.Outcome, a.HTTPStatus, a.Duration.Milliseconds(), a.Error, a.ID, a.Batch)); err != nil {
			return b, err
		}
	}
	drop := ""
	if status == Processed || status == Failed {
		drop = ", body = null, subjects = null"
	}
	if err := b.scan(tx.QueryRowContext(ctx, `update outbox_batches set status = ?, next_attempt_at = ?, last_error = ?`+drop+`
		where key = ? and status in ('sent', 'handed_over', 'accepted') returning `+batchColumns,
		status, formatTime(notBefore), a.Error, a.Batch)); err != nil {
		return b, fmt.Errorf("not under way: %w", err)
	}
	return b, nil
}

func insertReceipt(ctx context.Context, tx *sql.Tx, batch string, r Receipt) error {
	sum := sha256.Sum256(r.Content)
	_, err := tx.ExecContext(ctx, `insert into receipts (batch, level, receipt_id, at, digest, content) values (?, ?, ?, ?, ?, ?)
		on conflict do nothing`,
		batch, r.Level, r.ID, formatTime(r.At), hex.EncodeToString(sum[:]), append([]byte{}, r.Content...))
	return err
}

// Attempts lists the attempts at a batch, oldest first.
func (s *Store) Attempts(ctx context.Context, batch string) ([]Attempt, error) {
	rows, err := s.db.QueryContext(ctx, `select id, batch, epoch, at, outcome, http_status, duration_ms, error
		from outbox_attempts where batch = ? order by id`, batch)
	if err != nil {
		return nil, fmt.Errorf("outbox: %s: %w", batch, err)
	}
	defer rows.Close()
	var attempts []Attempt
	for rows.Next() {
		var a Attempt
		var at string
		var milliseconds int64
		if err := rows.Scan(&a.ID, &a.Batch, &a.Epoch, &at, &a.Outcome, &a.HTTPStatus, &milliseconds, &a.Error); err != nil {
			return nil, fmt.Errorf("outbox: %s: %w", batch, err)
		}
		if a.At, err = parseTime(at); err != nil {
			return nil, fmt.Errorf("outbox: %s: %w", batch, err)
		}
		a.Duration = time.Duration(milliseconds) * time.Millisecond
		attempts = append(attempts, a)
	}
	return attempts, rows.Err()
}

// Receipts lists the receipts of a batch, oldest first.
func (s *Store) Receipts(ctx context.Context, batch string) ([]Receipt, error) {
	rows, err := s.db.QueryContext(ctx, `select level, receipt_id, at, digest, content
		from receipts where batch = ? order by id`, batch)
	if err != nil {
		return nil, fmt.Errorf("outbox: %s: %w", batch, err)
	}
	defer rows.Close()
	var receipts []Receipt
	for rows.Next() {
		var r Receipt
		var at string
		if err := rows.Scan(&r.Level, &r.ID, &at, &r.Digest, &r.Content); err != nil {
			return nil, fmt.Errorf("outbox: %s: %w", batch, err)
		}
		if r.At, err = parseTime(at); err != nil {
			return nil, fmt.Errorf("outbox: %s: %w", batch, err)
		}
		receipts = append(receipts, r)
	}
	return receipts, rows.Err()
}

// one insists that a statement changed exactly one row.
func one(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		err = fmt.Errorf("changed %d rows, want 1", n)
	}
	return err
}
