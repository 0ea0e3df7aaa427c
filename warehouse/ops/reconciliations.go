package ops

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A Reconciliation is what one comparison with a receiver found in one table.
type Reconciliation struct {
	Receiver, Table string
	At              time.Time
	Run, AsOf       string
	ByKey           bool // differences were looked for key by key
	ByFeedback      bool // the receiver cannot be asked

	Published, Sent, Acknowledged, Processed, Received Target

	ReceivedAt  time.Time // when the receiver said so
	Differ      int       // -1: not looked for
	Undecided   int
	Causes      map[string]int
	OpenBatches int
	OldestOpen  time.Time // or zero
}

// A KnownBreak is a key that differed when keys were last looked for.
type KnownBreak struct {
	Table, Key, Cause string
	Since             time.Time
}

// AddReconciliations notes what a comparison with one receiver found, a row for
// each table. When keys were looked for, breaks replace those known before.
func (s *Store) AddReconciliations(ctx context.Context, receiver string, found []Reconciliation, byKey bool, breaks []KnownBreak) error {
	err := s.change(ctx, func(tx *sql.Tx) error {
		for _, r := range found {
			if err := addReconciliation(ctx, tx, receiver, r); err != nil {
				return fmt.Errorf("%s: %w", r.Table, err)
			}
		}
		if !byKey {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `delete from reconciliation_breaks where receiver = ?`, receiver); err != nil {
			return err
		}
		var args []any
		for _, b := range breaks {
			args = append(args, receiver, b.Table, b.Key, b.Cause, formatTime(b.Since))
		}
		return insertMany(ctx, tx, `insert into reconciliation_breaks (receiver, table_name, record_key, cause, since) values `,
			`(?, ?, ?, ?, ?)`, "", 5, args)
	})
	if err != nil {
		return fmt.Errorf("reconciliation with %s: %w", receiver, err)
	}
	return nil
}

// addReconciliation writes one row; one of the same moment is the same question
// asked again, and the later answer stands.
func addReconciliation(ctx context.Context, tx *sql.Tx, receiver string, r Reconciliation) error {
	causes, err := json.Marshal(r.Causes)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from reconciliations where receiver = ? and table_name = ? and at = ?`,
		receiver, r.Table, formatTime(r.At)); err != nil {
		return err
	}
	depth := "totals"
	if r.ByKey {
		depth = "keys"
	}
	byFeedback := 0
	if r.ByFeedback {
		byFeedback = 1
	}
	_, err = tx.ExecContext(ctx, `insert into reconciliations (`+reconciliationColumns+`)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		receiver, r.Table, formatTime(r.At), r.Run, r.AsOf, depth, byFeedback,
		r.Published.Count, r.Published.Digest, r.Sent.Count, r.Sent.Digest, r.Acknowledged.Count, r.Acknowledged.Digest,
		r.Processed.Count, r.Processed.Digest, r.Received.Count, r.Received.Digest, formatTime(r.ReceivedAt),
		r.Differ, r.Undecided, string(causes), r.OpenBatches, formatTime(r.OldestOpen))
	return err
}

const reconciliationColumns = `receiver, table_name, at, run, as_of, depth, by_feedback,
	published_count, published_digest, sent_count, sent_digest, acknowledged_count, acknowledged_digest,
	processed_count, processed_digest, received_count, received_digest, received_at,
	differ, undecided, causes, open_batches, oldest_open_at`

// Reconciliations lists what was found, the newest first, at most limit rows; of
// one receiver, or of all when it is empty.
func (s *Store) Reconciliations(ctx context.Context, receiver string, limit int) ([]Reconciliation, error) {
	rows, err := s.db.QueryContext(ctx, `select `+reconciliationColumns+` from reconciliations
		where receiver = ? or ? = '' order by at desc, receiver, table_name limit ?`, receiver, receiver, limit)
	if err != nil {
		return nil, fmt.Errorf("reconciliations: %w", err)
	}
	defer rows.Close()
	var found []Reconciliation
	for rows.Next() {
		r, err := scanReconciliation(rows)
		if err != nil {
			return nil, fmt.Errorf("reconciliations: %w", err)
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

func scanReconciliation(rows *sql.Rows) (r Reconciliation, err error) {
	var at, depth, receivedAt, causes, oldest string
	var byFeedback int
	if err := rows.Scan(&r.Receiver, &r.Table, &at, &r.Run, &r.AsOf, &depth, &byFeedback,
		&r.Published.Count, &r.Published.Digest, &r.Sent.Count, &r.Sent.Digest, &r.Acknowledged.Count, &r.Acknowledged.Digest,
		&r.Processed.Count, &r.Processed.Digest, &r.Received.Count, &r.Received.Digest, &receivedAt,
		&r.Differ, &r.Undecided, &causes, &r.OpenBatches, &oldest); err != nil {
		return r, err
	}
	r.ByKey, r.ByFeedback = depth == "keys", byFeedback == 1
	var err1, err2, err3 error
	r.At, err1 = parseTime(at)
	r.ReceivedAt, err2 = parseTime(receivedAt)
	r.OldestOpen, err3 = parseTime(oldest)
	return r, errors.Join(err1, err2, err3, json.Unmarshal([]byte(causes), &r.Causes))
}

// KnownBreaks lists the keys that differed when they were last looked for.
func (s *Store) KnownBreaks(ctx context.Context, receiver string) ([]KnownBreak, error) {
	rows, err := s.db.QueryContext(ctx, `select table_name, record_key, cause, since from reconciliation_breaks
		where receiver = ? order by table_name, record_key`, receiver)
	if err != nil {
		return nil, fmt.Errorf("reconciliation with %s: %w", receiver, err)
	}
	defer rows.Close()
	var breaks []KnownBreak
	for rows.Next() {
		var b KnownBreak
		var since string
		if err := rows.Scan(&b.Table, &b.Key, &b.Cause, &since); err != nil {
			return nil, fmt.Errorf("reconciliation with %s: %w", receiver, err)
		}
		if b.Since, err = parseTime(since); err != nil {
			return nil, fmt.Errorf("reconciliation with %s: %w", receiver, err)
		}
		breaks = append(breaks, b)
	}
	return breaks, rows.Err()
}
