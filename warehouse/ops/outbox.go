package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Status tells how far a batch has come.
type Status string

// A batch goes from Draft to Pending to Sent, and from there to Accepted or
// Failed. Sent means handed over with the outcome unknown: it is sent again,
// under the same key, until the receiver has answered.
const (
	Draft    Status = "draft"
	Pending  Status = "pending"
	Sent     Status = "sent"
	Accepted Status = "accepted"
	Failed   Status = "failed"
)

// Batch is one message to a receiver.
type Batch struct {
	Key       string // SHA-256 of receiver and body in hex; the idempotency key
	Receiver  string
	Run       string // the published run its records come from
	Number    string // cd_batch: YYYYMMDD and a serial of five digits
	FirstKey  string
	LastKey   string
	Rows      int
	Digest    string // SHA-256 of Body in hex
	Body      []byte // only from [Store.NextOpen]; not kept once accepted
	Status    Status
	Attempts  int       // how often it was handed over
	NotBefore time.Time // the next attempt's earliest time, or zero
	LastError string
	CreatedAt time.Time
}

// Serial returns the highest serial of the receiver's batches of that day
// (YYYYMMDD), drafts included, or 0. The serial is the number without the day.
func (s *Store) Serial(ctx context.Context, receiver, day string) (int, error) {
	var number string
	err := s.db.QueryRowContext(ctx, `select coalesce(max(number), ?2) from outbox_batches
		where receiver = ?1 and number between ?2 and ?3`, receiver, day+"00000", day+"99999").Scan(&number)
	if err != nil {
		return 0, fmt.Errorf("outbox: serial of %s: %w", day, err)
	}
	return strconv.Atoi(number[len(day):])
}

// AddDraft writes a batch that is not to be sent yet. Status, Attempts,
// NotBefore and LastError of b are not read.
func (s *Store) AddDraft(ctx context.Context, b Batch) error {
	return s.outbox(ctx, b.Number, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `insert into outbox_batches
			(key, receiver, run, number, first_key, last_key, rows, digest, body, status, created_at)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'draft', ?)`,
			b.Key, b.Receiver, b.Run, b.Number, b.FirstKey, b.LastKey, b.Rows, b.Digest, b.Body, formatTime(b.CreatedAt))
		return err
	})
}

// DropDrafts forgets the receiver's drafts: what a plan that was not finished
// left behind.
func (s *Store) DropDrafts(ctx context.Context, receiver string) error {
	return s.outbox(ctx, receiver, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `delete from outbox_batches where receiver = ? and status = 'draft'`, receiver)
		return err
	})
}

// SealDrafts makes all of the receiver's drafts pending in one step: a plan is
// sent whole or not at all.
func (s *Store) SealDrafts(ctx context.Context, receiver string) error {
	return s.outbox(ctx, receiver, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `update outbox_batches set status = 'pending'
			where receiver = ? and status = 'draft'`, receiver)
		return err
	})
}

const batchColumns = `key, receiver, run, number, first_key, last_key, rows, digest,
	status, attempts, next_attempt_at, last_error, created_at`

// NextOpen returns the receiver's oldest batch that is pending or sent, with
// its body; ok is false when there is none.
func (s *Store) NextOpen(ctx context.Context, receiver string) (b Batch, ok bool, err error) {
	row := s.db.QueryRowContext(ctx, `select `+batchColumns+`, body from outbox_batches
		where receiver = ? and status in ('pending', 'sent') order by seq limit 1`, receiver)
	err = b.scan(row, &b.Body)
	if errors.Is(err, sql.ErrNoRows) {
		return Batch{}, false, nil
	}
	if err != nil {
		return Batch{}, false, fmt.Errorf("outbox: %s: %w", receiver, err)
	}
	return b, true, nil
}

// Batches lists the receiver's batches in the order of sending, without bodies;
// those with one of the given statuses, or all.
func (s *Store) Batches(ctx context.Context, receiver string, statuses ...Status) ([]Batch, error) {
	query := `select ` + batchColumns + ` from outbox_batches where receiver = ?`
	args := []any{receiver}
	for i, status := range statuses {
		query += []string{" and status in (?", ", ?"}[min(i, 1)]
		args = append(args, status)
	}
	if len(statuses) > 0 {
		query += ")"
	}
	rows, err := s.db.QueryContext(ctx, query+" order by seq", args...)
	if err != nil {
		return nil, fmt.Errorf("outbox: %s: %w", receiver, err)
	}
	defer rows.Close()
	var batches []Batch
	for rows.Next() {
		var b Batch
		if err := b.scan(rows); err != nil {
			return nil, fmt.Errorf("outbox: %s: %w", receiver, err)
		}
		batches = append(batches, b)
	}
	return batches, rows.Err()
}

// scan reads batchColumns, and whatever was selected after them into more.
func (b *Batch) scan(row interface{ Scan(...any) error }, more ...any) error {
	var notBefore, created string
	into := []any{&b.Key, &b.Receiver, &b.Run, &b.Number, &b.FirstKey, &b.LastKey, &b.Rows, &b.Digest,
		&b.Status, &b.Attempts, &notBefore, &b.LastError, &created}
	if err := row.Scan(append(into, more...)...); err != nil {
		return err
	}
	var err1, err2 error
	b.NotBefore, err1 = parseTime(notBefore)
	b.CreatedAt, err2 = parseTime(created)
	return errors.Join(err1, err2)
}

// outbox runs one transaction and says in its error which thing it was about.
func (s *Store) outbox(ctx context.Context, about string, do func(*sql.Tx) error) error {
	if err := change(ctx, s.db, do); err != nil {
		return fmt.Errorf("outbox: %s: %w", about, err)
	}
	return nil
}
