package ops

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Mark says how far a source was read: behind the row whose key is After.
// Cursor and Floor are microseconds or whole numbers, as the source counts.
type Mark struct {
	Origin   string   // what was read, and in which order; another origin has other marks
	Contract string   // SHA-256 of the contract it was read by
	After    []string // key of the last row read
	Cursor   int64    // of that row
	Floor    int64    // from here on rows may still be committed late
	Open     bool     // the pull is not at its end: it goes on behind that row, under this floor
	Batch    int64    // number of the batch, from 1, that the spool becomes or that landed last
	Bytes    int64    // of the spool file, up to that row
	Rows     int64    // in the spool
	Sealed   bool     // the spool is being landed and takes no more rows
	At       time.Time
}

// SourceRow is a row that was read, known by its digest.
type SourceRow struct {
	Digest [16]byte
	Cursor int64
}

const (
	stageLanded  = "landed"
	stageSpooled = "spooled"
)

// Marks returns how far a dataset's source was landed, and how far the spool
// that is to land next reaches; nil where there is none.
func (s *Store) Marks(ctx context.Context, dataset string) (landed, spooled *Mark, err error) {
	if landed, err = s.mark(ctx, dataset, stageLanded); err == nil {
		spooled, err = s.mark(ctx, dataset, stageSpooled)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("source %s: %w", dataset, err)
	}
	return landed, spooled, nil
}

func (s *Store) mark(ctx context.Context, dataset, stage string) (*Mark, error) {
	var m Mark
	var after, at string
	err := s.db.QueryRowContext(ctx, `select origin, contract, after, cursor, floor, open, batch, spool_bytes, spool_rows, sealed, at
		from source_marks where dataset = ? and stage = ?`, dataset, stage).
		Scan(&m.Origin, &m.Contract, &after, &m.Cursor, &m.Floor, &m.Open, &m.Batch, &m.Bytes, &m.Rows, &m.Sealed, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if m.At, err = parseTime(at); err != nil {
		return nil, err
	}
	return &m, json.Unmarshal([]byte(after), &m.After)
}

func putMark(ctx context.Context, tx *sql.Tx, dataset, stage string, m Mark) error {
	after, err := json.Marshal(append([]string{}, m.After...))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into source_marks
		(dataset, stage, origin, contract, after, cursor, floor, open, batch, spool_bytes, spool_rows, sealed, at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (dataset, stage) do update set origin = excluded.origin, contract = excluded.contract, after = excluded.after,
			cursor = excluded.cursor, floor = excluded.floor, open = excluded.open, batch = excluded.batch,
			spool_bytes = excluded.spool_bytes, spool_rows = excluded.spool_rows, sealed = excluded.sealed, at = excluded.at`, dataset, stage, m.Origin, m.Contract, string(after), m.Cursor, m.Floor,
		m.Open, m.Batch, m.Bytes, m.Rows, m.Sealed, formatTime(m.At))
	return err
}

// Spool notes that the spool of a dataset is on the disk up to m, and which of
// its new rows a later pull may meet again.
func (s *Store) Spool(ctx context.Context, dataset string, m Mark, rows []SourceRow) error {
	return s.source(ctx, dataset, func(tx *sql.Tx) error {
		if err := putMark(ctx, tx, dataset, stageSpooled, m); err != nil || len(rows) == 0 {
			return err
		}
		insert, err := tx.PrepareContext(ctx, `insert into source_rows (dataset, digest, cursor, stage) values (?, ?, ?, 'spooled') on conflict do nothing`)
		if err != nil {
			return err
		}
		defer insert.Close()
		for _, row := range rows {
			if _, err := insert.ExecContext(ctx, dataset, row.Digest[:], row.Cursor); err != nil {
				return err
			}
		}
		return nil
	})
}

// LandSpool makes the spooled mark the landed one: its rows are durable. Rows
// below keep are forgotten, no pull meets them again.
func (s *Store) LandSpool(ctx context.Context, dataset string, keep int64) error {
	return s.source(ctx, dataset, func(tx *sql.Tx) error {
		for _, statement := range []string{
			`delete from source_marks where dataset = ?1 and stage = 'landed'
				and exists (select 1 from source_marks where dataset = ?1 and stage = 'spooled')`,
			`update source_marks set stage = 'landed', batch = case when spool_rows = 0 then batch - 1 else batch end, spool_bytes = 0, spool_rows = 0, sealed = 0 where dataset = ?1 and stage = 'spooled'`,
			`update source_rows set stage = 'landed' where dataset = ?1 and stage = 'spooled'`,
		} {
			if _, err := tx.ExecContext(ctx, statement, dataset); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `delete from source_rows where dataset = ? and cursor < ?`, dataset, keep)
		return err
	})
}

// DropSpool forgets what was read and not landed; the landed mark stands.
func (s *Store) DropSpool(ctx context.Context, dataset string) error {
	return s.source(ctx, dataset, func(tx *sql.Tx) error { return forget(ctx, tx, dataset, stageSpooled) })
}

// ResetMark makes m the landed mark and forgets everything else of the source.
func (s *Store) ResetMark(ctx context.Context, dataset string, m Mark) error {
	return s.source(ctx, dataset, func(tx *sql.Tx) error {
		if err := errors.Join(forget(ctx, tx, dataset, stageSpooled), forget(ctx, tx, dataset, stageLanded)); err != nil {
			return err
		}
		return putMark(ctx, tx, dataset, stageLanded, m)
	})
}

func forget(ctx context.Context, tx *sql.Tx, dataset, stage string) error {
	for _, table := range []string{"source_marks", "source_rows"} {
		if _, err := tx.ExecContext(ctx, `delete from `+table+` where dataset = ? and stage = ?`, dataset, stage); err != nil {
			return err
		}
	}
	return nil
}

// SeenUpTo returns the highest cursor of the rows that a pull may meet again,
// or nil when there are none.
func (s *Store) SeenUpTo(ctx context.Context, dataset string) (cursor *int64, err error) {
	err = s.db.QueryRowContext(ctx, `select max(cursor) from source_rows where dataset = ?`, dataset).Scan(&cursor)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", dataset, err)
	}
	return cursor, nil
}

// Seen reports whether a row of the source was read before.
func (s *Store) Seen(ctx context.Context, dataset string, digest [16]byte) (seen bool, err error) {
	err = s.db.QueryRowContext(ctx, `select exists (select 1 from source_rows where dataset = ? and digest = ?)`,
		dataset, digest[:]).Scan(&seen)
	if err != nil {
		return false, fmt.Errorf("source %s: %w", dataset, err)
	}
	return seen, nil
}

func (s *Store) source(ctx context.Context, dataset string, do func(*sql.Tx) error) error {
	if err := s.change(ctx, do); err != nil {
		return fmt.Errorf("source %s: %w", dataset, err)
	}
	return nil
}
