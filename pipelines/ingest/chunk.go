package ingest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// A chunk is one column of a row group in the making. Numbers and dates are
// written as packed differences, texts one after the other behind their
// lengths, or as numbers of a dictionary.
type chunk struct {
	column parquetColumn
	kind   format.Type
	levels []uint8 // of an optional column by row, up to the last value: 1 is a value, 0 is null
	ints   []int64 // numbers, dates, and true as 1
	texts  texts
	// Of a column with a dictionary, instead of texts: the distinct ones, and the
	// number of each row's.
	dictionary *dictionary
	indexes    []int32
	seen       []int32 // by the number under which a text is known, its number plus 1; 0: not seen yet
}

func newChunk(column parquetColumn, kind format.Type) chunk {
	c := chunk{column: column, kind: kind}
	if kind == format.ByteArray && column.dictionary {
		c.dictionary = new(dictionary)
	} else if kind == format.ByteArray {
		c.texts.bytes = make([]byte, 0, column.room)
	}
	c.reset()
	return c
}

func (c *chunk) reset() {
	c.levels, c.ints, c.indexes = c.levels[:0], c.ints[:0], c.indexes[:0]
	c.texts.reset()
	if c.dictionary != nil {
		c.dictionary.reset()
		clear(c.seen)
	}
}

// add copies the value of a row. A row without one needs no call.
func (c *chunk) add(row int, v *cell) {
	if c.column.optional {
		c.fillLevels(row)
		c.levels = append(c.levels, 1)
	}
	switch {
	case c.kind != format.ByteArray:
		c.ints = append(c.ints, v.number)
	case c.dictionary == nil:
		c.texts.add(v.text)
	default:
		c.indexes = append(c.indexes, c.index(v))
	}
}

// index is the number of a text in the dictionary.
func (c *chunk) index(v *cell) int32 {
	if v.known == 0 {
		return c.dictionary.number(v.text)
	}
	for int(v.known) >= len(c.seen) {
		c.seen = append(c.seen, 0)
	}
	if c.seen[v.known] == 0 {
		c.seen[v.known] = c.dictionary.number(v.text) + 1
	}
	return c.seen[v.known] - 1
}

// count of the values there are.
func (c *chunk) count() int {
	switch {
	case c.kind != format.ByteArray:
		return len(c.ints)
	case c.dictionary == nil:
		return c.texts.len()
	}
	return len(c.indexes)
}

// fillLevels marks the rows up to the given number that have no level yet as
// null, so that a null costs nothing before the next value.
func (c *chunk) fillLevels(rows int) {
	for len(c.levels) < rows {
		c.levels = append(c.levels, 0)
	}
}

// encodeValues appends the values of c to b in the encoding that it returns.
func (e *encoder) encodeValues(b []byte, c *chunk) (_ []byte, encoding format.Encoding, err error) {
	switch {
	case c.kind == format.Boolean:
		for i, bit := range c.ints {
			if i%8 == 0 {
				b = append(b, 0)
			}
			b[len(b)-1] |= uint8(bit) << (i % 8)
		}
		return b, format.Plain, nil
	case c.kind == format.Int32:
		e.short = e.short[:0]
		for _, n := range c.ints {
			e.short = append(e.short, int32(n))
		}
		b, err = new(delta.BinaryPackedEncoding).EncodeInt32(b, e.short)
		return b, format.DeltaBinaryPacked, err
	case c.kind == format.Int64:
		b, err = new(delta.BinaryPackedEncoding).EncodeInt64(b, c.ints)
		return b, format.DeltaBinaryPacked, err
	case c.dictionary == nil:
		b, err = new(delta.LengthByteArrayEncoding).EncodeByteArray(b, c.texts.bytes, c.texts.ends)
		return b, format.DeltaLengthByteArray, err
	}
	b, err = new(rle.DictionaryEncoding).EncodeInt32(b, c.indexes)
	return b, format.RLEDictionary, err
}

// statistics are the count of nulls, and for numbers and dates the bounds.
func (c *chunk) statistics(rows int) format.Statistics {
	s := format.Statistics{NullCount: int64(rows - c.count())}
	if len(c.ints) == 0 || c.kind == format.Boolean {
		return s
	}
	bound := func(n int64) []byte {
		if c.kind == format.Int32 {
			return binary.LittleEndian.AppendUint32(nil, uint32(n))
		}
		return binary.LittleEndian.AppendUint64(nil, uint64(n))
	}
	s.MinValue, s.MaxValue = bound(slices.Min(c.ints)), bound(slices.Max(c.ints))
	return s
}

