package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/store"
)

// A parquetFile is one Parquet file being written, row group by row group.
type parquetFile struct {
	file    *os.File
	hash    hash.Hash
	size    int64
	writer  *parquet.GenericWriter[any]
	columns []parquetColumn
	// Row groups are costly to make and may be filled again once committed.
	spare chan *rowGroup
}

type parquetColumn struct {
	landing.Column
	optional   bool
	dictionary bool // few distinct values are expected
	unordered  bool // nobody asks for a range of it, so pages need no bounds
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

func createParquet(path string, perm os.FileMode, columns []parquetColumn, spare int) (*parquetFile, error) {
	schema, err := newSchema(columns)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return nil, err
	}
	f := &parquetFile{file: file, hash: sha256.New(), columns: columns, spare: make(chan *rowGroup, spare)}
	options := []parquet.WriterOption{
		schema,
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.CreatedBy("rongxin", "1", ""), // not the build's own version: equal input, equal bytes
		parquet.WriteBufferSize(copyBytes),
	}
	for _, c := range columns {
		if c.unordered {
			options = append(options, parquet.SkipPageBounds(c.Name))
		}
	}
	f.writer = parquet.NewGenericWriter[any](f, options...)
	return f, nil
}

// Write is for the Parquet writer: it hashes what goes to the file.
func (f *parquetFile) Write(b []byte) (int, error) {
	n, err := f.file.Write(b)
	f.hash.Write(b[:n])
	f.size += int64(n)
	return n, err
}

// close writes the footer and returns the digest of the whole file.
func (f *parquetFile) close() (store.Digest, error) {
	err := errors.Join(f.writer.Close(), f.file.Close())
	return store.Digest{SHA256: hex.EncodeToString(f.hash.Sum(nil)), Bytes: f.size}, err
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
	group := f.writer.BeginRowGroup()
	g := &rowGroup{columns: f.columns, group: group, writers: group.ColumnWriters()}
	g.values = make([][]parquet.Value, len(f.columns))
	for i := range g.values {
		g.values[i] = make([]parquet.Value, pendingRows)
	}
	return g
}

// commit appends a filled row group to the file; the order of commits is the
// order of rows.
func (f *parquetFile) commit(g *rowGroup) error {
	if g.rows > 0 {
		if _, err := g.group.Commit(); err != nil {
			return err
		}
	}
	g.rows = 0
	select {
	case f.spare <- g:
	default:
	}
	return nil
}

// pendingRows are handed to the column writers at once.
const pendingRows = 64

// A rowGroup collects rows column by column.
type rowGroup struct {
	columns []parquetColumn
	group   *parquet.ConcurrentRowGroupWriter
	writers []*parquet.ColumnWriter // in the order of columns, as the schema is
	values  [][]parquet.Value       // by column
	pending int
	rows    int64
}

// add appends a row, one value a column. The bytes of its texts must stay as
// they are until flush.
func (g *rowGroup) add(row []parquet.Value) error {
	for i := range row {
		switch {
		case row[i].IsNull(): // as the place already is
		case g.columns[i].optional:
			g.values[i][g.pending] = row[i].Level(0, 1, i)
		default:
			g.values[i][g.pending] = row[i]
		}
	}
	g.rows++
	if g.pending++; g.pending == pendingRows {
		return g.write()
	}
	return nil
}

func (g *rowGroup) write() error {
	for i, w := range g.writers {
		if _, err := w.WriteRowValues(g.values[i][:g.pending]); err != nil {
			return fmt.Errorf("column %s: %w", g.columns[i].Name, err)
		}
		clear(g.values[i][:g.pending])
	}
	g.pending = 0
	return nil
}

// flush encodes and compresses what was added, so that commit only copies.
func (g *rowGroup) flush() error {
	if err := g.write(); err != nil {
		return err
	}
	return g.group.Flush()
}

var _ io.Writer = (*parquetFile)(nil)
