package ops

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// A Trial is content tried beside what holds, for one day.
type Trial struct {
	Content    string          `json:"content"` // SHA-256 of what was tried
	Day        string          `json:"day"`
	Champion   string          `json:"champion"`   // run by what holds
	Challenger string          `json:"challenger"` // run by what was tried
	Figures    json.RawMessage `json:"figures"`
	At         time.Time       `json:"tried_at"`
}

// Try registers a trial and its line in the journal. The same content against the
// same champion again is the same trial, and changes nothing.
func (s *Store) Try(ctx context.Context, t Trial, e Entry) error {
	err := s.consent(ctx, e, func(tx *sql.Tx, r Record) error {
		_, err := tx.ExecContext(ctx, `insert into trials (content, day, champion, challenger, figures, tried_at, entry)
			values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing`, t.Content, t.Day, t.Champion, t.Challenger, string(t.Figures), formatTime(e.At), r.Seq)
		return err
	})
	if err != nil {
		return fmt.Errorf("trial: %w", err)
	}
	return nil
}

// Trials returns the newest trials of some content, by day, the latest first; of a
// day tried against several champions each is told. Limit 0 means all.
func (s *Store) Trials(ctx context.Context, content string, limit int) ([]Trial, error) {
	if limit < 1 {
		limit = math.MaxInt32
	}
	rows, err := s.db.QueryContext(ctx, `select content, day, champion, challenger, figures, tried_at from trials
		where content = ? order by day desc, entry desc limit ?`, content, limit)
	if err != nil {
		return nil, fmt.Errorf("trials: %w", err)
	}
	defer rows.Close()
	list := []Trial{}
	for rows.Next() {
		var t Trial
		var figures, at string
		if err := rows.Scan(&t.Content, &t.Day, &t.Champion, &t.Challenger, &figures, &at); err != nil {
			return nil, fmt.Errorf("trials: %w", err)
		}
		t.Figures = json.RawMessage(figures)
		if t.At, err = parseTime(at); err != nil {
			return nil, fmt.Errorf("trials: %w", err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}
