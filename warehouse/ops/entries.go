package ops

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"
)

// EntryFilter selects records of the journal. An empty field selects all.
type EntryFilter struct {
	Actor, Action, Subject, Run string
	From, Until                 time.Time // From ≤ at < Until
	After                       int64     // only records with a greater Seq
	Limit                       int       // at most so many; 0 for all
}

// Entries yields the records that filter selects, by ascending Seq. It does
// not check the chain; [Store.VerifyJournal] does. After an error it ends.
func (s *Store) Entries(ctx context.Context, filter EntryFilter) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		left := filter.Limit
		err := s.scanJournal(ctx, filter, func(r Record, _ string) bool {
			if at := r.At; !filter.From.IsZero() && at.Before(filter.From) ||
				!filter.Until.IsZero() && !at.Before(filter.Until) {
				return true
			}
			left--
			return yield(r, nil) && left != 0
		})
		if err != nil {
			yield(Record{}, err)
		}
	}
}

// scanJournal calls each with every record that matches the filter's texts and
// After, and with its time as stored, until each returns false.
func (s *Store) scanJournal(ctx context.Context, filter EntryFilter, each func(Record, string) bool) error {
	query := `select seq, at, actor, action, subject, purpose, run, detail, prev, digest from journal where seq > ?`
	args := []any{filter.After}
	for _, f := range []struct{ column, value string }{
		{"actor", filter.Actor}, {"action", filter.Action}, {"subject", filter.Subject}, {"run", filter.Run},
	} {
		if f.value != "" {
			query += " and " + f.column + " = ?"
			args = append(args, f.value)
		}
	}
	rows, err := s.db.QueryContext(ctx, query+" order by seq", args...)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Record
		var at, detail string
		if err := rows.Scan(&r.Seq, &at, &r.Actor, &r.Action, &r.Subject, &r.Purpose, &r.Run,
			&detail, &r.Prev, &r.Digest); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		r.Detail = json.RawMessage(strings.Clone(detail))
		if r.At, err = parseTime(at); err != nil {
			return &BrokenChain{r.Seq, fmt.Sprintf("time %q cannot be read", at)}
		}
		if !each(r, at) {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
