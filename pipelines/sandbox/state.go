package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// state is how many records of a table are held now, and their digest; and,
// which is not asked for, what happened so far.
type state struct {
	Count   int     `json:"count"`
	Digest  string  `json:"state_digest"`
	Batches int     `json:"batches"` // taken, of all tables
	Repeats int     `json:"repeats"` // told by their key and answered again
	Applied applied `json:"applied"` // records changed, by operation

	keyRange // of which Count and Digest tell; of all when both are empty
}

// keyRange is the keys greater than After up to and including UpTo; an empty UpTo
// stands for the end.
type keyRange struct {
	After string `json:"after,omitempty"`
	UpTo  string `json:"upto,omitempty"`
}

type applied struct{ I, U, D int }

// state is computed from the records each time, not read from the running
// totals: a record that was altered behind the platform's back must show.
func (p *platform) state(ctx context.Context, t *table, of keyRange) (answer state, err error) {
	var sum stateSum
	answer.keyRange = of
	err = p.read(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `select (select count(*) from batches), repeats, coalesce(inserted, 0), coalesce(updated, 0), coalesce(deleted, 0)
			from platform left join totals on tbl = ?`, t.Name).
			Scan(&answer.Batches, &answer.Repeats, &answer.Applied.I, &answer.Applied.U, &answer.Applied.D)
		if err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `select key, payload from records where tbl = ?1 and key > ?2 and (key <= ?3 or ?3 = '')`, t.Name, of.After, of.UpTo)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key, payload string
			if err := rows.Scan(&key, &payload); err != nil {
				return err
			}
			sum.add(key, payload)
			answer.Count++
		}
		return rows.Err()
	})
	answer.Digest = sum.String()
	return answer, err
}

// page is some of the records held, ascending by key.
type page struct {
	Records []heldRecord `json:"records"`
	More    bool         `json:"more"`
}

type heldRecord struct {
	Key    string `json:"cd_id"`
	Digest string `json:"digest"`
	Batch  string `json:"cd_batch"`
}

const maxPage = 1000

func (p *platform) records(ctx context.Context, t *table, after string, limit int) (answer page, err error) {
	err = p.read(ctx, func(tx *sql.Tx) error {
		answer.Records, err = list(ctx, tx, func(rows *sql.Rows, r *heldRecord) error {
			var payload string
			defer func() { r.Digest = digest(payload) }()
			return rows.Scan(&r.Key, &payload, &r.Batch)
		}, `select key, payload, batch from records where tbl = ? and key > ? order by key limit ?`, t.Name, after, limit+1)
		return err
	})
	if len(answer.Records) > limit {
		answer.Records, answer.More = answer.Records[:limit], true
	}
	return answer, err
}

// notices is what was said of batches since.
type notices struct {
	Notices []json.RawMessage `json:"notices"`
	Next    string            `json:"next"`
	More    bool              `json:"more"`
}

// noticesAfter returns what was said after a cursor, of batches whose receipt
// was not the last word.
func (p *platform) noticesAfter(ctx context.Context, after, limit int) (answer notices, err error) {
	if err := p.change(ctx, func(tx *sql.Tx) error { return p.process(ctx, tx) }); err != nil {
		return answer, err
	}
	type said struct {
		seq  int
		text string
	}
	var all []said
	err = p.read(ctx, func(tx *sql.Tx) error {
		all, err = list(ctx, tx, func(rows *sql.Rows, s *said) error { return rows.Scan(&s.seq, &s.text) },
			`select notices.seq, notice from notices join batches on batches.seq = batch_seq
			where level = ? and notices.seq > ? order by notices.seq limit ?`, accepted, after, limit+1)
		return err
	})
	if len(all) > limit {
		all, answer.More = all[:limit], true
	}
	answer.Notices = []json.RawMessage{}
	for _, s := range all {
		answer.Notices = append(answer.Notices, json.RawMessage(s.text))
		after = s.seq
	}
	answer.Next = strconv.Itoa(after)
	return answer, err
}

// receiptOf returns the receipt that was given under an idempotency key.
func (p *platform) receiptOf(ctx context.Context, key string) (json.RawMessage, error) {
	var stored string
	err := p.db.QueryRowContext(ctx, `select receipt from batches where idempotency_key = ? and lost = 0`, key).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		err = refuse(http.StatusNotFound, "NO_RECEIPT", "此幂等键下没有回执")
	}
	return json.RawMessage(stored), err
}
