package ops

import (
	"context"
	"database/sql"
	"fmt"
)

// Operation is what is asked of a receiver for one record.
type Operation string

// The operations of the exchange columns (cd_operation).
const (
	Insert Operation = "I"
	Update Operation = "U"
	Delete Operation = "D"
)

// Outcome is what the receiver said to one record of an accepted batch.
type Outcome struct {
	Key       string
	Operation Operation
	Digest    string // of the content that was sent; empty for [Delete]
	Refused   bool
	Code      string // the receiver's code when it refused the record
	Message   string // its words
}

// Delivery is what the receiver is known to hold of one record.
type Delivery struct {
	Key       string
	Operation Operation // last acknowledged; empty when none was
	Digest    string    // content acknowledged; empty after [Delete] or when none was
	Batch     string    // key of the batch that was acknowledged
	Refused   *Refusal  // what it refused since, or nil
}

// Refusal is a record the receiver would not take.
type Refusal struct {
	Operation     Operation
	Digest        string
	Code, Message string
	Batch         string // key of the batch
}

// Held tells whether the receiver acknowledged the record and was not asked to
// remove it since.
func (d Delivery) Held() bool { return d.Operation == Insert || d.Operation == Update }

// Deliveries returns what the receiver is known to hold of the records whose
// key is greater than after, in ascending byte order of the key, at most limit
// of them. Removed records are listed too, with operation [Delete].
func (s *Store) Deliveries(ctx context.Context, receiver, after string, limit int) ([]Delivery, error) {
	rows, err := s.db.QueryContext(ctx, `select record_key, operation, digest, batch,
			refused_operation, refused_digest, refused_code, refused_message, refused_batch
		from deliveries where receiver = ? and record_key > ? order by record_key limit ?`, receiver, after, limit)
	if err != nil {
		return nil, fmt.Errorf("deliveries: %s: %w", receiver, err)
	}
	defer rows.Close()
	deliveries := make([]Delivery, 0, limit)
	for rows.Next() {
		var d Delivery
		var r Refusal
		if err := rows.Scan(&d.Key, &d.Operation, &d.Digest, &d.Batch,
			&r.Operation, &r.Digest, &r.Code, &r.Message, &r.Batch); err != nil {
			return nil, fmt.Errorf("deliveries: %s: %w", receiver, err)
		}
		if r.Batch != "" {
			d.Refused = &r
		}
		deliveries = append(deliveries, d)
	}
	return deliveries, rows.Err()
}

const recordAcknowledged = `insert into deliveries (receiver, record_key, operation, digest, batch)
	values (?, ?, ?, ?, ?)
	on conflict (receiver, record_key) do update set
		operation = excluded.operation, digest = excluded.digest, batch = excluded.batch,
		refused_operation = '', refused_digest = '', refused_code = '', refused_message = '', refused_batch = ''`

const recordRefused = `insert into deliveries (receiver, record_key,
		refused_operation, refused_digest, refused_code, refused_message, refused_batch)
	values (?, ?, ?, ?, ?, ?, ?)
	on conflict (receiver, record_key) do update set
		refused_operation = excluded.refused_operation, refused_digest = excluded.refused_digest,
		refused_code = excluded.refused_code, refused_message = excluded.refused_message,
		refused_batch = excluded.refused_batch`

func recordOutcomes(ctx context.Context, tx *sql.Tx, receiver, batch string, outcomes []Outcome) error {
	acknowledged, err := tx.PrepareContext(ctx, recordAcknowledged)
	if err != nil {
		return err
	}
	defer acknowledged.Close()
	refused, err := tx.PrepareContext(ctx, recordRefused)
	if err != nil {
		return err
	}
	defer refused.Close()
	for _, o := range outcomes {
		if o.Refused {
			_, err = refused.ExecContext(ctx, receiver, o.Key, o.Operation, o.Digest, o.Code, o.Message, batch)
		} else {
			_, err = acknowledged.ExecContext(ctx, receiver, o.Key, o.Operation, o.Digest, batch)
		}
		if err != nil {
			return fmt.Errorf("record %s: %w", o.Key, err)
		}
	}
	return nil
}
