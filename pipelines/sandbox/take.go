package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
	"unicode/utf8"
)

const (
	maxBody = 32 << 20 // bytes of a batch
	maxRows = 10000
	maxKey  = 200 // characters of cd_id, bytes of Idempotency-Key
)

// batch is the body of POST /v1/batches.
type batch struct {
	Source string           `json:"source"`
	Number string           `json:"batch"`
	Run    string           `json:"run_id"`
	AsOf   string           `json:"as_of"`
	Count  int              `json:"count"`
	Rows   []map[string]any `json:"rows"`
}

// receipt is the answer to it.
type receipt struct {
	ID          string      `json:"receipt_id"`
	Batch       string      `json:"batch"`
	Accepted    int         `json:"accepted"`
	Rejected    []rejection `json:"rejected"`
	StateDigest string      `json:"state_digest"`
}

type rejection struct {
	Key     string `json:"cd_id"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (s *Sandbox) postBatch(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("Idempotency-Key")
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		err = refuse(http.StatusBadRequest, "BODY", "%v", err)
	case len(body) > maxBody:
		err = refuse(http.StatusRequestEntityTooLarge, "TOO_LARGE", "more than %d bytes", maxBody)
	case key == "" || len(key) > maxKey:
		err = refuse(http.StatusBadRequest, "IDEMPOTENCY_KEY", "want a header of 1 to %d characters", maxKey)
	}
	var answer json.RawMessage
	if err == nil {
		// Once the batch is here it is taken, whether or not the sender waits.
		answer, err = s.take(context.WithoutCancel(r.Context()), key, body)
	}
	reply(w, answer, err)
}

// take applies the batch and stores its receipt in one transaction, or finds
// the receipt that was given under this key.
func (s *Sandbox) take(ctx context.Context, key string, body []byte) (answer json.RawMessage, err error) {
	s.taking.Lock()
	defer s.taking.Unlock()
	err = s.change(ctx, func(tx *sql.Tx) error {
		answer, err = repeat(ctx, tx, key, digest(string(body)))
		if answer != nil || err != nil {
			return err
		}
		b, err := readBatch(body)
		if err != nil {
			return err
		}
		given, err := newIntake(ctx, tx, b).run(key)
		if err != nil {
			return err
		}
		if answer, err = json.Marshal(given); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `insert into receipts (idempotency_key, body_digest, batch, receipt)
			values (?, ?, ?, ?)`, key, digest(string(body)), b.Number, string(answer))
		return err
	})
	return answer, err
}

// repeat returns the stored receipt of a key that is known, nil of one that is
// not.
func repeat(ctx context.Context, tx *sql.Tx, key, bodyDigest string) (json.RawMessage, error) {
	var stored, answer string
	err := tx.QueryRowContext(ctx, `select body_digest, receipt from receipts
		where idempotency_key = ?`, key).Scan(&stored, &answer)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case stored != bodyDigest:
		return nil, refuse(http.StatusConflict, "KEY_CONFLICT", "this key was used with another body")
	}
	_, err = tx.ExecContext(ctx, `update totals set repeats = repeats + 1`)
	return json.RawMessage(answer), err
}

// readBatch refuses what cannot be answered record by record.
func readBatch(body []byte) (batch, error) {
	var b batch
	if !utf8.Valid(body) {
		return b, refuse(http.StatusBadRequest, "ENCODING", "the body is not UTF-8")
	}
	if err := decode(body, &b); err != nil {
		return b, refuse(http.StatusBadRequest, "MALFORMED", "%v", err)
	}
	switch {
	case !batchNumber.MatchString(b.Number) || !isDay(b.Number[:8]):
		return b, refuse(http.StatusBadRequest, "BATCH_NUMBER", "batch: want YYYYMMDD and five digits")
	case !sourceCode.MatchString(b.Source):
		return b, refuse(http.StatusBadRequest, "SOURCE", "source: want a division or department code")
	case !isDate(b.AsOf):
		return b, refuse(http.StatusBadRequest, "AS_OF", "as_of: want YYYY-MM-DD")
	case len(b.Rows) == 0 || b.Count != len(b.Rows):
		return b, refuse(http.StatusBadRequest, "COUNT", "count is %d, rows are %d", b.Count, len(b.Rows))
	case len(b.Rows) > maxRows:
		return b, refuse(http.StatusRequestEntityTooLarge, "TOO_LARGE", "more than %d rows", maxRows)
	}
	for i, row := range b.Rows {
		if key, _ := row["cd_id"].(string); key == "" || utf8.RuneCountInString(key) > maxKey {
			return b, refuse(http.StatusBadRequest, "CD_ID", "row %d: want a cd_id of 1 to %d characters", i+1, maxKey)
		}
	}
	return b, nil
}

func isDay(s string) bool {
	_, err := time.Parse("20060102", s)
	return err == nil
}
