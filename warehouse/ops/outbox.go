package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Status tells how far a batch has come.
type Status string

// A batch goes from Draft to Pending to Sent. Sent means handed over with the
// outcome unknown: it is sent again, under the same key, until the receiver has
// answered. From there it goes to HandedOver, where the receipt comes later, to
// Accepted, where a verdict comes later, and to Processed; or to Failed. GivenUp
// is one that [Store.GiveUp] took out.
const (
	Draft      Status = "draft"
	Pending    Status = "pending"
	Sent       Status = "sent"
	HandedOver Status = "handed_over"
	Accepted   Status = "accepted"
	Processed  Status = "processed"
	Failed     Status = "failed"
	GivenUp    Status = "given_up"
)

// Batch is one message to a receiver.
type Batch struct {
	Key       string // SHA-256 of receiver and body in hex; the idempotency key
	Receiver  string
	Table     string
	Lane      int
	Path      string // "" of a whole batch; of a part of one that was refused, which
	Run       string // the published run its records come from
	Number    string // cd_batch: YYYYMMDD and a serial of five digits
	FirstKey  string
	LastKey   string
	Rows      int
	Digest    string    // SHA-256 of Body in hex
	Body      []byte    // not in lists; not kept once processed or failed
	Subjects  string    // whom each row is about, a line each; goes with Body
	Target    Target    // set when it is sealed
	Status    Status    // set by the store
	Attempts  int       // how often it was handed over
	NotBefore time.Time // the next attempt's earliest time, or zero
	LastError string
	CreatedAt time.Time
}

// Target is what a receiver will hold of a table when a plan has been taken.
type Target struct {
	Count  int
	Digest string
}

// Serial returns the highest serial of the receiver's batches of that day
// (YYYYMMDD), drafts and those skipped included, or 0. The serial is the number without the day.
func (s *Store) Serial(ctx context.Context, receiver, day string) (int, error) {
	serial, err := serial(ctx, s.db, receiver, day)
	if err != nil {
		return 0, fmt.Errorf("outbox: serial of %s: %w", day, err)
	}
	return serial, nil
}

func serial(ctx context.Context, db queryer, receiver, day string) (int, error) {
	var number string
	err := db.QueryRowContext(ctx, `select coalesce(max(number), '') from outbox_batches
		where receiver = ? and number between ? and ?`, receiver, day+"00000", day+"99999").Scan(&number)
	if err != nil {
		return 0, err
	}
	var skipped, used int
	err = db.QueryRowContext(ctx, `select coalesce(max(serial), 0) from skipped_serials where receiver = ? and day >= ?`, receiver, day).Scan(&skipped)
	if err == nil && number != "" {
		used, err = strconv.Atoi(number[len(day):])
	}
	return max(used, skipped), err
}

type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// AddDrafts writes batches that are not to be sent yet, behind all others of the
// receiver of the lease, which holds for its time from now on. Receiver, Target,
// Status, Attempts, NotBefore, LastError and CreatedAt are not read.
func (s *Store) AddDrafts(ctx context.Context, l *Lease, now time.Time, drafts ...Batch) error {
	return s.leased(ctx, l, "drafts", func(ctx context.Context, tx *sql.Tx) error {
		if err := l.renew(ctx, tx, now); err != nil {
			return err
		}
		var seq int64
		err := tx.QueryRowContext(ctx, `select coalesce(max(seq), 0) from outbox_batches where receiver = ?`, l.Receiver).Scan(&seq)
		if err != nil {
			return err
		}
		for _, b := range drafts {
			seq++
			b.Receiver, b.CreatedAt = l.Receiver, now
			if err := insertBatch(ctx, tx, b, seq, Draft); err != nil {
				return fmt.Errorf("batch %s: %w", b.Number, err)
			}
		}
		return nil
	})
}

