package publish

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rongxin/warehouse/ops"
)

// heading is the part of a body before its rows.
type heading struct {
	Source string            `json:"source"`
	Batch  string            `json:"batch"`
	Run    string            `json:"run_id"`
	AsOf   string            `json:"as_of"`
	Table  string            `json:"table"`
	Lane   int               `json:"lane"`
	Count  int               `json:"count"`
	Rows   []json.RawMessage `json:"rows"`
}

// rank orders the rows of a batch: I before U before D.
func rank(o ops.Operation) int { return strings.Index("IUD", string(o)) }

// newBatch brings rows, ascending by key, into the order of a batch and writes
// its body, one row a line.
func newBatch(receiver string, h heading, day time.Time, rows []MessageRow) (ops.Batch, error) {
	slices.SortStableFunc(rows, func(a, b MessageRow) int { return rank(a.Operation) - rank(b.Operation) })
	h.AsOf, h.Count, h.Rows = day.Format(time.DateOnly), len(rows), []json.RawMessage{}
	head, err := encodeLine(h)
	if err != nil {
		return ops.Batch{}, err
	}
	body := bytes.TrimSuffix(head, []byte("]}"))
	first, last := rows[0].Key, rows[0].Key
	var subjects strings.Builder
	for i, r := range rows {
		if i > 0 {
			body = append(body, ',')
			subjects.WriteByte('\n')
		}
		if body, err = appendRow(append(body, '\n'), h, r); err != nil {
			return ops.Batch{}, fmt.Errorf("record %s: %w", r.Key, err)
		}
		first, last = min(first, r.Key), max(last, r.Key)
		subjects.WriteString(r.Subject)
	}
	body = append(body, "]}\n"...)
	return ops.Batch{
		Key:      digest([]byte(receiver), []byte("\n"), body),
		Receiver: receiver, Table: h.Table, Lane: h.Lane, Run: h.Run, Number: h.Batch,
		FirstKey: first, LastKey: last, Rows: len(rows),
		Digest: digest(body), Body: body, Subjects: subjects.String(),
	}, nil
}

// The exchange members of a row: what they begin with, what stands before the key,
// and what the last one begins with; the content follows that. No text within can
// look the same: quotes in a text are escaped.
const (
	firstMember = `{"cd_operation":"`
	keyMember   = `","cd_id":`
	lastMember  = `,"cd_source":`
)

func appendRow(b []byte, h heading, r MessageRow) ([]byte, error) {
	key, err := quoted(r.Key)
	if err != nil {
		return nil, err
	}
	for _, part := range []string{firstMember, string(r.Operation), `","cd_batch":"`, h.Batch, keyMember, key,
		`,"cd_time":"`, h.AsOf, ` 00:00:00"`, lastMember, `"`, h.Source, `"`} {
		b = append(b, part...)
	}
	if len(r.Content) <= len("{}") {
		return append(b, '}'), nil
	}
	b = append(b, ',')
	return append(b, r.Content[1:]...), nil
}

// quoted writes a text as JSON.
func quoted(text string) (string, error) {
	s := scanner{[]byte(`"` + text + `"`)}
	if _, ok := s.text(); ok && len(s.rest) == 0 && utf8.ValidString(text) {
		return `"` + text + `"`, nil
	}
	line, err := encodeLine(text)
	return string(line), err
}

func encodeLine(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// readBatch is a batch of the outbox as a transport carries it. The body and the
// subjects are all that is left of a batch whose sender died, so what it asks
// for is read back from them.
func readBatch(b ops.Batch, epoch int64) (Message, error) {
	m := Message{
		Receiver: b.Receiver, Key: b.Key, Number: b.Number, Table: b.Table, Lane: b.Lane, Run: b.Run, Epoch: epoch,
		Target: Holdings{Count: b.Target.Count, Digest: b.Target.Digest}, Body: b.Body,
	}
	head, rest, ok := bytes.Cut(b.Body, []byte("\n"))
	var h heading
	if err := json.Unmarshal(append(slices.Clone(head), "]}"...), &h); err != nil || !ok {
		return m, errors.Join(errors.New("the heading of its body cannot be read"), err)
	}
	m.Source = h.Source
	var err error
	if m.AsOf, err = time.Parse(time.DateOnly, h.AsOf); err != nil {
		return m, err
	}
	subjects := strings.Split(b.Subjects, "\n")
	m.Rows = make([]MessageRow, 0, b.Rows)
	for line := range bytes.Lines(rest) {
		if len(m.Rows) == len(subjects) {
			return m, fmt.Errorf("more rows than the %d subjects", len(subjects))
		}
		row, err := readRow(line, h.Source)
		if err != nil {
			return m, fmt.Errorf("row %d: %w", len(m.Rows)+1, err)
		}
		row.Subject = subjects[len(m.Rows)]
		m.Rows = append(m.Rows, row)
	}
	if len(m.Rows) != b.Rows {
		return m, fmt.Errorf("%d rows, want %d", len(m.Rows), b.Rows)
	}
	return m, nil
}

// readRow reads what appendRow wrote, with what follows it in the body.
func readRow(line []byte, source string) (MessageRow, error) {
	object, more := bytes.CutSuffix(line, []byte(",\n"))
	if !more {
		object = bytes.TrimSuffix(line, []byte("]}\n"))
	}
	end := bytes.Index(object, []byte(lastMember))
	if end < 0 {
		return MessageRow{}, errors.New("not a row of a batch")
	}
	exchange := object[:end]
	end += len(lastMember) + len(source) + len(`""`)
	operation, ok := bytes.CutPrefix(exchange, []byte(firstMember))
	_, key, found := bytes.Cut(exchange, []byte(keyMember))
	if !ok || !found || len(operation) == 0 || end >= len(object) {
		return MessageRow{}, errors.New("not a row of a batch")
	}
	row := MessageRow{Operation: ops.Operation(operation[:1])}
	if text, plain := (&scanner{key}).text(); plain {
		row.Key = string(text)
	} else if err := json.NewDecoder(bytes.NewReader(key)).Decode(&row.Key); err != nil {
		return MessageRow{}, err
	}
	if row.Operation == ops.Delete {
		return row, nil
	}
	row.Content = slices.Clone(object[end:])
	if row.Content[0] == ',' {
		row.Content[0] = '{'
	} else {
		row.Content = []byte("{}")
	}
	row.Digest = digest(row.Content)
	return row, nil
}
