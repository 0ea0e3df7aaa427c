package engine

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go/format"
)

// Concat makes one Parquet file of parts that [DB.CopyTo] wrote with the same
// columns, in their order. Row groups are taken as they are: nothing is decoded.
func Concat(parts []string, file string) (err error) {
	w, err := createGroups(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	for _, part := range parts {
		if err := w.append(part); err != nil {
			return fmt.Errorf("put %s to the parts before it: %w", part, err)
		}
	}
	return nil
}

func (w *groupWriter) append(part string) (err error) {
	from, err := openGroups(part)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	if w.head.Schema == nil {
		w.head.Version, w.head.Schema = from.head.Version, from.head.Schema
	} else if !reflect.DeepEqual(w.head.Schema, from.head.Schema) {
		return errors.New("it has other columns")
	}
	err = from.each(func(g format.RowGroup) error { return w.add(from.file, g) })
	w.tail = from.tail
	return err
}

// A Range is of values of a column, from the first on and below the end; empty is
// without bound.
type Range struct{ From, Below string }

// Cut makes, for each of some ranges of a text column, a Parquet file of those row
// groups of a file of [DB.CopyTo] that may hold a value in it, as they are, and
// last one of those that may hold a row without value. Where the file is sorted by
// the column, rows of other ranges stand in the first and the last group at most.
func Cut(file, column string, ranges []Range, to []string) error {
	return choose(file, column, to, func(i int, c format.ColumnMetaData) bool {
		if i == len(ranges) {
			return c.Statistics.NullCount > 0 || c.Statistics.MinValue == nil
		}
		return ranges[i].meets(c)
	})
}

// Pick makes a Parquet file of those row groups of a file of [DB.CopyTo] that may
// hold one of some values of a text column, which come in their order.
func Pick(file, column string, values []string, to string) error {
	return choose(file, column, []string{to}, func(_ int, c format.ColumnMetaData) bool {
		first := string(c.Statistics.MinValue)
		i, _ := slices.BinarySearch(values, first)
		return i < len(values) && Range{From: values[i]}.meets(c)
	})
}

// choose copies row groups of a file to others, each to those for which chosen says
// so of its column.
func choose(file, column string, to []string, chosen func(i int, c format.ColumnMetaData) bool) (err error) {
	from, err := openGroups(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	writers := make([]*groupWriter, len(to))
	for i := range to {
		if writers[i], err = createGroups(to[i]); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, writers[i].close()) }()
		writers[i].head.Version, writers[i].head.Schema = from.head.Version, from.head.Schema
	}
	err = from.each(func(g format.RowGroup) error {
		at := slices.IndexFunc(g.Columns, func(c format.ColumnChunk) bool { return strings.Join(c.MetaData.PathInSchema, ".") == column })
		if at < 0 {
			return fmt.Errorf("%s has no column %s", filepath.Base(file), column)
		}
		for i, w := range writers {
			if chosen(i, g.Columns[at].MetaData) {
				if err := w.add(from.file, g); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for _, w := range writers {
		w.tail = from.tail
	}
	return err
}

// meets tells whether a column of a row group may hold a value in the range. One
// of NULL alone holds none, and one that does not say what it holds may.
func (r Range) meets(c format.ColumnMetaData) bool {
	s := c.Statistics
	switch {
	case s.NullCount == c.NumValues:
		return false
	case s.MinValue == nil || s.MaxValue == nil:
		return true
	}
	return bytes.Compare(s.MaxValue, []byte(r.From)) >= 0 && (r.Below == "" || bytes.Compare(s.MinValue, []byte(r.Below)) < 0)
}

// extent is where the pages of a row group begin and end, which lie together.
func extent(g format.RowGroup) (begin, end int64) {
	for i, c := range g.Columns {
		first := c.MetaData.DataPageOffset
		if dictionary := c.MetaData.DictionaryPageOffset; dictionary != 0 {
			first = min(first, dictionary)
		}
		if i == 0 {
			begin = first
		}
		begin, end = min(begin, first), max(end, first+c.MetaData.TotalCompressedSize)
	}
	return begin, end
}

// moved is a row group in another place of a file. What stands apart from its
// pages, as indexes do, does not come along; the engine writes none.
func moved(g format.RowGroup, by int64) format.RowGroup {
	g.Columns = slices.Clone(g.Columns)
	places := []*int64{&g.FileOffset}
	for i := range g.Columns {
		c := &g.Columns[i]
		c.OffsetIndexOffset, c.OffsetIndexLength, c.ColumnIndexOffset, c.ColumnIndexLength = 0, 0, 0, 0
		c.MetaData.BloomFilterOffset, c.MetaData.BloomFilterLength = 0, 0
		places = append(places, &c.FileOffset, &c.MetaData.DataPageOffset, &c.MetaData.IndexPageOffset, &c.MetaData.DictionaryPageOffset)
	}
	for _, place := range places { // 0 is none
		if *place != 0 {
			*place += by
		}
	}
	return g
}
