package engine

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const parquetMagic = "PAR1"

// compact is how footers are encoded.
var compact = new(thrift.CompactProtocol)

// A footer stands at the end of a Parquet file. Its row groups, the field with
// number 4, tell of hundreds of thousands of pieces of columns in the table of a
// city, so they are read and written one by one.
type (
	// footerHead are the fields before the row groups.
	footerHead struct {
		Version int32                              `thrift:"1,required"`
		Schema  thrift.Slice[format.SchemaElement] `thrift:"2,required"`
		NumRows int64                              `thrift:"3,required"`
	}
	// footerTail are those after them. A field says how far its number is from that
	// of the field before, so these are encoded like a struct that counts from 0.
	footerTail struct {
		KeyValueMetadata thrift.Slice[format.KeyValue]    `thrift:"1,optional"`
		CreatedBy        string                           `thrift:"2,optional"`
		ColumnOrders     thrift.Slice[format.ColumnOrder] `thrift:"3,optional"`
	}
)

// A groupReader reads the row groups of a Parquet file in their order.
type groupReader struct {
	file *os.File
	in   thrift.Reader
	n    int32 // row groups
	head footerHead
	tail footerTail // once all are read
}

func openGroups(path string) (*groupReader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r := &groupReader{file: file}
	if err := r.readHead(); err != nil {
		return nil, errors.Join(fmt.Errorf("read the footer of %s: %w", path, err), file.Close())
	}
	return r, nil
}

func (r *groupReader) readHead() error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	var last [8]byte // the length of the footer, and the magic
	at := info.Size() - int64(len(last))
	if _, err := r.file.ReadAt(last[:], max(at, 0)); err != nil {
		return err
	}
	length := int64(binary.LittleEndian.Uint32(last[:]))
	if string(last[4:]) != parquetMagic || length > at {
		return errors.New("this is no whole Parquet file")
	}
	r.in = compact.NewReader(bufio.NewReader(io.NewSectionReader(r.file, at-length, length)))
	if err := r.field(1, thrift.I32); err != nil {
		return err
	}
	if r.head.Version, err = r.in.ReadInt32(); err != nil {
		return err
	}
	columns, err := r.list(2)
	if err != nil {
		return err
	}
	r.head.Schema = make([]format.SchemaElement, columns)
	for i := range r.head.Schema {
		if err := r.decode(&r.head.Schema[i]); err != nil {
			return err
		}
	}
	if err := r.field(3, thrift.I64); err != nil {
		return err
	}
	if r.head.NumRows, err = r.in.ReadInt64(); err != nil {
		return err
	}
	r.n, err = r.list(4)
	return err
}

// field reads the beginning of the field with a number, which stands behind the
// one with the number before.
func (r *groupReader) field(number int, of thrift.Type) error {
	f, err := r.in.ReadField()
	if err == nil && f != (thrift.Field{ID: 1, Type: of, Delta: true}) {
		err = fmt.Errorf("field %d is %v", number, f)
	}
	return err
}

func (r *groupReader) list(number int) (int32, error) {
	if err := r.field(number, thrift.LIST); err != nil {
		return 0, err
	}
	l, err := r.in.ReadList()
	return l.Size, err
}

func (r *groupReader) decode(v any) error { return thrift.NewDecoder(r.in).Decode(v) }

// each reads the row groups, once.
func (r *groupReader) each(do func(format.RowGroup) error) error {
	for range r.n {
		var g format.RowGroup
		if err := r.decode(&g); err != nil {
			return err
		}
		if err := do(g); err != nil {
			return err
		}
	}
	return r.decode(&r.tail)
}

func (r *groupReader) close() error { return r.file.Close() }

// A groupWriter makes a Parquet file of row groups of others.
type groupWriter struct {
	file   *os.File
	end    int64 // of what is written
	head   footerHead
	groups bytes.Buffer // encoded
	n      int32
	tail   footerTail
}

func createGroups(path string) (*groupWriter, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if _, err := file.WriteString(parquetMagic); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &groupWriter{file: file, end: int64(len(parquetMagic))}, nil
}

// add copies a row group of another file behind those before.
func (w *groupWriter) add(from *os.File, g format.RowGroup) error {
	begin, end := extent(g)
	if _, err := io.Copy(w.file, io.NewSectionReader(from, begin, end-begin)); err != nil {
		return err
	}
	g = moved(g, w.end-begin)
	g.Ordinal = int16(w.n)
	w.end += end - begin
	w.head.NumRows += g.NumRows
	w.n++
	return thrift.NewEncoder(compact.NewWriter(&w.groups)).Encode(&g)
}

// close writes the footer.
func (w *groupWriter) close() error { return errors.Join(w.writeFooter(), w.file.Close()) }

func (w *groupWriter) writeFooter() error {
	head, err := thrift.Marshal(compact, w.head)
	if err != nil {
		return err
	}
	tail, err := thrift.Marshal(compact, w.tail)
	if err != nil {
		return err
	}
	begin := bytes.NewBuffer(head[:len(head)-1]) // without its stop
	to := compact.NewWriter(begin)
	if err := to.WriteField(thrift.Field{ID: 1, Type: thrift.LIST, Delta: true}); err != nil {
		return err
	}
	if err := to.WriteList(thrift.List{Size: w.n, Type: thrift.STRUCT}); err != nil {
		return err
	}
	length := begin.Len() + w.groups.Len() + len(tail)
	tail = append(binary.LittleEndian.AppendUint32(tail, uint32(length)), parquetMagic...)
	for _, piece := range [][]byte{begin.Bytes(), w.groups.Bytes(), tail} {
		if _, err := w.file.Write(piece); err != nil {
			return err
		}
	}
	return nil
}
