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
	ID         int64
	Batch      string // key of the batch
	At         time.Time
	Outcome    string // one word: accepted, refused, timeout …; "open" until it ended
	HTTPStatus int    // 0 when no answer came
	Duration   time.Duration
	Error      string // empty when accepted
}

// Receipt is what the receiver answered, byte for byte.
type Receipt struct {
	ID      string // the receiver's number of it
	At      time.Time
	Digest  string // SHA-256 of Content in hex; set by the store
	Content []byte
}

// BeginAttempt notes, before anything leaves, that the batch is being handed
// over: it becomes [Sent] and its count of attempts goes up.
func (s *Store) BeginAttempt(ctx context.Context, batch string, at time.Time) (id int64, err error) {
	err = s.outbox(ctx, batch, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `update outbox_batches set status = 'sent', attempts = attempts + 1
			where key = ? and status in ('pending', 'sent')`, batch)); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `insert into outbox_attempts (batch, at) values (?, ?) returning id`,
			batch, formatTime(at)).Scan(&id)
	})
	return id, err
}

// Postpone ends an attempt that brought no answer to rely on. The batch stays
// [Sent] and is not due again before notBefore.
func (s *Store) Postpone(ctx context.Context, a Attempt, notBefore time.Time) error {
	return s.end(ctx, a, Sent, notBefore, nil)
}

// Fail ends an attempt in which the receiver refused the batch as a whole.
func (s *Store) Fail(ctx context.Context, a Attempt) error {
	return s.end(ctx, a, Failed, time.Time{}, nil)
}

// Accept ends an attempt that brought a receipt. In one transaction it stores
// the receipt, makes the batch [Accepted] and moves the state of its records.
func (s *Store) Accept(ctx context.Context, a Attempt, receipt Receipt, outcomes []Outcome) error {
	return s.end(ctx, a, Accepted, time.Time{}, func(tx *sql.Tx, receiver string) error {
		if err := insertReceipt(ctx, tx, a.Batch, receipt); err != nil {
			return err
		}
		return recordOutcomes(ctx, tx, receiver, a.Batch, outcomes)
	})
}

func (s *Store) end(ctx context.Context, a Attempt, status Status, notBefore time.Time, more func(*sql.Tx, string) error) error {
	return s.outbox(ctx, a.Batch, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `update outbox_attempts set outcome = ?, http_status = ?, duration_ms = ?, error = ?
			where id = ? and batch = ? and outcome = 'open'`,
			a.Outcome, a.HTTPStatus, a.Duration.Milliseconds(), a.Error, a.ID, a.Batch)); err != nil {
			return err
		}
		var receiver string
		if err := tx.QueryRowContext(ctx, `update outbox_batches
			set status = ?1, next_attempt_at = ?2, last_error = ?3, body = case when ?1 = 'accepted' then null else body end
			where key = ?4 and status = 'sent' returning receiver`,
			status, formatTime(notBefore), a.Error, a.Batch).Scan(&receiver); err != nil {
			return fmt.Errorf("not under way: %w", err)
		}
		if more == nil {
			return nil
		}
		return more(tx, receiver)
	})
}

func insertReceipt(ctx context.Context, tx *sql.Tx, batch string, r Receipt) error {
	sum := sha256.Sum256(r.Content)
	_, err := tx.ExecContext(ctx, `insert into receipts (batch, receipt_id, at, digest, content) values (?, ?, ?, ?, ?)`,
		batch, r.ID, formatTime(r.At), hex.EncodeToString(sum[:]), r.Content)
	return err
}

// Attempts lists the attempts at a batch, oldest first.
func (s *Store) Attempts(ctx context.Context, batch string) ([]Attempt, error) {
	rows, err := s.db.QueryContext(ctx, `select id, batch, at, outcome, http_status, duration_ms, error
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
		if err := rows.Scan(&a.ID, &a.Batch, &at, &a.Outcome, &a.HTTPStatus, &milliseconds, &a.Error); err != nil {
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
	rows, err := s.db.QueryContext(ctx, `select receipt_id, at, digest, content
		from receipts where batch = ? order by id`, batch)
	if err != nil {
		return nil, fmt.Errorf("outbox: %s: %w", batch, err)
	}
	defer rows.Close()
	var receipts []Receipt
	for rows.Next() {
		var r Receipt
		var at string
		if err := rows.Scan(&r.ID, &at, &r.Digest, &r.Content); err != nil {
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
