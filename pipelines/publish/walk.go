package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/ops"
)

// columns are the sequences of one table that stand beside the run's, each
// ascending by key.
type columns struct {
	held  *heldRecords       // acknowledged
	open  *openChanges       // on their way
	there *pages[HeldRecord] // at the receiver
}

func (r *reconciliation) columns(table string, open []ops.Batch, there *pages[HeldRecord]) *columns {
	return &columns{r.heldRecords(table), newOpenChanges(r.cfg.Store, open), there}
}

// noRecords is an empty sequence.
func noRecords() *pages[HeldRecord] { return &pages[HeldRecord]{done: true} }

// least is the smallest key that any of them has.
func (c *columns) least(ctx context.Context) (least string, ok bool, err error) {
	known, ok1, err1 := c.held.peek(ctx)
	open, ok2, err2 := c.open.peek(ctx)
	there, ok3, err3 := c.there.peek(ctx)
	for _, k := range []struct {
		key string
		is  bool
	}{{known.Key, ok1}, {open.key, ok2}, {there.Key, ok3}} {
		if k.is && (!ok || k.key < least) {
			least, ok = k.key, true
		}
	}
	return least, ok, errors.Join(err1, err2, err3)
}

// take takes a key, below which nothing is left, from all of them.
func (c *columns) take(ctx context.Context, key string) (s standing, err error) {
	var err1, err2, err3 error
	s.known, err1 = c.held.take(ctx, key)
	s.open, err2 = c.open.take(ctx, key)
	there, err3 := c.there.take(ctx, key)
	s.received = there.Digest
	for err3 == nil {
		var again HeldRecord
		if again, err3 = c.there.take(ctx, key); again.Key != key {
			break
		}
		s.doubled = true
	}
	s.known.Key = key
	return s, errors.Join(err1, err2, err3)
}

// sideBySide walks the run and the columns of some tables side by side and
// visits every key that any of them has.
func (r *reconciliation) sideBySide(ctx context.Context, source Source, tables []string, columnsOf func(context.Context, string) (*columns, error),
	visit func(ctx context.Context, table, key string, s standing) error) error {
	var beside *columns
	begin := func() (err error) {
		if len(tables) > 0 {
			beside, err = columnsOf(ctx, tables[0])
		}
		return err
	}
	upTo := func(key string) error { // "" stands for the end
		for {
			least, ok, err := beside.least(ctx)
			if err != nil || !ok || key != "" && least >= key {
				return err
			}
			s, err := beside.take(ctx, least)
			if err != nil {
				return err
			}
			if err := visit(ctx, tables[0], least, s); err != nil {
				return err
			}
		}
	}
	end := func() error {
		if err := upTo(""); err != nil {
			return fmt.Errorf("table %s: %w", tables[0], err)
		}
		tables = tables[1:]
		return begin()
	}
	if err := begin(); err != nil {
		return err
	}
	err := source.each(ctx, func(record Record, content []byte) error {
		for len(tables) > 0 && tables[0] < record.Table {
			if err := end(); err != nil {
				return err
			}
		}
		if len(tables) == 0 || tables[0] != record.Table {
			return nil
		}
		if err := upTo(record.Key); err != nil {
			return err
		}
		s, err := beside.take(ctx, record.Key)
		if err != nil {
			return err
		}
		if s.heldBack = record.HeldBack != ""; s.heldBack {
			s.published = s.known.Digest
		} else {
			s.published = digest(content)
		}
		return visit(ctx, record.Table, record.Key, s)
	})
	if err != nil {
		return fmt.Errorf("run %s: %w", r.report.Run, err)
	}
	for len(tables) > 0 {
		if err := end(); err != nil {
			return err
		}
	}
	return nil
}

// openChanges are the changes of a table in batches without an answer, ascending
// by key. A batch is read when its first key is reached.
type openChanges struct {
	store   *ops.Store
	batches []ops.Batch  // not read yet, ascending by first key
	changes []openChange // read and not taken, ascending by key, the later of two behind
}

func newOpenChanges(store *ops.Store, batches []ops.Batch) *openChanges {
	batches = slices.Clone(batches)
	slices.SortStableFunc(batches, func(a, b ops.Batch) int { return strings.Compare(a.FirstKey, b.FirstKey) })
	return &openChanges{store: store, batches: batches}
}

func (o *openChanges) peek(ctx context.Context) (change openChange, ok bool, err error) {
	for len(o.batches) > 0 && (len(o.changes) == 0 || o.batches[0].FirstKey <= o.changes[0].key) {
		if err := o.read(ctx, o.batches[0]); err != nil {
			return change, false, fmt.Errorf("batch %s: %w", o.batches[0].Number, err)
		}
		o.batches = o.batches[1:]
	}
	if len(o.changes) == 0 {
		return change, false, nil
	}
	return o.changes[0], true, nil
}

func (o *openChanges) read(ctx context.Context, b ops.Batch) error {
	whole, ok, err := o.store.BatchByNumber(ctx, b.Receiver, b.Number)
	if err != nil || !ok || whole.Body == nil {
		return err // it has been answered meanwhile
	}
	m, err := readBatch(whole, 0)
	if err != nil {
		return err
	}
	for _, row := range m.Rows {
		o.changes = append(o.changes, openChange{row.Key, row.Digest, b})
	}
	slices.SortStableFunc(o.changes, func(a, b openChange) int { return strings.Compare(a.key, b.key) })
	return nil
}

// take returns the newest change of a key, or nil.
func (o *openChanges) take(ctx context.Context, key string) (*openChange, error) {
	var newest *openChange
	for {
		change, ok, err := o.peek(ctx)
		if err != nil || !ok || change.key != key {
			return newest, err
		}
		o.changes = o.changes[1:]
		if newest == nil || change.batch.Number > newest.batch.Number {
			newest = &change
		}
	}
}
