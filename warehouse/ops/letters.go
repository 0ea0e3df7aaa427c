package ops

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// LetterFilter selects dead letters. An empty field selects all.
type LetterFilter struct {
	ID       int64
	Receiver string
	Table    string
	Key      string
	Code     string // the receiver's
	Standing bool   // only open, retry and skipped ones
	Statuses []LetterStatus
	After    int64 // only letters with a greater ID
	Limit    int   // at most so many; 0 for all
}

func (f LetterFilter) where() (condition string, args []any) {
	parts := []string{"id > ?"}
	args = []any{f.After}
	for _, field := range []struct{ column, value string }{
		{"receiver", f.Receiver}, {"table_name", f.Table}, {"record_key", f.Key}, {"code", f.Code},
	} {
		if field.value != "" {
			parts, args = append(parts, field.column+" = ?"), append(args, field.value)
		}
	}
	if f.ID != 0 {
		parts, args = append(parts, "id = ?"), append(args, f.ID)
	}
	if f.Standing {
		parts = append(parts, standing)
	}
	if len(f.Statuses) > 0 {
		parts = append(parts, "status in (?"+strings.Repeat(", ?", len(f.Statuses)-1)+")")
		for _, status := range f.Statuses {
			args = append(args, status)
		}
	}
	return strings.Join(parts, " and "), args
}

// DeadLetters lists the dead letters that the filter selects, by ascending ID.
func (s *Store) DeadLetters(ctx context.Context, f LetterFilter) ([]DeadLetter, error) {
	where, args := f.where()
	query := `select id, receiver, table_name, record_key, subject, operation, digest, batch, level, code, message,
		times, first_at, last_at, status, actor, reason, decided_at from dead_letters where ` + where + ` order by id`
	if f.Limit > 0 {
		query, args = query+" limit ?", append(args, f.Limit)
	}
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("dead letters: %w", err)
	}
	defer rows.Close()
	letters := []DeadLetter{}
	for rows.Next() {
		var l DeadLetter
		var times [3]string
		if err := rows.Scan(&l.ID, &l.Receiver, &l.Table, &l.Key, &l.Subject, &l.Operation, &l.Digest, &l.Batch, &l.Level, &l.Code, &l.Message,
			&l.Times, &times[0], &times[1], &l.Status, &l.Actor, &l.Reason, &times[2]); err != nil {
			return nil, fmt.Errorf("dead letters: %w", err)
		}
		for i, into := range []*time.Time{&l.FirstAt, &l.LastAt, &l.DecidedAt} {
			if *into, err = parseTime(times[i]); err != nil {
				return nil, fmt.Errorf("dead letter %d: %w", l.ID, err)
			}
		}
		letters = append(letters, l)
	}
	return letters, rows.Err()
}

// Decide makes the standing letters that the filter selects [LetterRetry] or
// [LetterSkipped], for the actor and purpose of the entry, and writes the entry
// with their IDs into the journal, all in one transaction. It returns how many
// there were; when there were none, nothing is written.
func (s *Store) Decide(ctx context.Context, f LetterFilter, status LetterStatus, e Entry) (decided int, err error) {
	f.Standing = true
	where, args := f.where()
	err = s.outbox(ctx, "dead letters", func(ctx context.Context, tx *sql.Tx) error {
		ids, err := letterIDs(ctx, tx, where, args)
		if err != nil || len(ids) == 0 {
			return err
		}
		if e.Detail, err = json.Marshal(map[string]any{
			"receiver": f.Receiver, "table": f.Table, "code": f.Code, "status": status, "letters": ids,
		}); err != nil {
			return err
		}
		record := Record{Entry: e}
		if err := record.normalise(); err != nil {
			return err
		}
		if err := record.append(ctx, tx); err != nil {
			return err
		}
		decided = len(ids)
		change := []any{status, record.Actor, record.Purpose, formatTime(e.At)}
		_, err = tx.ExecContext(ctx, `update dead_letters set status = ?, actor = ?, reason = ?, decided_at = ? where `+where, append(change, args...)...)
		return err
	})
	return decided, err
}

func letterIDs(ctx context.Context, tx *sql.Tx, where string, args []any) (ids []int64, err error) {
	rows, err := tx.QueryContext(ctx, `select id from dead_letters where `+where+` order by id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// LetterCount is how many standing dead letters of one table have a status.
type LetterCount struct {
	Receiver string
	Table    string
	Status   LetterStatus
	Letters  int
}

// LetterCounts counts the standing dead letters of a receiver, or of all when it is
// empty.
func (s *Store) LetterCounts(ctx context.Context, receiver string) ([]LetterCount, error) {
	rows, err := s.db.QueryContext(ctx, `select receiver, table_name, status, count(*) from dead_letters
		where (receiver = ? or ? = '') and `+standing+` group by receiver, table_name, status order by receiver, table_name, status`, receiver, receiver)
	if err != nil {
		return nil, fmt.Errorf("dead letters: %w", err)
	}
	defer rows.Close()
	counts := []LetterCount{}
	for rows.Next() {
		var c LetterCount
		if err := rows.Scan(&c.Receiver, &c.Table, &c.Status, &c.Letters); err != nil {
			return nil, fmt.Errorf("dead letters: %w", err)
		}
		counts = append(counts, c)
	}
	return counts, rows.Err()
}
