package query

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"math/big"
	"slices"

	"github.com/duckdb/duckdb-go/v2"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
)

// Forms of an answer. Table and Records are for reading, the others are files.
const (
	Table   = "table"
	Records = "records"
	CSV     = "csv"
	JSON    = "json"   // one array of objects
	NDJSON  = "ndjson" // one object a line
	Parquet = "parquet"
	XLSX    = "xlsx"
)

// Formats are all forms, in the order in which they are offered.
func Formats() []string { return []string{Table, Records, CSV, JSON, NDJSON, Parquet, XLSX} }

// IsFormat reports whether a form is known.
func IsFormat(name string) bool { return slices.Contains(Formats(), name) }

// Text returns the sink of a form of text. Width is that of the terminal, 0 for
// none: a table that is wider is printed as records.
func Text(format string, out io.Writer, width int) Sink {
	switch format {
	case CSV:
		return &csvSink{w: csv.NewWriter(out)}
	case JSON:
		return &jsonSink{w: bufio.NewWriter(out), array: true}
	case NDJSON:
		return &jsonSink{w: bufio.NewWriter(out)}
	case Records:
		return &tableSink{w: bufio.NewWriter(out), records: true}
	default:
		return &tableSink{w: bufio.NewWriter(out), width: width}
	}
}

type csvSink struct {
	w     *csv.Writer
	cells []string
}

func (s *csvSink) Begin(columns []landing.Column) error {
	for _, c := range columns {
		s.cells = append(s.cells, c.Name)
	}
	return s.w.Write(s.cells)
}

func (s *csvSink) Row(values []any) error {
	for i, v := range values {
		s.cells[i] = engine.Text(v)
	}
	return s.w.Write(s.cells)
}

func (s *csvSink) End() error { s.w.Flush(); return s.w.Error() }

// jsonSink writes objects whose keys are in the order of the columns.
type jsonSink struct {
	w     *bufio.Writer
	array bool
	keys  [][]byte
	rows  int
}

func (s *jsonSink) Begin(columns []landing.Column) error {
	for _, c := range columns {
		key, err := encoded(c.Name)
		if err != nil {
			return err
		}
		s.keys = append(s.keys, key)
	}
	if s.array {
		s.w.WriteByte('[')
	}
	return nil
}

func (s *jsonSink) Row(values []any) error {
	if s.array && s.rows > 0 {
		s.w.WriteByte(',')
	}
	if s.array {
		s.w.WriteByte('\n')
	}
	s.rows++
	for i, v := range values {
		data, err := encoded(jsonValue(v))
		if err != nil {
			return err
		}
		s.w.WriteByte("{,"[min(i, 1)])
		s.w.Write(s.keys[i])
		s.w.WriteByte(':')
		s.w.Write(data)
	}
	s.w.WriteByte('}')
	if !s.array {
		s.w.WriteByte('\n')
	}
	return nil
}

func (s *jsonSink) End() error {
	if s.array {
		s.w.WriteString("\n]\n")
	}
	return s.w.Flush()
}

// encoded is a value as JSON, with <, > and & as they are.
func encoded(v any) ([]byte, error) {
	var b bufferWriter
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b[:max(len(b)-1, 0)], err // without the line end
}

type bufferWriter []byte

func (b *bufferWriter) Write(p []byte) (int, error) { *b = append(*b, p...); return len(p), nil }

// jsonValue keeps numbers exactly, booleans, lists and structs, and shows the
// rest as the engine does. What is no number in JSON is null.
func jsonValue(v any) any {
	switch v := v.(type) {
	case nil, bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, string:
		return v
	case float32:
		return jsonValue(float64(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return v
	case *big.Int, duckdb.Decimal:
		return json.Number(engine.Text(v))
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = jsonValue(e)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for k, e := range v {
			object[k] = jsonValue(e)
		}
		return object
	case duckdb.OrderedMap:
		object, values := make(map[string]any, v.Len()), v.Values()
		for i, k := range v.Keys() {
			object[engine.Text(k)] = jsonValue(values[i])
		}
		return object
	default:
		return engine.Text(v)
	}
}