func insertBatch(ctx context.Context, tx *sql.Tx, b Batch, seq int64, status Status) error {
	_, err := tx.ExecContext(ctx, `insert into outbox_batches
		(key, receiver, table_name, lane, seq, path, run, number, first_key, last_key, rows, digest, body, subjects,
		 target_count, target_digest, status, created_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.Key, b.Receiver, b.Table, b.Lane, seq, b.Path, b.Run, b.Number, b.FirstKey, b.LastKey, b.Rows, b.Digest, b.Body, b.Subjects,
		b.Target.Count, b.Target.Digest, status, formatTime(b.CreatedAt))
	return err
}

// DropDrafts forgets the receiver's drafts: what a plan that was not finished
// left behind.
func (s *Store) DropDrafts(ctx context.Context, l *Lease) error {
	return s.leased(ctx, l, "drafts", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `delete from outbox_batches where receiver = ? and status = 'draft'`, l.Receiver)
		return err
	})
}

// SealDrafts makes all of the receiver's drafts pending in one step, each with
// the target of its table: a plan is sent whole or not at all.
func (s *Store) SealDrafts(ctx context.Context, l *Lease, targets map[string]Target) error {
	return s.leased(ctx, l, "drafts", func(ctx context.Context, tx *sql.Tx) error {
		for table, target := range targets {
			_, err := tx.ExecContext(ctx, `update outbox_batches set target_count = ?, target_digest = ?
				where receiver = ? and table_name = ? and status = 'draft'`, target.Count, target.Digest, l.Receiver, table)
			if err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `update outbox_batches set status = 'pending' where receiver = ? and status = 'draft'`, l.Receiver)
		return err
	})
}

// OpenSubjects tells about whom batches are in flight: all that are neither
// drafts nor have an answer.
func (s *Store) OpenSubjects(ctx context.Context, receiver string) (map[string]bool, error) {
	rows, err := s.db.QueryContext(ctx, `select subjects from outbox_batches
		where receiver = ? and status in ('pending', 'sent', 'handed_over')`, receiver)
	if err != nil {
		return nil, fmt.Errorf("outbox: %s: %w", receiver, err)
	}
	defer rows.Close()
	open := map[string]bool{}
	for rows.Next() {
		var subjects string
		if err := rows.Scan(&subjects); err != nil {
			return nil, fmt.Errorf("outbox: %s: %w", receiver, err)
		}
		for subject := range strings.SplitSeq(subjects, "\n") {
			open[subject] = true
		}
	}
	return open, rows.Err()
}

const batchColumns = `key, receiver, table_name, lane, path, run, number, first_key, last_key, rows, digest,
	target_count, target_digest, status, attempts, next_attempt_at, last_error, created_at`

// due is true of batches that are to be sent.
const due = `status in ('pending', 'sent', 'handed_over') and (status <> 'handed_over' or next_attempt_at <= ?)`

// wholeSecond writes a time that is compared in SQL: whole seconds compare as
// texts do.
func wholeSecond(t time.Time) string { return formatTime(t.Truncate(time.Second)) }

// NextOpen returns the oldest batch of a lane that is to be sent, with its body:
// pending, sent, or handed over and due again. ok is false when there is none.
func (s *Store) NextOpen(ctx context.Context, receiver string, lane int, now time.Time) (b Batch, ok bool, err error) {
	row := s.db.QueryRowContext(ctx, `select `+batchColumns+`, body, subjects from outbox_batches
		where receiver = ? and lane = ? and `+due+`
		order by seq, path limit 1`, receiver, lane, wholeSecond(now))
	err = b.scan(row, &b.Body, &b.Subjects)
	if errors.Is(err, sql.ErrNoRows) {
		return Batch{}, false, nil
	}
	if err != nil {
		return Batch{}, false, fmt.Errorf("outbox: %s: %w", receiver, err)
	}
	return b, true, nil
}

// BatchByNumber returns one batch, with its body while that is kept; ok is false
// when the receiver has none of that number.
func (s *Store) BatchByNumber(ctx context.Context, receiver, number string) (b Batch, ok bool, err error) {
	row := s.db.QueryRowContext(ctx, `select `+batchColumns+`, body, coalesce(subjects, '') from outbox_batches
		where receiver = ? and number = ?`, receiver, number)
	err = b.scan(row, &b.Body, &b.Subjects)
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
	rows, err := s.db.QueryContext(ctx, query+" order by seq, path", args...)
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
	into := []any{&b.Key, &b.Receiver, &b.Table, &b.Lane, &b.Path, &b.Run, &b.Number, &b.FirstKey, &b.LastKey, &b.Rows, &b.Digest,
		&b.Target.Count, &b.Target.Digest, &b.Status, &b.Attempts, &notBefore, &b.LastError, &created}
	if err := row.Scan(append(into, more...)...); err != nil {
		return err
	}
	var err1, err2 error
	b.NotBefore, err1 = parseTime(notBefore)
	b.CreatedAt, err2 = parseTime(created)
	return errors.Join(err1, err2)
}

// outbox runs do in a transaction, which it may share with others, and says in
// its error which thing it was about.
func (s *Store) outbox(ctx context.Context, about string, do func(context.Context, *sql.Tx) error) error {
	if err := s.group.change(ctx, s, do); err != nil {
		return fmt.Errorf("outbox: %s: %w", about, err)
	}
	return nil
}
