package database

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"rongxin/pipelines/ingest"
)

// A row of a page; its slices hold until the next one is read.
type row struct {
	line   []byte   // one JSON object with its line end
	key    []string // to go on behind it
	cursor int64    // the first of the key, as a position
	digest [16]byte // of key and line
}

// page reads at most limit rows from s on and gives each to keep. It reports
// whether there are more. One row beyond the page is read, so that two rows of
// one key are found wherever they stand.
func (v *view) page(ctx context.Context, s start, limit int, keep func(*row) error) (more bool, err error) {
	query, args, err := v.query(s, limit+1)
	if err != nil {
		return false, err
	}
	bound, cancel := v.db.bound(ctx)
	defer cancel()
	rows, err := v.tx.QueryContext(bound, query, args...)
	if err != nil {
		return false, v.db.fault(ctx, "read "+v.table, err)
	}
	defer rows.Close()
	reader := v.reader()
	for n := 0; rows.Next(); n++ {
		if err := rows.Scan(reader.targets...); err != nil {
			return false, v.db.fault(ctx, "read "+v.table, err)
		}
		previous := reader.row.key
		if err := reader.read(); err != nil {
			return false, err
		}
		if slices.Equal(previous, reader.row.key) {
			return false, refusal(v.contract, ingest.SourceKeyRepeated, fmt.Sprintf("两行的（%[2]s）都是（%[1]s）", strings.Join(reader.row.key, ", "), v.keyNames()),
				fmt.Sprintf("two rows have the key (%s) of (%s)", strings.Join(reader.row.key, ", "), v.keyNames()))
		}
		if n == limit {
			return true, nil
		}
		if err := keep(&reader.row); err != nil {
			return false, err
		}
	}
	if err := rows.Err(); err != nil {
		return false, v.db.fault(ctx, "read "+v.table, err)
	}
	return false, nil
}

func (v *view) keyNames() string { return strings.Join(v.contract.Source.Table.Keys(), ", ") }

// A rowReader turns what the driver hands over into rows.
type rowReader struct {
	view    *view
	raw     []sql.RawBytes // the fields, then the keys
	targets []any
	names   [][]byte // of the fields, as they stand before a value
	row     row
}

func (v *view) reader() *rowReader {
	r := &rowReader{view: v, raw: make([]sql.RawBytes, len(v.fields)+len(v.keys))}
	for i := range r.raw {
		r.targets = append(r.targets, &r.raw[i])
	}
	for i, f := range v.fields {
		sign := byte(',')
		if i == 0 {
			sign = '{'
		}
		r.names = append(r.names, append(appendString([]byte{sign}, []byte(f.name)), ':'))
	}
	return r
}

func (r *rowReader) read() (err error) {
	line := r.row.line[:0]
	for i, raw := range r.raw[:len(r.names)] {
		line = append(line, r.names[i]...)
		if raw == nil {
			line = append(line, "null"...)
			continue
		}
		value := []byte(raw)
		if decode := r.view.fields[i].decode; decode != nil {
			if decoded, ok := decode(value); ok {
				value = decoded
			} else {
				value = undecodable(value)
			}
		}
		line = appendString(line, value)
	}
	r.row.line = append(line, '}', '\n')
	if err := r.readKey(); err != nil {
		return err
	}
	h := sha256.New()
	for _, part := range r.row.key {
		fmt.Fprintf(h, "%d:%s,", len(part), part)
	}
	h.Write(r.row.line)
	r.row.digest = [16]byte(h.Sum(nil))
	return nil
}

func (r *rowReader) readKey() (err error) {
	v := r.view
	key := make([]string, len(v.keys))
	for i, raw := range r.raw[len(r.names):] {
		value, ok := []byte(raw), true
		if decode := v.keys[i].decode; decode != nil {
			value, ok = decode(value)
		}
		if !ok || bytes.IndexByte(value, 0) >= 0 {
			return refusal(v.contract, ingest.SourceKeyUnreadable, fmt.Sprintf("列 %s 的值 %q 无法读取", v.keys[i].name, []byte(raw)),
				fmt.Sprintf("%s holds %q, which cannot be read as text", v.keys[i].name, []byte(raw)))
		}
		key[i] = string(value)
	}
	r.row.key = key
	if v.contract.Source.Table.Cursor != "" {
		r.row.cursor, err = v.position(key[0])
	}
	return err
}
