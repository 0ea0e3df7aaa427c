// Package lookup answers questions about single subjects from the tables of a
// run, without an engine: fast enough for a counter, and sure of every byte.
package lookup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"

	"github.com/parquet-go/parquet-go"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// A Question asks a table for the rows in which every text column of Where has
// its value. An empty Where asks for all rows. Columns are those wanted.
type Question struct {
	Table   string
	Columns []string
	Where   []Equal
}

// Equal is one condition of a Question.
type Equal struct{ Column, Value string }

// A Lookup reads, of each table, the footer and those row groups whose bounds
// admit the value asked for; no byte is used before its block was compared with
// the digest in the manifest. How a table is sorted decides how fast an answer
// is, never what it is. Goroutines may ask beside each other; two questions for
// one table take turns.
type Lookup struct {
	run    *run.Run
	lock   sync.Mutex
	tables map[string]*table // by file
}

// New starts with no table open; each is opened by the first question for it.
func New(r *run.Run) *Lookup { return &Lookup{run: r, tables: map[string]*table{}} }

// Run is the run that is asked.
func (l *Lookup) Run() *run.Run { return l.run }

// Close closes what is open.
func (l *Lookup) Close() error {
	l.lock.Lock()
	defer l.lock.Unlock()
	var faults []error
	for _, t := range l.tables {
		faults = append(faults, t.bytes.Close())
	}
	l.tables = map[string]*table{}
	return errors.Join(faults...)
}

// Rows are the answer to a question, in the order of the table's file; of a table
// with layers those of the base come first.
func (l *Lookup) Rows(q Question) ([]Row, error) {
	rows, err := l.rows(q)
	if err != nil {
		return nil, fmt.Errorf("run %s: table %s: %w", l.run.ID, q.Table, err)
	}
	return rows, nil
}

func (l *Lookup) rows(q Question) ([]Row, error) {
	entry, ok := l.run.Manifest.Table(q.Table)
	if !ok {
		return nil, errors.New("the run has no such table")
	}
	t, err := l.open(entry.Path(l.run.Dir), entry.File, entry.Blocks, entry.Columns)
	if err != nil {
		return nil, err
	}
	rows, err := t.rows(q)
	if err != nil || entry.Layers == nil {
		return rows, err
	}
	base, err := l.base(entry, q)
	return append(base, rows...), err
}

// base are the answers that the base of a layered table gives, without those of
// subjects whose rows are replaced.
func (l *Lookup) base(entry run.TableEntry, q Question) ([]Row, error) {
	layers, subject := entry.Layers, []landing.Column{{Name: model.SubjectID, Type: "VARCHAR"}}
	base, err := l.open(entry.BasePath(l.run.Dir), layers.Base.File, layers.Base.Blocks, entry.Columns)
	if err != nil {
		return nil, err
	}
	replaced, err := l.open(entry.ReplacedPath(l.run.Dir), layers.Replaced.File, layers.Replaced.Blocks, subject)
	if err != nil {
		return nil, err
	}
	of := Question{Columns: []string{model.SubjectID}}
	for _, w := range q.Where {
		if w.Column == model.SubjectID {
			of.Where = append(of.Where, w)
		}
	}
	list, err := replaced.rows(of)
	if err != nil || len(of.Where) > 0 && len(list) > 0 {
		return nil, err
	}
	gone := map[any]bool{}
	for _, row := range list {
		gone[row[0]] = true
	}
	all := slices.Concat(q.Columns, []string{model.SubjectID})
	rows, err := base.rows(Question{Columns: all, Where: q.Where})
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(r Row) bool { return gone[r[len(r)-1]] })
	for i := range rows {
		rows[i] = rows[i][:len(q.Columns)]
	}
	return rows, nil
}

// table is a Parquet file of flat columns, open from the first question on.
type table struct {
	lock    sync.Mutex
	bytes   *store.Blocks
	file    *parquet.File
	columns []landing.Column
	bounds  map[int][]bound // of text columns that were asked for, by row group
	last    found
}

// found are the rows of the value that was asked for last, by row group: what is
// asked of a subject is asked by several questions, one after the other.
type found struct {
	column int
	value  string
	rows   map[int][]int64
}

func (l *Lookup) open(path string, digest store.Digest, blocks []string, columns []landing.Column) (*table, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if t, ok := l.tables[path]; ok {
		return t, nil
	}
	b, err := store.OpenBlocks(path, digest, blocks)
	if err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(b, b.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.SkipMagicBytes(true))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", filepath.Base(path), err), b.Close())
	}
	t := &table{bytes: b, file: file, columns: columns, bounds: map[int][]bound{}}
	if stored := file.Schema().Columns(); !slices.EqualFunc(stored, columns, func(path []string, c landing.Column) bool {
		return len(path) == 1 && path[0] == c.Name
	}) {
		return nil, errors.Join(fmt.Errorf("the file has the columns %v", stored), b.Close())
	}
	l.tables[path] = t
	return t, nil
}

// bound is what the footer says of the texts of one row group.
type bound struct {
	min, max []byte
	known    bool
}

func (b bound) admits(value string) bool {
	return !b.known || string(b.min) <= value && value <= string(b.max)
}

