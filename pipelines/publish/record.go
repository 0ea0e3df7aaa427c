package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Record is one result as the receiver is to hold it.
type Record struct {
	Table    string          // the mapping: lower-case letters, digits and _
	Key      string          // unique in the table; at most 200 characters
	Subject  string          // the enterprise it is about: its records never overtake one another
	Payload  json.RawMessage // one JSON object; no member begins with cd_, numbers are integers
	HeldBack string          // why it cannot be sent, or empty; the receiver keeps what it has, Payload is not read
}

// Source yields the records of one published run in strictly ascending byte
// order of their tables and in each of their keys. It stops at the first error,
// of yield or its own, and returns it. It may be called more than once and
// yields the same each time.
type Source func(ctx context.Context, yield func(Record) error) error

// each yields every record, with its content in canonical form unless it is held
// back, and refuses what no receiver could take and records out of order.
func (s Source) each(ctx context.Context, yield func(r Record, content []byte) error) error {
	var last Record
	return s(ctx, func(r Record) error {
		if err := r.check(); err != nil {
			return err
		}
		if r.Table < last.Table || r.Table == last.Table && r.Key <= last.Key {
			return fmt.Errorf("record %s/%s follows %s/%s: want them ascending", r.Table, r.Key, last.Table, last.Key)
		}
		last = Record{Table: r.Table, Key: r.Key}
		if r.HeldBack != "" {
			return yield(r, nil)
		}
		content, err := canonical(r.Payload)
		if err != nil {
			return fmt.Errorf("record %s/%s: %w", r.Table, r.Key, err)
		}
		return yield(r, content)
	})
}

const maxKeyLength = 200

// check refuses what no receiver could take.
func (r Record) check() error {
	if !tableName.MatchString(r.Table) {
		return fmt.Errorf("record %q of table %q: want lower-case letters, digits and _", r.Key, r.Table)
	}
	if err := checkText("key", r.Key); err != nil {
		return fmt.Errorf("%s: record %w", r.Table, err)
	}
	if err := checkText("subject", r.Subject); err != nil {
		return fmt.Errorf("%s: record %q: %w", r.Table, r.Key, err)
	}
	return nil
}

func checkText(what, text string) error {
	switch {
	case text == "" || utf8.RuneCountInString(text) > maxKeyLength:
		return fmt.Errorf("%s %q: want 1 to %d characters", what, text, maxKeyLength)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Errorf("%s %q: want plain UTF-8 text", what, text)
	}
	return nil
}

// digest is SHA-256 in lower-case hex.
func digest(parts ...[]byte) string {
	hash := sha256.New()
	for _, part := range parts {
		hash.Write(part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}
