package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const parquetMagic = "PAR1"

// Concat makes one Parquet file of parts that [DB.CopyTo] wrote with the same
// columns, in their order. Row groups are taken as they are: nothing is decoded.
func Concat(parts []string, file string) (err error) {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := out.WriteString(parquetMagic); err != nil {
		return err
	}
	var all *format.FileMetaData
	for _, part := range parts {
		at, err := out.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		if all, err = appendPart(out, at, all, part); err != nil {
			return fmt.Errorf("put %s to the parts before it: %w", part, err)
		}
	}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), all)
	if err != nil {
		return err
	}
	footer = append(binary.LittleEndian.AppendUint32(footer, uint32(len(footer))), parquetMagic...)
	_, err = out.Write(footer)
	return err
}

// appendPart copies the row groups of a part, and tells in the footer of all
// where they are; nil is the footer before the first part.
func appendPart(out io.Writer, at int64, all *format.FileMetaData, part string) (_ *format.FileMetaData, err error) {
	f, err := os.Open(part)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	opened, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	var length [4]byte
	if _, err := f.ReadAt(length[:], info.Size()-8); err != nil {
		return nil, err
	}
	end := info.Size() - 8 - int64(binary.LittleEndian.Uint32(length[:]))
	if _, err := io.Copy(out, io.NewSectionReader(f, int64(len(parquetMagic)), end-int64(len(parquetMagic)))); err != nil {
		return nil, err
	}
	meta := opened.Metadata()
	before := 0
	if all != nil {
		if !reflect.DeepEqual(meta.Schema, all.Schema) {
			return nil, errors.New("it has other columns")
		}
		before = len(all.RowGroups)
	}
	for i := range meta.RowGroups {
		move(&meta.RowGroups[i], at-int64(len(parquetMagic)))
		meta.RowGroups[i].Ordinal = int16(before + i)
	}
	if all == nil {
		return meta, nil
	}
	all.NumRows += meta.NumRows
	all.RowGroups = append(all.RowGroups, meta.RowGroups...)
	return all, nil
}

// move adds to every place in the file that the footer names; 0 names none.
func move(g *format.RowGroup, by int64) {
	places := []*int64{&g.FileOffset}
	for i := range g.Columns {
		c := &g.Columns[i]
		places = append(places, &c.FileOffset, &c.OffsetIndexOffset, &c.ColumnIndexOffset, &c.MetaData.DataPageOffset,
			&c.MetaData.IndexPageOffset, &c.MetaData.DictionaryPageOffset, &c.MetaData.BloomFilterOffset)
	}
	for _, place := range places {
		if *place != 0 {
			*place += by
		}
	}
}
