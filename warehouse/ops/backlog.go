package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Backlog is what is to be sent in one lane.
type Backlog struct {
	Lane, Batches, Records int
	Unanswered             int // of the batches, handed over in vain so far
	Attempts               int // at these
}

// Backlogs lists the receiver's lanes in which something is to be sent.
func (s *Store) Backlogs(ctx context.Context, receiver string, now time.Time) ([]Backlog, error) {
	rows, err := s.db.QueryContext(ctx, `select lane, count(*), sum(rows),
			sum(case when status = 'sent' then 1 else 0 end), sum(case when status = 'sent' then attempts else 0 end)
		from outbox_batches
		where receiver = ? and `+due+` group by lane order by lane`, receiver, wholeSecond(now))
	if err != nil {
		return nil, fmt.Errorf("outbox: %s: %w", receiver, err)
	}
	defer rows.Close()
	var lanes []Backlog
	for rows.Next() {
		var b Backlog
		if err := rows.Scan(&b.Lane, &b.Batches, &b.Records, &b.Unanswered, &b.Attempts); err != nil {
			return nil, fmt.Errorf("outbox: %s: %w", receiver, err)
		}
		lanes = append(lanes, b)
	}
	return lanes, rows.Err()
}

// BatchCount is how many batches of one table have come how far.
type BatchCount struct {
	Receiver string
	Table    string
	Status   Status
	Batches  int
	Records  int
	Attempts int       // in all
	Oldest   time.Time // when the first of them was written
	Next     time.Time // when the next of them may be sent; zero for now
}

// BatchCounts counts the batches of a receiver, or of all when it is empty.
func (s *Store) BatchCounts(ctx context.Context, receiver string) ([]BatchCount, error) {
	rows, err := s.db.QueryContext(ctx, `select receiver, table_name, status, count(*), sum(rows), sum(attempts), min(created_at), min(next_attempt_at)
		from outbox_batches where receiver = ? or ? = ''
		group by receiver, table_name, status order by receiver, table_name, status`, receiver, receiver)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	defer rows.Close()
	counts := []BatchCount{}
	for rows.Next() {
		var c BatchCount
		var oldest, next string
		if err := rows.Scan(&c.Receiver, &c.Table, &c.Status, &c.Batches, &c.Records, &c.Attempts, &oldest, &next); err != nil {
			return nil, fmt.Errorf("outbox: %w", err)
		}
		var err1, err2 error
		c.Oldest, err1 = parseTime(oldest)
		c.Next, err2 = parseTime(next)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("outbox: %s: %w", c.Receiver, err)
		}
		counts = append(counts, c)
	}
	return counts, rows.Err()
}

// Delivery returns what the receiver is known to hold of one record; ok is false
// when it was never sent to it.
func (s *Store) Delivery(ctx context.Context, receiver, table, key string) (d Delivery, ok bool, err error) {
	var at string
	var settled int
	err = s.db.QueryRowContext(ctx, `select record_key, subject, operation, digest, batch, at, settled, prior_digest
		from deliveries where receiver = ? and table_name = ? and record_key = ?`, receiver, table, key).
		Scan(&d.Key, &d.Subject, &d.Operation, &d.Digest, &d.Batch, &at, &settled, &d.Prior)
	if errors.Is(err, sql.ErrNoRows) {
		return d, false, nil
	}
	if err == nil {
		d.At, err = parseTime(at)
	}
	if err != nil {
		return d, false, fmt.Errorf("deliveries: %s/%s: %w", table, key, err)
	}
	d.Open = settled == 0
	return d, true, nil
}
