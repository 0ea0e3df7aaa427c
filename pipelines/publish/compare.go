package publish

import (
	"context"
	"errors"
	"fmt"

	"rongxin/warehouse/ops"
)

// comparison walks the run, the acknowledged records and the received ones side
// by side, all ascending by key, and reports the keys that are not the same.
type comparison struct {
	*Publisher
	report *Report
	held   *heldRecords
	table  string
	there  *pages[HeldRecord]
	seen   int
}

func (p *Publisher) compare(ctx context.Context, table string, source Source, report *Report) error {
	c := &comparison{Publisher: p, report: report, table: table, held: p.heldRecords(table), there: p.thereRecords(table)}
	err := source.each(ctx, func(r Record, content []byte) error {
		if r.Table != table {
			return nil
		}
		if err := c.leftovers(ctx, r.Key); err != nil {
			return err
		}
		return c.judge(ctx, r.Key, digest(content))
	})
	if err != nil {
		return fmt.Errorf("run %s: %w", report.Run, err)
	}
	return c.leftovers(ctx, "")
}

// leftovers judges the keys below key that the run passed over; an empty key
// stands for the end.
func (c *comparison) leftovers(ctx context.Context, key string) error {
	for {
		known, ok1, err1 := c.held.peek(ctx)
		there, ok2, err2 := c.there.peek(ctx)
		if err := errors.Join(err1, err2); err != nil || !ok1 && !ok2 {
			return err
		}
		next := known.Key
		if !ok1 || ok2 && there.Key < next {
			next = there.Key
		}
		if key != "" && next >= key {
			return nil
		}
		if err := c.judge(ctx, next, ""); err != nil {
			return err
		}
	}
}

// judge takes the key from both sides and reports it if it differs.
func (c *comparison) judge(ctx context.Context, key, published string) error {
	known, err1 := c.held.take(ctx, key)
	there, err2 := c.there.take(ctx, key)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if c.seen++; c.seen%deliveriesPage == 0 {
		c.cfg.Progress(Progress{Phase: "compare", Records: c.seen})
	}
	b := Break{Table: c.table, Key: key, Published: published, Acknowledged: known.Digest, Received: there.Digest}
	b.Cause = causeOf(published, known.Digest, there.Digest, refusedNews(known, published))
	if b.Cause == "" {
		return nil
	}
	if b.Cause == RefusedThere {
		b.Code = known.Refused.Code
	}
	c.report.Differ++
	c.report.Causes[b.Cause]++
	if len(c.report.Breaks) < c.cfg.MaxBreaks {
		c.report.Breaks = append(c.report.Breaks, b)
	}
	return nil
}

// refusedNews tells whether the receiver refused what the run now says.
func refusedNews(known ops.Delivery, published string) bool {
	return known.Refused != nil && known.Refused.Digest == published
}

const recordsPage = 1000

// thereRecords pages through what the receiver holds of a table.
func (p *Publisher) thereRecords(table string) *pages[HeldRecord] {
	return &pages[HeldRecord]{
		key: func(r HeldRecord) string { return r.Key },
		fetch: func(ctx context.Context, after string) (records []HeldRecord, more bool, err error) {
			err = p.again(ctx, func() error {
				records, more, err = p.cfg.Transport.Held(ctx, table, after, recordsPage)
				return err
			})
			return records, more, err
		},
	}
}
