package ops

import (
	"context"
	"database/sql"
	"time"
)

// A Holding is what a receiver says it holds of one record.
type Holding struct {
	Key    string
	Digest string // empty when it does not hold the record
}

// Adopt believes the receiver of the lease: what it says it holds of records of a
// table counts as acknowledged and processed. The dead letter of a content that it holds
// all the same is done; others stand as they are.
func (s *Store) Adopt(ctx context.Context, l *Lease, table string, holdings []Holding, at time.Time) error {
	var args []any
	for _, h := range holdings {
		operation := Insert
		if h.Digest == "" {
			operation = Delete
		}
		args = append(args, l.Receiver, table, h.Key, operation, h.Digest, formatTime(at))
	}
	return s.leased(ctx, l, "adopt "+table, func(ctx context.Context, tx *sql.Tx) error {
		err := insertMany(ctx, tx, `insert into deliveries (receiver, table_name, record_key, subject, operation, digest, at) values `,
			`(?, ?, ?, '', ?, ?, ?)`, ` on conflict (receiver, table_name, record_key) do update set
			operation = excluded.operation, digest = excluded.digest, batch = '', at = excluded.at,
			settled = 1, prior_digest = '', prior_operation = '', prior_batch = ''`, 6, args)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `update dead_letters set status = 'delivered'
			where receiver = ? and table_name = ? and `+standing+` and operation <> ? and exists (
				select 1 from deliveries as d where d.receiver = dead_letters.receiver and d.table_name = dead_letters.table_name
					and d.record_key = dead_letters.record_key and d.digest = dead_letters.digest and d.operation <> ?)`,
			l.Receiver, table, Delete, Delete)
		return err
	})
}

// GiveUp takes the receiver's batches of a table out of the outbox that have no
// answer and were not handed over, and returns how many: what they carry is
// planned anew, against what the receiver says it holds.
func (s *Store) GiveUp(ctx context.Context, l *Lease, table string) (n int64, err error) {
	err = s.leased(ctx, l, "give up "+table, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `update outbox_batches set status = 'given_up', body = null, subjects = null
			where receiver = ? and table_name = ? and status in ('pending', 'sent')`, l.Receiver, table)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n, err
}

// lastSerial is what the five digits of cd_batch can count.
const lastSerial = 99999

// SkipSerials makes the batches of the days up to one go on in the middle of what
// is left of their serials. A receiver that holds what no batch here tells of was
// sent it by a store that is lost, under numbers that it would not take again for
// something else, and nobody here knows which.
func (s *Store) SkipSerials(ctx context.Context, l *Lease, day string, at time.Time) error {
	return s.leased(ctx, l, "serials", func(ctx context.Context, tx *sql.Tx) error {
		used, err := serial(ctx, tx, l.Receiver, day)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `insert into skipped_serials (receiver, day, serial, at) values (?, ?, ?, ?)
			on conflict (receiver, day) do update set serial = excluded.serial, at = excluded.at`,
			l.Receiver, day, used+(lastSerial-used)/2, formatTime(at))
		return err
	})
}