// An encoder turns chunks into pages. It belongs to one goroutine.
type encoder struct {
	zstd                   *zstd.Encoder
	header                 bytes.Buffer
	levels, values, packed []byte // space
	short                  []int32
}

// zstdWindow is how far back a repeated text is found. A longer one finds a
// hundredth more and takes eight megabytes a worker.
const zstdWindow = 256 << 10

func newEncoder() (*encoder, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(zstdWindow), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), zstd.WithZeroFrames(true)) // a page has a checksum of its own
	return &encoder{zstd: z}, err
}

// encode appends a chunk of so many rows to out: at most one dictionary page, and one data page.
// The places in what it returns count from the start of out.
func (e *encoder) encode(out []byte, c *chunk, rows int) (_ []byte, meta format.ColumnMetaData, err error) {
	start := len(out)
	meta = format.ColumnMetaData{
		Type: c.kind, PathInSchema: thrift.Slice[string]{c.column.Name}, Codec: format.Zstd,
		NumValues: int64(rows), Statistics: c.statistics(rows),
	}
	if c.dictionary != nil {
		e.values = e.values[:0]
		for n := range int32(c.dictionary.len()) {
			text := c.dictionary.at(n)
			e.values = append(binary.LittleEndian.AppendUint32(e.values, uint32(len(text))), text...)
		}
		meta.Encoding = append(meta.Encoding, format.Plain)
		meta.DictionaryPageOffset = int64(start)
		out, err = e.page(out, &meta, nil, e.values, &format.PageHeader{Type: format.DictionaryPage,
			DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: int32(c.dictionary.len()), Encoding: format.Plain})})
		if err != nil {
			return nil, meta, err
		}
	}
	var encoding format.Encoding
	if e.values, encoding, err = e.encodeValues(e.values[:0], c); err != nil {
		return nil, meta, err
	}
	e.levels = e.levels[:0]
	switch {
	case c.column.optional:
		c.fillLevels(rows)
		if e.levels, err = (&rle.Encoding{BitWidth: 1}).EncodeLevels(e.levels, c.levels); err != nil {
			return nil, meta, err
		}
	case c.count() < rows:
		return nil, meta, fmt.Errorf("only %d of %d rows have the value that each must have", c.count(), rows)
	}
	meta.Encoding = append(meta.Encoding, encoding, format.RLE) // RLE is of the levels
	meta.DataPageOffset = int64(len(out))
	out, err = e.page(out, &meta, e.levels, e.values, &format.PageHeader{Type: format.DataPageV2,
		DataPageHeaderV2: thrift.New(format.DataPageHeaderV2{
			NumValues: int32(rows), NumNulls: int32(rows - c.count()), NumRows: int32(rows), Encoding: encoding,
			DefinitionLevelsByteLength: int32(len(e.levels)), IsCompressed: thrift.New(encoding != format.DeltaBinaryPacked && !c.column.distinct),
		})})
	meta.TotalCompressedSize = int64(len(out) - start)
	return out, meta, err
}

// page appends a page: its header, the levels as they are, and the values,
// compressed unless the header says otherwise.
func (e *encoder) page(out []byte, meta *format.ColumnMetaData, levels, values []byte, header *format.PageHeader) ([]byte, error) {
	body := values
	if v2, is := header.DataPageHeaderV2.Get(); !is || v2.IsCompressed.V {
		e.packed = e.zstd.EncodeAll(values, e.packed[:0])
		body = e.packed
	}
	header.UncompressedPageSize = int32(len(levels) + len(values))
	header.CompressedPageSize = int32(len(levels) + len(body))
	header.CRC = int32(crc32.Update(crc32.ChecksumIEEE(levels), crc32.IEEETable, body))
	e.header.Reset()
	if err := thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(&e.header)).Encode(header); err != nil {
		return nil, err
	}
	meta.TotalUncompressedSize += int64(e.header.Len() + len(levels) + len(values))
	out = append(out, e.header.Bytes()...)
	out = append(out, levels...)
	return append(out, body...), nil
}
