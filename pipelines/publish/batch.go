package publish

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"rongxin/warehouse/ops"
)

// row is one change for the receiver.
type row struct {
	operation ops.Operation
	key       string
	digest    string // of content; empty for a removal
	content   []byte // canonical JSON; nil for a removal
}

// exchange is the part of a row that says what to do with it.
type exchange struct {
	Operation ops.Operation `json:"cd_operation"`
	Batch     string        `json:"cd_batch"`
	ID        string        `json:"cd_id"`
	Time      string        `json:"cd_time"`
	Source    string        `json:"cd_source"`
}

// message is the body of a batch.
type message struct {
	Source string            `json:"source"`
	Batch  string            `json:"batch"`
	Run    string            `json:"run_id"`
	AsOf   string            `json:"as_of"`
	Count  int               `json:"count"`
	Rows   []json.RawMessage `json:"rows"`
}

// encodeBatch writes the body, one row a line.
func encodeBatch(source, number string, run RunInfo, rows []row) ([]byte, error) {
	head, err := encodeLine(message{source, number, run.ID, run.AsOf.Format("2006-01-02"), len(rows), []json.RawMessage{}})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Write(bytes.TrimSuffix(head, []byte("]}")))
	for i, r := range rows {
		line, err := encodeLine(exchange{r.operation, number, r.key, run.AsOf.Format("2006-01-02") + " 00:00:00", source})
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(joinObjects(line, r.content))
	}
	b.WriteString("]}\n")
	return b.Bytes(), nil
}

// joinObjects writes the members of two JSON objects, the first not empty and
// the second possibly absent, as one.
func joinObjects(a, b []byte) []byte {
	if len(b) <= len("{}") {
		return a
	}
	joined := append(bytes.TrimSuffix(a, []byte("}")), ',')
	return append(joined, b[1:]...)
}

func encodeLine(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// decodeBatch reads the rows back from a body in the outbox. The body is all
// that is left of a batch whose sender died, so the outcome of each record is
// worked out from it.
func decodeBatch(body []byte) ([]row, error) {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, err
	}
	rows := make([]row, len(m.Rows))
	for i, text := range m.Rows {
		var x exchange
		if err := json.Unmarshal(text, &x); err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
		rows[i] = row{operation: x.Operation, key: x.ID}
		if x.Operation == ops.Delete {
			continue
		}
		object, err := decodeObject(text)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
		for name := range object {
			if strings.HasPrefix(name, exchangePrefix) {
				delete(object, name)
			}
		}
		if rows[i].content, err = encodeObject(object); err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
		rows[i].digest = digest(rows[i].content)
	}
	return rows, nil
}
