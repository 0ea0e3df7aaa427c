package publish

import (
	"context"
	"fmt"
	"time"

	"rongxin/warehouse/ops"
)

const recordsPage = 1000

// compare walks the tables that are not equal and reports the keys that are not
// the same everywhere; with a lease it believes the receiver where the cause says so.
func (r *reconciliation) compare(ctx context.Context, source Source, tables []string, adopt *ops.Lease) error {
	c := &comparison{reconciliation: r, adopt: adopt, tables: map[string]*TableReport{}, told: map[string][]ops.Holding{}}
	for i := range r.report.Tables {
		t := &r.report.Tables[i]
		t.Causes = map[Cause]int{}
		c.tables[t.Table] = t
	}
	if err := r.sideBySide(ctx, source, tables, c.columnsOf, c.visit); err != nil {
		return err
	}
	for _, table := range tables {
		t := c.tables[table]
		t.Unexplained = t.Differ == 0
		if err := c.believe(ctx, table, nil); err != nil {
			return err
		}
	}
	return nil
}

// comparison looks for the keys that differ.
type comparison struct {
	*reconciliation
	adopt  *ops.Lease // nil changes nothing
	tables map[string]*TableReport
	there  blocks                   // of the table under way
	place  int                      // place of the last key in there
	told   map[string][]ops.Holding // by table, what the receiver holds, to be believed
	seen   int
}

func (c *comparison) columnsOf(ctx context.Context, table string) (*columns, error) {
	there := noRecords()
	if !c.tables[table].ByFeedback {
		var known blocks
		if c.blocks[table] != nil {
			known = *c.blocks[table]
		}
		of, err := c.narrow(ctx, table, known)
		if err != nil {
			return nil, err
		}
		c.there, c.place = of, 0
		there = c.thereRecords(table, of)
	}
	var open []ops.Batch
	for _, b := range c.open {
		if b.Table == table {
			open = append(open, b)
		}
	}
	return c.columns(table, open, there), nil
}

// visit judges one key and reports it if it differs.
func (c *comparison) visit(ctx context.Context, table, key string, s standing) error {
	if c.seen++; c.seen%recordsPage == 0 {
		c.cfg.Progress(Progress{Phase: "compare", Records: c.seen})
	}
	t := c.tables[table]
	if t.ByFeedback {
		s.received = settledDigest(s.known)
	} else if c.place = c.there.of(key, c.place); c.there[c.place].alike {
		s.received = s.known.Digest
	}
	s.shownAt, s.late = t.Received.At, c.overdue(s.known.Open, s.known.At)
	cause := s.cause()
	if cause == "" {
		return nil
	}
	m, _ := cause.Meaning()
	b := Break{
		Table: table, Key: key, Cause: cause, Title: m.Title,
		Published: s.published, Acknowledged: s.known.Digest, Received: s.received, Since: c.firstSeen(table, key, cause, s),
	}
	b.Batch = s.known.Batch
	if s.open != nil {
		b.Batch = s.open.batch.Number
	}
	if r := s.known.Refused; r != nil && (cause == DeadLetter || cause == RejectedLater || cause == Skipped) {
		b.Batch, b.Code, b.Message = r.Batch, r.Code, r.Message
	}
	b.Overdue = c.overdue(m.Pending, b.Since)
	c.report.Differ++
	c.report.Causes[cause]++
	t.Differ++
	t.Causes[cause]++
	switch {
	case m.Decided:
		c.report.Decided++
	case m.Pending && !b.Overdue:
		c.report.Pending++
	}
	if c.adopt != nil && m.Adopt && !t.ByFeedback {
		c.report.Adopted++
		if err := c.believe(ctx, table, &ops.Holding{Key: key, Digest: s.received}); err != nil {
			return err
		}
	}
	if len(c.report.Breaks) < c.cfg.MaxBreaks {
		b.Mend, b.MendEnglish = b.mended(m.Mend, c.report.Receiver), b.mended(m.MendEnglish, c.report.Receiver)
		c.report.Breaks = append(c.report.Breaks, b)
		c.report.Listed = len(c.report.Breaks)
	}
	return nil
}

// firstSeen is when a break came to be: when its batch was written or its receipt
// given, or else when it was first found.
func (c *comparison) firstSeen(table, key string, cause Cause, s standing) time.Time {
	switch {
	case s.open != nil:
		return s.open.batch.CreatedAt
	case cause == NotProcessed || cause == NotYetShown:
		return s.known.At
	}
	if known, ok := c.since[table+"/"+key]; ok && known.Cause == string(cause) {
		return known.Since
	}
	return c.at
}

const believedAtOnce = 500

// believe gathers what the receiver holds of a table and writes it down as
// acknowledged, some at a time; without one more, all that is left.
func (c *comparison) believe(ctx context.Context, table string, one *ops.Holding) error {
	told := c.told[table]
	if one != nil {
		told = append(told, *one)
	}
	if len(told) >= believedAtOnce || one == nil && len(told) > 0 {
		if err := c.cfg.Store.Adopt(ctx, c.adopt, table, told, c.at); err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
		told = told[:0]
	}
	c.told[table] = told
	return nil
}
