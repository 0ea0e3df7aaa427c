package publish

import (
	"context"

	"rongxin/warehouse/ops"
)

// pages reads an ascending sequence page by page.
type pages[T any] struct {
	key   func(T) string
	fetch func(ctx context.Context, after string) (page []T, more bool, err error)

	page  []T
	after string
	done  bool
}

// peek returns the next item without taking it; ok is false at the end.
func (p *pages[T]) peek(ctx context.Context) (item T, ok bool, err error) {
	for len(p.page) == 0 && !p.done {
		page, more, err := p.fetch(ctx, p.after)
		if err != nil {
			return item, false, err
		}
		p.page, p.done = page, !more
		if len(page) > 0 {
			p.after = p.key(page[len(page)-1])
		}
	}
	if len(p.page) == 0 {
		return item, false, nil
	}
	return p.page[0], true, nil
}

// drop takes the item that peek returned.
func (p *pages[T]) drop() { p.page = p.page[1:] }

// take returns the item of that key, or the zero item when the sequence, whose
// lower keys have been taken, goes on beyond it.
func (p *pages[T]) take(ctx context.Context, key string) (item T, err error) {
	next, ok, err := p.peek(ctx)
	if err != nil || !ok || p.key(next) != key {
		return item, err
	}
	p.drop()
	return next, nil
}

// heldRecords is what the receiver acknowledged of a table, in ascending order of keys.
type heldRecords = pages[ops.Delivery]

const deliveriesPage = 1000

func (p *Publisher) heldRecords(table string) *heldRecords {
	return &heldRecords{
		key: func(d ops.Delivery) string { return d.Key },
		fetch: func(ctx context.Context, after string) ([]ops.Delivery, bool, error) {
			page, err := p.cfg.Store.Deliveries(ctx, p.cfg.Receiver, table, after, deliveriesPage)
			return page, len(page) == deliveriesPage, err
		},
	}
}
