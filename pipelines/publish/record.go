package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
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

// exchangePrefix marks the members of a row that belong to the exchange and
// not to the record.
const exchangePrefix = "cd_"

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

// canonical brings a payload into the form that is sent and digested; the
// package comment defines it. Members of the exchange are refused.
func canonical(payload json.RawMessage) ([]byte, error) {
	object, err := decodeObject(payload)
	if err != nil {
		return nil, err
	}
	for name := range object {
		if strings.HasPrefix(name, exchangePrefix) {
			return nil, fmt.Errorf("%s: the name is reserved for the exchange", name)
		}
	}
	return encodeObject(object)
}

func decodeObject(text []byte) (map[string]any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, err
	}
	if object == nil {
		return nil, errors.New("null, want an object")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return object, onlyIntegers(object)
}

// onlyIntegers refuses fractions and exponents anywhere in value: they have
// many spellings, so a digest over them would not hold. Amounts are in fen.
func onlyIntegers(value any) error {
	switch v := value.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err != nil || strconv.FormatInt(n, 10) != v.String() {
			return fmt.Errorf("number %s: want an integer", v)
		}
	case []any:
		for i, item := range v {
			if err := onlyIntegers(item); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
	case map[string]any:
		for name, item := range v {
			if err := onlyIntegers(item); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// encodeObject writes names in byte order, as encoding/json does for a map.
func encodeObject(object map[string]any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// digest is SHA-256 in lower-case hex.
func digest(parts ...[]byte) string {
	hash := sha256.New()
	for _, part := range parts {
		hash.Write(part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}
