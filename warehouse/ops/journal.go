package ops

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Entry is one act to be registered: every query of the data is one.
type Entry struct {
	At      time.Time       // when, by the caller's clock; required
	Actor   string          // who; required
	Action  string          // what: sql, explain, list, publish, run, draw …; required
	Subject string          // of whom or what
	Purpose string          // why
	Run     string          // the published run that was read
	Detail  json.RawMessage // anything else, as one JSON value; {} when empty
}

// Record is an [Entry] in its place in the chain.
type Record struct {
	Seq int64
	Entry
	Prev   string // Digest of the record before, or [ChainStart]
	Digest string // lower-case hex
}

// ChainStart is the Prev of the first record.
var ChainStart = strings.Repeat("0", 2*sha256.Size)

// Append registers e as the next record of the chain. It is durable when Append
// returns, and safe against concurrent calls from any number of processes. A
// caller that cannot append must not go on to show the data.
func (s *Store) Append(ctx context.Context, e Entry) (Record, error) {
	record := Record{Entry: e}
	if err := record.normalise(); err != nil {
		return Record{}, fmt.Errorf("journal: %w", err)
	}
	if err := s.change(ctx, func(tx *sql.Tx) error { return record.append(ctx, tx) }); err != nil {
		return Record{}, fmt.Errorf("journal: %w", err)
	}
	return record, nil
}

// append puts a normalised record at the end of the chain.
func (r *Record) append(ctx context.Context, tx *sql.Tx) error {
	const head = `select seq, digest from journal_head`
	if err := tx.QueryRowContext(ctx, head).Scan(&r.Seq, &r.Prev); err != nil {
		return err
	}
	r.Seq++
	r.Digest = r.digest()
	const insert = `insert into journal
		(seq, at, actor, action, subject, purpose, run, detail, prev, digest)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	if _, err := tx.ExecContext(ctx, insert, r.Seq, formatTime(r.At), r.Actor, r.Action,
		r.Subject, r.Purpose, r.Run, string(r.Detail), r.Prev, r.Digest); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `update journal_head set seq = ?, digest = ?`, r.Seq, r.Digest)
	return err
}

// normalise brings the entry into the form that is stored, so that what is
// digested now is what will be read later.
func (r *Record) normalise() error {
	if r.At.IsZero() || r.Actor == "" || r.Action == "" {
		return fmt.Errorf("entry %q of %q: time, actor and action are required", r.Action, r.Actor)
	}
	for _, text := range []string{r.Actor, r.Action, r.Subject, r.Purpose, r.Run} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return fmt.Errorf("entry %q: %q is not plain UTF-8 text", r.Action, text)
		}
	}
	r.At = r.At.UTC()
	if len(r.Detail) == 0 {
		r.Detail = json.RawMessage("{}")
		return nil
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, r.Detail); err != nil {
		return fmt.Errorf("entry %q: detail: %w", r.Action, err)
	}
	r.Detail = compact.Bytes()
	if !utf8.Valid(r.Detail) {
		return fmt.Errorf("entry %q: detail is not UTF-8", r.Action)
	}
	return nil
}

// digest is SHA-256 over the canonical encoding of the record: the fields
//
//	prev, seq, at, actor, action, subject, purpose, run, detail
//
// in this order as UTF-8 text, each as a netstring (its length in bytes as a
// decimal number, a colon, the bytes, a comma), so that no two records have
// the same encoding. prev is in lower-case hex, seq in decimal, at in RFC 3339
// with UTC and as many digits of the second as it needs, detail without white
// space between its tokens.
func (r *Record) digest() string {
	hash := sha256.New()
	for _, field := range []string{
		r.Prev, strconv.FormatInt(r.Seq, 10), formatTime(r.At),
		r.Actor, r.Action, r.Subject, r.Purpose, r.Run, string(r.Detail),
	} {
		fmt.Fprintf(hash, "%d:%s,", len(field), field)
	}
	return hex.EncodeToString(hash.Sum(nil))
}
