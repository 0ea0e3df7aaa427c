package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// state is the answer to GET /v1/state: what is held now, by digest of what is
// in the table now, and what happened so far.
type state struct {
	Count   int     `json:"count"`
	Digest  string  `json:"state_digest"`
	Batches int     `json:"batches"` // taken
	Repeats int     `json:"repeats"` // told by their key and answered again
	Applied applied `json:"applied"` // records changed, by operation
}

type applied struct {
	I, U, D int
}

func (s *Sandbox) getState(w http.ResponseWriter, r *http.Request) {
	answer, err := s.state(r.Context())
	reply(w, answer, err)
}

// state is computed from the records each time, not read from the running
// totals: a record that was altered behind the platform's back must show.
func (s *Sandbox) state(ctx context.Context) (state, error) {
	var answer state
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return answer, err
	}
	defer tx.Rollback()
	err = tx.QueryRowContext(ctx, `select batches, repeats, inserted, updated, deleted from totals`).
		Scan(&answer.Batches, &answer.Repeats, &answer.Applied.I, &answer.Applied.U, &answer.Applied.D)
	if err != nil {
		return answer, err
	}
	rows, err := tx.QueryContext(ctx, `select key, payload from records`)
	if err != nil {
		return answer, err
	}
	defer rows.Close()
	sum := emptyState()
	for rows.Next() {
		var key, payload string
		if err := rows.Scan(&key, &payload); err != nil {
			return answer, err
		}
		sum.add(key, payload)
		answer.Count++
	}
	answer.Digest = sum.String()
	return answer, rows.Err()
}

// page is the answer to GET /v1/records.
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

func (s *Sandbox) getRecords(w http.ResponseWriter, r *http.Request) {
	limit := maxPage
	if text := r.FormValue("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPage {
			reply(w, nil, refuse(http.StatusBadRequest, "LIMIT", "limit: want 1 to %d", maxPage))
			return
		}
		limit = n
	}
	answer, err := s.records(r.Context(), r.FormValue("after"), limit)
	reply(w, answer, err)
}

func (s *Sandbox) records(ctx context.Context, after string, limit int) (page, error) {
	answer := page{Records: []heldRecord{}}
	rows, err := s.db.QueryContext(ctx, `select key, payload, batch from records
		where key > ? order by key limit ?`, after, limit+1)
	if err != nil {
		return answer, err
	}
	defer rows.Close()
	for rows.Next() {
		var record heldRecord
		var payload string
		if err := rows.Scan(&record.Key, &payload, &record.Batch); err != nil {
			return answer, err
		}
		if len(answer.Records) == limit {
			answer.More = true
			break
		}
		record.Digest = digest(payload)
		answer.Records = append(answer.Records, record)
	}
	return answer, rows.Err()
}

func (s *Sandbox) getReceipt(w http.ResponseWriter, r *http.Request) {
	var stored string
	err := s.db.QueryRowContext(r.Context(), `select receipt from receipts
		where idempotency_key = ?`, r.PathValue("key")).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		err = refuse(http.StatusNotFound, "NO_RECEIPT", "no batch was taken under this key")
	}
	reply(w, json.RawMessage(stored), err)
}

func (s *Sandbox) getHealth(w http.ResponseWriter, r *http.Request) {
	err := s.db.PingContext(r.Context())
	if s.trouble.isDown() {
		err = down()
	}
	reply(w, map[string]string{"status": "up"}, err)
}
