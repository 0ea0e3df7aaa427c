package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
)

// notice is what is said of a batch after its receipt: the last word on each of
// its records.
type notice struct {
	Batch    string      `json:"batch"`
	Key      string      `json:"key"`
	Level    string      `json:"level"` // processed
	ID       string      `json:"receipt_id"`
	Accepted int         `json:"accepted"` // records that stay
	Rejected []rejection `json:"rejected"` // all that were refused, at once and now
}

// process gives the verdicts of the batches that are due, in their order: what
// is doomed is undone, and a notice tells it.
func (p *platform) process(ctx context.Context, tx *sql.Tx) error {
	due, err := list(ctx, tx, func(rows *sql.Rows, seq *int) error { return rows.Scan(seq) }, `select seq from batches where processed = 0 and due_at <= ? order by seq`, p.clock())
	if err != nil {
		return err
	}
	for _, seq := range due {
		if err := undo(ctx, tx, seq); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `update batches set processed = 1 where seq = ?`, seq); err != nil {
			return err
		}
		if err := notify(ctx, tx, seq); err != nil {
			return err
		}
	}
	return nil
}

// tell hands out what was said since of batches whose receipt was not the last
// word, once each: what write took is not told again.
func (p *platform) tell(ctx context.Context, write func(n notice, table, source string) error) error {
	type said struct {
		seq                 int
		table, source, text string
	}
	for {
		var all []said
		err := p.change(ctx, func(tx *sql.Tx) (err error) {
			if err := p.process(ctx, tx); err != nil {
				return err
			}
			all, err = list(ctx, tx, func(rows *sql.Rows, s *said) error {
				return rows.Scan(&s.seq, &s.table, &s.source, &s.text)
			}, `select notices.seq, tbl, source, notice from notices join batches on batches.seq = batch_seq
				where level = ? and notices.seq > (select told from platform) order by notices.seq limit 100`, accepted)
			return err
		})
		if err != nil || len(all) == 0 {
			return err
		}
		for _, s := range all {
			var n notice
			if err := json.Unmarshal([]byte(s.text), &n); err != nil {
				return err
			}
			if err := write(n, s.table, s.source); err != nil {
				return err
			}
			err := p.change(ctx, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, `update platform set told = ?`, s.seq)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
}

// doomed is a record that was accepted and is to be refused in processing.
type doomed struct {
	key, operation, subject string
	effect                  int64
	prior, priorOf          sql.NullString
}

// undo takes back the effect of each doomed record of a batch, unless a later
// batch has changed the record since.
func undo(ctx context.Context, tx *sql.Tx, seq int) error {
	var table string
	if err := tx.QueryRowContext(ctx, `select tbl from batches where seq = ?`, seq).Scan(&table); err != nil {
		return err
	}
	all, err := list(ctx, tx, func(rows *sql.Rows, d *doomed) error {
		return rows.Scan(&d.key, &d.operation, &d.subject, &d.effect, &d.prior, &d.priorOf)
	}, `select key, operation, subject, effect, prior, prior_of from doomed where batch_seq = ? order by key`, seq)
	if err != nil || len(all) == 0 {
		return err
	}
	count, state, err := loadTotals(ctx, tx, table)
	if err != nil {
		return err
	}
	for _, d := range all {
		var overtaken bool
		if err := tx.QueryRowContext(ctx, `select exists (select 1 from effects where seq > ? and tbl = ? and key = ?)`,
			d.effect, table, d.key).Scan(&overtaken); err != nil {
			return err
		}
		if overtaken {
			continue
		}
		if err := d.undo(ctx, tx, table, &count, &state); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `update platform set refused_later = refused_later + ?`, len(all))
	return errors.Join(err, saveTotals(ctx, tx, table, count, state))
}

func (d doomed) undo(ctx context.Context, tx *sql.Tx, table string, count *int, state *stateSum) error {
	if d.operation != "D" {
		var now string
		if err := tx.QueryRowContext(ctx, `delete from records where tbl = ? and key = ? returning payload`, table, d.key).Scan(&now); err != nil {
			return err
		}
		state.remove(d.key, now)
		*count--
	}
	if d.prior.Valid {
		_, err := tx.ExecContext(ctx, `insert into records (tbl, key, subject, payload, batch) values (?, ?, ?, ?, ?)`,
			table, d.key, d.subject, d.prior.String, d.priorOf.String)
		if err != nil {
			return err
		}
		state.add(d.key, d.prior.String)
		*count++
	}
	_, err := tx.ExecContext(ctx, `insert into effects (tbl, key, subject, operation, batch, place, same)
		select tbl, key, subject, 'R', batch, place, 0 from effects where seq = ?`, d.effect)
	return err
}

// notify tells the last word on a batch that was processed, unless its receipt
// is lost.
func notify(ctx context.Context, tx *sql.Tx, seq int) error {
	var key, stored string
	var lost bool
	if err := tx.QueryRowContext(ctx, `select idempotency_key, receipt, lost from batches where seq = ?`, seq).
		Scan(&key, &stored, &lost); err != nil || lost {
		return err
	}
	var given receipt
	if err := json.Unmarshal([]byte(stored), &given); err != nil {
		return err
	}
	later, err := list(ctx, tx, func(rows *sql.Rows, r *rejection) error { return rows.Scan(&r.Key, &r.Code, &r.Message) },
		`select key, code, message from doomed where batch_seq = ? order by key`, seq)
	if err != nil {
		return err
	}
	said, err := json.Marshal(notice{Batch: given.Batch, Key: key, Level: processed, ID: given.ID,
		Accepted: given.Accepted - len(later), Rejected: append(given.Rejected, later...)})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into notices (batch_seq, notice) values (?, ?)`, seq, string(said))
	return err
}

// list reads all rows of a query.
func list[T any](ctx context.Context, tx *sql.Tx, scan func(*sql.Rows, *T) error, query string, args ...any) ([]T, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var one T
		if err := scan(rows, &one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
