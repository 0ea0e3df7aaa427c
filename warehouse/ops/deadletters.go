package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// DeadLetter is a change of one record that a receiver would not take.
type DeadLetter struct {
	ID            int64
	Receiver      string
	Table         string
	Key           string
	Subject       string
	Operation     Operation
	Digest        string // of the content that was refused; empty for [Delete]
	Batch         string // number of the batch in which it was refused
	Level         RefusalLevel
	Code, Message string // the receiver's
	Times         int    // how often it was refused
	FirstAt       time.Time
	LastAt        time.Time
	Status        LetterStatus
	Actor, Reason string // of the decision to retry or skip
	DecidedAt     time.Time
}

// RefusalLevel says how a record was refused.
type RefusalLevel string

// The levels.
const (
	RefusedRecord RefusalLevel = "record"  // named in a receipt
	RefusedAlone  RefusalLevel = "batch"   // the only one of a batch that was refused as a whole
	RefusedLater  RefusalLevel = "verdict" // after it had been accepted
)

// LetterStatus tells what is to become of a dead letter.
type LetterStatus string

// The first three are standing: there is at most one such letter for a record.
const (
	LetterOpen      LetterStatus = "open"      // not sent again while the content is the same
	LetterRetry     LetterStatus = "retry"     // to be sent again with the next publication
	LetterSkipped   LetterStatus = "skipped"   // not to be sent again, and no longer a fault
	LetterDelivered LetterStatus = "delivered" // the receiver has taken the record since
	LetterReplaced  LetterStatus = "replaced"  // it refused another change of the record since
)

const standing = `status in ('open', 'retry', 'skipped')`

// bury makes a record of the batch a dead letter.
func (b Batch) bury(ctx context.Context, tx *sql.Tx, level RefusalLevel, at time.Time, o Outcome) error {
	if _, err := tx.ExecContext(ctx, `insert into deliveries (receiver, table_name, record_key, subject) values (?, ?, ?, ?)
		on conflict do nothing`, b.Receiver, b.Table, o.Key, o.Subject); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `update dead_letters set status = 'replaced'
		where receiver = ? and table_name = ? and record_key = ? and `+standing+` and (operation <> ? or digest <> ?)`,
		b.Receiver, b.Table, o.Key, o.Operation, o.Digest); err != nil {
		return err
	}
	now := formatTime(at)
	_, err := tx.ExecContext(ctx, `insert into dead_letters
		(receiver, table_name, record_key, subject, operation, digest, batch, level, code, message, first_at, last_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (receiver, table_name, record_key) where `+standing+` do update set
			batch = excluded.batch, level = excluded.level, code = excluded.code, message = excluded.message,
			times = dead_letters.times + 1, last_at = excluded.last_at, status = 'open'`,
		b.Receiver, b.Table, o.Key, o.Subject, o.Operation, o.Digest, b.Number, level, o.Code, o.Message, now, now)
	return err
}

// revive ends the dead letters of records that the receiver has taken.
func (b Batch) revive(ctx context.Context, tx *sql.Tx, outcomes []Outcome) error {
	var any int
	err := tx.QueryRowContext(ctx, `select 1 from dead_letters where receiver = ? and table_name = ? and `+standing+` limit 1`,
		b.Receiver, b.Table).Scan(&any)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	update, err := tx.PrepareContext(ctx, `update dead_letters set status = 'delivered'
		where receiver = ? and table_name = ? and record_key = ? and `+standing)
	if err != nil {
		return err
	}
	defer update.Close()
	for _, o := range outcomes {
		if o.Refused {
			continue
		}
		if _, err := update.ExecContext(ctx, b.Receiver, b.Table, o.Key); err != nil {
			return fmt.Errorf("record %s: %w", o.Key, err)
		}
	}
	return nil
}
