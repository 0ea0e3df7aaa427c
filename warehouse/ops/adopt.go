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
// table counts as acknowledged and processed. Dead letters stand as they are.
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
		return insertMany(ctx, tx, `insert into deliveries (receiver, table_name, record_key, subject, operation, digest, at) values `,
			`(?, ?, ?, '', ?, ?, ?)`, ` on conflict (receiver, table_name, record_key) do update set
			operation = excluded.operation, digest = excluded.digest, batch = '', at = excluded.at,
			settled = 1, prior_digest = '', prior_operation = '', prior_batch = ''`, 6, args)
	})
}