// columnBounds reads them from the footer once.
func (t *table) columnBounds(column int) []bound {
	if list, ok := t.bounds[column]; ok {
		return list
	}
	groups := t.file.Metadata().RowGroups
	list := make([]bound, len(groups))
	for i, g := range groups {
		s := g.Columns[column].MetaData.Statistics
		// Without both bounds, or where a bound may be cut short, the group may hold anything.
		if s.MinValue != nil && s.MaxValue != nil {
			list[i] = bound{bytes.Clone(s.MinValue), bytes.Clone(s.MaxValue), true}
		}
	}
	t.bounds[column] = list
	return list
}

func (t *table) index(columns ...string) ([]int, error) {
	list := make([]int, len(columns))
	for i, c := range columns {
		if list[i] = slices.IndexFunc(t.columns, func(have landing.Column) bool { return have.Name == c }); list[i] < 0 {
			return nil, fmt.Errorf("there is no column %s", c)
		}
	}
	return list, nil
}

func (t *table) rows(q Question) ([]Row, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	wanted, err := t.index(q.Columns...)
	if err != nil {
		return nil, err
	}
	keys := make([]int, len(q.Where))
	for i, w := range q.Where {
		k, err := t.index(w.Column)
		if err != nil {
			return nil, err
		}
		if keys[i] = k[0]; t.columns[k[0]].Type != "VARCHAR" {
			return nil, fmt.Errorf("column %s is no text", w.Column)
		}
	}
	list := []Row{}
	for no, group := range t.file.RowGroups() {
		if !t.admits(no, keys, q.Where) {
			continue
		}
		hits, err := t.match(no, group, keys, q.Where)
		if err != nil {
			return nil, err
		}
		if len(hits) == 0 {
			continue
		}
		found := make([]Row, len(hits))
		for i := range found {
			found[i] = make(Row, len(wanted))
		}
		for i, column := range wanted {
			if err := pick(group.ColumnChunks()[column], hits, func(n int, v parquet.Value) (err error) {
				found[n][i], err = plain(t.columns[column].Type, v)
				return err
			}); err != nil {
				return nil, fmt.Errorf("column %s: %w", q.Columns[i], err)
			}
		}
		list = append(list, found...)
	}
	return list, nil
}

func (t *table) admits(group int, keys []int, where []Equal) bool {
	for i, k := range keys {
		if !t.columnBounds(k)[group].admits(where[i].Value) {
			return false
		}
	}
	return true
}

// match numbers the rows of a group that meet every condition.
func (t *table) match(no int, group parquet.RowGroup, keys []int, where []Equal) (hits []int64, err error) {
	if len(keys) == 0 {
		for n := range group.NumRows() {
			hits = append(hits, n)
		}
		return hits, nil
	}
	hits, err = t.holding(no, group, keys[0], where[0].Value)
	for i := 1; i < len(keys) && len(hits) > 0 && err == nil; i++ {
		want, next := []byte(where[i].Value), []int64{}
		err = pick(group.ColumnChunks()[keys[i]], hits, func(n int, v parquet.Value) error {
			if !v.IsNull() && bytes.Equal(v.ByteArray(), want) {
				next = append(next, hits[n])
			}
			return nil
		})
		hits = next
	}
	return hits, err
}

// holding numbers the rows of a group that have a value.
func (t *table) holding(no int, group parquet.RowGroup, column int, value string) ([]int64, error) {
	if t.last.rows == nil || t.last.column != column || t.last.value != value {
		t.last = found{column, value, map[int][]int64{}}
	}
	if rows, ok := t.last.rows[no]; ok {
		return rows, nil
	}
	want, rows := []byte(value), []int64{}
	err := each(group.ColumnChunks()[column], 0, func(n int64, v parquet.Value) bool {
		if !v.IsNull() && bytes.Equal(v.ByteArray(), want) {
			rows = append(rows, n)
		}
		return true
	})
	if err == nil {
		t.last.rows[no] = rows
	}
	return rows, err
}

// pick gives the values of the numbered rows, which ascend, by their place in
// the list.
func pick(chunk parquet.ColumnChunk, rows []int64, give func(n int, v parquet.Value) error) error {
	n, giveErr := 0, error(nil)
	err := each(chunk, rows[0], func(row int64, v parquet.Value) bool {
		if row == rows[n] {
			if giveErr = give(n, v); giveErr != nil {
				return false
			}
			n++
		}
		return n < len(rows)
	})
	if err == nil && giveErr == nil && n < len(rows) {
		err = fmt.Errorf("ends before row %d of its group", rows[n])
	}
	return errors.Join(err, giveErr)
}

// each gives the values of a chunk from a row on, until told to stop.
func each(chunk parquet.ColumnChunk, from int64, give func(row int64, v parquet.Value) bool) (err error) {
	pages := chunk.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	if err := pages.SeekToRow(from); err != nil {
		return err
	}
	var values [256]parquet.Value
	for row := from; ; {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for reader := page.Values(); ; {
			n, err := reader.ReadValues(values[:])
			for _, v := range values[:n] {
				if !give(row, v) {
					parquet.Release(page)
					return nil
				}
				row++
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				parquet.Release(page)
				return err
			}
		}
		parquet.Release(page)
	}
}
