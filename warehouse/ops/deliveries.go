package ops

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Operation is what is asked of a receiver for one record.
type Operation string

// The operations of the exchange columns (cd_operation).
const (
	Insert Operation = "I"
	Update Operation = "U"
	Delete Operation = "D"
)

// Outcome is what the receiver said to one record of a batch.
type Outcome struct {
	Key       string
	Subject   string
	Operation Operation
	Digest    string // of the content that was sent; empty for [Delete]
	Refused   bool
	Code      string // the receiver's code when it refused the record
	Message   string // its words
}

// Delivery is what the receiver is known to hold of one record.
type Delivery struct {
	Key       string
	Subject   string
	Operation Operation   // last acknowledged; empty when none was
	Digest    string      // content acknowledged; empty after [Delete] or when none was
	Batch     string      // number of the batch that was acknowledged
	At        time.Time   // when it was
	Open      bool        // accepted, and the verdict is still to come
	Prior     string      // digest acknowledged before, while Open
	Refused   *DeadLetter // what it refused since, or nil; only what [Store.Deliveries] names
}

// Held tells whether the receiver acknowledged the record and was not asked to
// remove it since.
func (d Delivery) Held() bool { return d.Operation == Insert || d.Operation == Update }

// Deliveries returns what the receiver is known to hold of the records of a
// table whose key is greater than after, in ascending byte order of the key, at
// most limit of them. Removed records are listed too, with operation [Delete].
// Of a dead letter it tells ID, Operation, Digest, Batch, Level, Code, Message
// and Status.
func (s *Store) Deliveries(ctx context.Context, receiver, table, after string, limit int) ([]Delivery, error) {
	rows, err := s.db.QueryContext(ctx, `select d.record_key, d.subject, d.operation, d.digest, d.batch, d.at, d.settled, d.prior_digest,
			coalesce(l.id, 0), coalesce(l.operation, ''), coalesce(l.digest, ''), coalesce(l.batch, ''), coalesce(l.level, ''),
			coalesce(l.code, ''), coalesce(l.message, ''), coalesce(l.status, '')
		from deliveries as d
		left join dead_letters as l on l.receiver = d.receiver and l.table_name = d.table_name
			and l.record_key = d.record_key and l.status in ('open', 'retry', 'skipped')
		where d.receiver = ? and d.table_name = ? and d.record_key > ?
		order by d.record_key limit ?`, receiver, table, after, limit)
	if err != nil {
		return nil, fmt.Errorf("deliveries: %s: %w", receiver, err)
	}
	defer rows.Close()
	deliveries := make([]Delivery, 0, limit)
	for rows.Next() {
		var d Delivery
		var l DeadLetter
		var at string
		var settled int
		if err := rows.Scan(&d.Key, &d.Subject, &d.Operation, &d.Digest, &d.Batch, &at, &settled, &d.Prior,
			&l.ID, &l.Operation, &l.Digest, &l.Batch, &l.Level, &l.Code, &l.Message, &l.Status); err != nil {
			return nil, fmt.Errorf("deliveries: %s: %w", receiver, err)
		}
		if d.At, err = parseTime(at); err != nil {
			return nil, fmt.Errorf("deliveries: %s: %w", d.Key, err)
		}
		d.Open = settled == 0
		if l.ID != 0 {
			d.Refused = &l
		}
		deliveries = append(deliveries, d)
	}
	return deliveries, rows.Err()
}

// Settle takes in the verdict on a batch that was [Accepted]: what is rejected
// of it is again what was acknowledged before, and a dead letter; the rest
// holds. It returns the keys of what was accepted until now: a verdict may name
// records once more that its receipt had refused.
func (s *Store) Settle(ctx context.Context, l *Lease, batch string, verdict Receipt, rejected []Outcome) (reverted []string, err error) {
	err = s.leased(ctx, l, batch, func(ctx context.Context, tx *sql.Tx) error {
		reverted = nil
		b, err := Attempt{Batch: batch}.end(ctx, tx, Processed, time.Time{})
		if err != nil {
			return err
		}
		if err := insertReceipt(ctx, tx, batch, verdict); err != nil {
			return err
		}
		for _, o := range rejected {
			result, err := tx.ExecContext(ctx, revert+` where receiver = ? and table_name = ? and record_key = ? and batch = ? and settled = 0`,
				b.Receiver, b.Table, o.Key, b.Number)
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err != nil {
				return err
			} else if n == 0 {
				continue
			}
			reverted = append(reverted, o.Key)
			if err := b.bury(ctx, tx, RefusedLater, verdict.At, o); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `update deliveries set settled = 1, prior_digest = '', prior_operation = '', prior_batch = ''
			where receiver = ? and batch = ? and settled = 0`, b.Receiver, b.Number)
		return err
	})
	return reverted, err
}

// revert makes a record that was accepted what it was before.
const revert = `update deliveries set digest = prior_digest, operation = prior_operation, batch = prior_batch,
	settled = 1, prior_digest = '', prior_operation = '', prior_batch = ''`

// record moves the state of the batch's records as its receipt says.
func (b Batch) record(ctx context.Context, tx *sql.Tx, receipt Receipt, outcomes []Outcome) error {
	var taken []any
	for _, o := range outcomes {
		if o.Refused {
			if err := b.bury(ctx, tx, RefusedRecord, receipt.At, o); err != nil {
				return fmt.Errorf("record %s: %w", o.Key, err)
			}
			continue
		}
		taken = append(taken, b.Receiver, b.Table, o.Key, o.Subject, o.Operation, o.Digest, b.Number, formatTime(receipt.At))
	}
	if err := b.revive(ctx, tx, outcomes); err != nil {
		return err
	}
	settled, keep := "1", `prior_digest = '', prior_operation = '', prior_batch = ''`
	if receipt.Level == Accepted {
		settled, keep = "0", `prior_digest = deliveries.digest, prior_operation = deliveries.operation, prior_batch = deliveries.batch`
	}
	return insertMany(ctx, tx,
		`insert into deliveries (receiver, table_name, record_key, subject, operation, digest, batch, at, settled) values `,
		`(?, ?, ?, ?, ?, ?, ?, ?, `+settled+`)`,
		` on conflict (receiver, table_name, record_key) do update set `+keep+`, subject = excluded.subject,
			operation = excluded.operation, digest = excluded.digest, batch = excluded.batch, at = excluded.at, settled = excluded.settled`,
		8, taken)
}

// rowsAtOnce is how many rows one statement inserts.
const rowsAtOnce = 100

// insertMany inserts rows of so many places each, given one after another.
func insertMany(ctx context.Context, tx *sql.Tx, head, row, tail string, places int, args []any) error {
	for len(args) > 0 {
		n := min(len(args)/places, rowsAtOnce)
		query := head + strings.Repeat(row+",", n-1) + row + tail
		if _, err := tx.ExecContext(ctx, query, args[:n*places]...); err != nil {
			return err
		}
		args = args[n*places:]
	}
	return nil
}
