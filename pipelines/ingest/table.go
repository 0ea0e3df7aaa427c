package ingest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"rongxin/warehouse/landing"
)

// A parquetFile is one Parquet file being written, row group by row group.
type parquetFile struct {
	file    *os.File
	size    int64
	columns []parquetColumn
	meta    format.FileMetaData
	// Row groups hold much space and may be filled again once committed.
	spare chan *rowGroup
}

type parquetColumn struct {
	landing.Column
	optional   bool
	dictionary bool // of a text: few distinct values are expected
	distinct   bool // of a text: digests, which nothing makes smaller
	room       int  // of a text: bytes to expect in a row group
}

// orderedGroup is a parquet.Group whose columns stand in the given order;
// Group itself sorts them by name.
type orderedGroup struct {
	parquet.Group
	fields []parquet.Field
}

func (g orderedGroup) Fields() []parquet.Field { return g.fields }

func newSchema(columns []parquetColumn) (*parquet.Schema, error) {
	group := parquet.Group{}
	order := map[string]int{}
	for i, c := range columns {
		node, err := columnNode(c)
		if err != nil {
			return nil, err
		}
		group[c.Name], order[c.Name] = node, i
	}
	fields := make([]parquet.Field, len(columns))
	for _, f := range group.Fields() {
		fields[order[f.Name()]] = f
	}
	return parquet.NewSchema("records", orderedGroup{group, fields}), nil
}

// narrowDigits of a decimal fit 32 bits.
const narrowDigits = 9

func columnNode(c parquetColumn) (parquet.Node, error) {
	var node parquet.Node
	var precision, scale int
	switch c.Type {
	case "VARCHAR":
		node = parquet.String()
	case "BIGINT":
		node = parquet.Int(64)
	case "INTEGER":
		node = parquet.Int(32)
	case "BOOLEAN":
		node = parquet.Leaf(parquet.BooleanType)
	case "DATE":
		node = parquet.Date()
	default:
		if _, err := fmt.Sscanf(c.Type, "DECIMAL(%d,%d)", &precision, &scale); err != nil {
			return nil, fmt.Errorf("column %s: no Parquet type for %s", c.Name, c.Type)
		}
		width := parquet.Int64Type
		if precision <= narrowDigits {
			width = parquet.Int32Type
		}
		node = parquet.Decimal(scale, precision, width)
	}
	if c.dictionary {
		node = parquet.Encoded(node, &parquet.RLEDictionary)
	}
	if c.optional {
		node = parquet.Optional(node)
	}
	return node, nil
}

// magic is the first and the last word of a Parquet file.
const magic = "PAR1"

func createParquet(path string, perm os.FileMode, columns []parquetColumn, spare int) (*parquetFile, error) {
	meta, err := emptyMetadata(columns)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return nil, err
	}
	f := &parquetFile{file: file, columns: columns, meta: meta, spare: make(chan *rowGroup, spare)}
	return f, f.write([]byte(magic))
}

// emptyMetadata is what the library writes about a table without rows: the
// schema in Parquet's own words.
func emptyMetadata(columns []parquetColumn) (format.FileMetaData, error) {
	schema, err := newSchema(columns)
	if err != nil {
		return format.FileMetaData{}, err
	}
	var empty bytes.Buffer
	// Not the build's own version: equal input, equal bytes.
	w := parquet.NewGenericWriter[any](&empty, schema, parquet.CreatedBy("rongxin", "1", ""))
	if err := w.Close(); err != nil {
		return format.FileMetaData{}, err
	}
	file, err := parquet.OpenFile(bytes.NewReader(empty.Bytes()), int64(empty.Len()))
	if err != nil {
		return format.FileMetaData{}, err
	}
	return *file.Metadata(), nil
}

func (f *parquetFile) write(b []byte) error {
	n, err := f.file.Write(b)
	f.size += int64(n)
	return err
}

// close writes the footer and returns the size of the file.
func (f *parquetFile) close() (size int64, err error) {
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &f.meta)
	if err == nil {
		footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer)))
		err = f.write(append(footer, magic...))
	}
	return f.size, errors.Join(err, f.file.Close())
}

// abandon closes the file without finishing it.
func (f *parquetFile) abandon() { f.file.Close() }

// rowGroup returns an empty row group. Several may be filled at once, each by
// one goroutine.
func (f *parquetFile) rowGroup() *rowGroup {
	select {
	case g := <-f.spare:
		return g
	default:
	}
	g := &rowGroup{chunks: make([]chunk, len(f.columns))}
	for i, c := range f.columns {
		g.chunks[i] = newChunk(c, f.meta.Schema[i+1].Type.V)
	}
	return g
}

// commit appends a flushed row group to the file; the order of commits is the
// order of rows.
func (f *parquetFile) commit(g *rowGroup) error {
	if g.rows > 0 {
		meta := format.RowGroup{NumRows: int64(g.rows), FileOffset: f.size, TotalCompressedSize: int64(len(g.out)), Ordinal: int16(len(f.meta.RowGroups))}
		for i := range g.meta {
			m := g.meta[i]
			m.DataPageOffset += f.size
			if g.chunks[i].dictionary != nil {
				m.DictionaryPageOffset += f.size
			}
			meta.TotalByteSize += m.TotalUncompressedSize
			meta.Columns = append(meta.Columns, format.ColumnChunk{MetaData: m})
		}
		f.meta.RowGroups = append(f.meta.RowGroups, meta)
		f.meta.NumRows += int64(g.rows)
		if err := f.write(g.out); err != nil {
			return err
		}
	}
	g.reset()
	select {
	case f.spare <- g:
	default:
	}
	return nil
}

// A rowGroup collects rows column by column.
type rowGroup struct {
	chunks []chunk
	rows   int
	out    []byte                  // the chunks encoded, after flush
	meta   []format.ColumnMetaData // of each chunk; places count from the start of out
}

// add appends a row, one value a column, and keeps nothing of it.
func (g *rowGroup) add(row []cell) {
	for i := range g.chunks {
		if row[i].isThere {
			g.chunks[i].add(g.rows, &row[i])
		}
	}
	g.rows++
}

// flush encodes and compresses what was added, so that commit only copies.
func (g *rowGroup) flush(e *encoder) error {
	for i := range g.chunks {
		var m format.ColumnMetaData
		var err error
		if g.out, m, err = e.encode(g.out, &g.chunks[i], g.rows); err != nil {
			return fmt.Errorf("column %s: %w", g.chunks[i].column.Name, err)
		}
		g.meta = append(g.meta, m)
	}
	return nil
}

func (g *rowGroup) reset() {
	g.rows, g.out, g.meta = 0, g.out[:0], g.meta[:0]
	for i := range g.chunks {
		g.chunks[i].reset()
	}
}
