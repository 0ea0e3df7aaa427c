package publish

import (
	"context"
	"errors"
	"math/bits"

	"rongxin/warehouse/ops"
)

// RangeHolder is a [Transport] whose receiver also tells what it holds of a range
// of keys, so that a few keys that differ are found without reading all of them.
type RangeHolder interface {
	// HeldBetween is like Holdings, of keys greater than after up to and including
	// upTo; an empty upTo stands for the end.
	HeldBetween(ctx context.Context, table, after, upTo string) (Holdings, error)
}

// plus is the state of two sets without a common record.
func (s State) plus(other State) State {
	var carry uint64
	for i := 3; i >= 0; i-- {
		s.sum[i], carry = bits.Add64(s.sum[i], other.sum[i], carry)
	}
	s.Count += other.Count
	return s
}

// block is a range of keys of a table and what the receiver acknowledged of it.
type block struct {
	upTo  string // the last key of the range, "" in the last block
	known State
	keys  int
	alike bool // the receiver says that it holds just that
}

const (
	blockKeys = 1000 // acknowledged records of a block
	maxRanges = 400  // ranges asked for; what is left then is read key by key
)

// blocks are the ranges of a table, in the order of their keys.
type blocks []block

// add counts one acknowledged record, behind those before it.
func (b *blocks) add(known ops.Delivery) {
	if len(*b) == 0 {
		*b = append(*b, block{})
	}
	last := &(*b)[len(*b)-1]
	if known.Held() {
		last.known.Add(known.Key, known.Digest)
	}
	if last.keys++; last.keys == blockKeys {
		last.upTo = known.Key
		*b = append(*b, block{})
	}
}

// ranges asks a receiver for ever smaller ranges of keys, until those that are
// not as it acknowledged them are known to a block.
type ranges struct {
	*Publisher
	holder RangeHolder
	table  string
	blocks blocks
	asked  int
}

// narrow asks which blocks the receiver holds just as it acknowledged them. One
// that does not tell ranges has a single block, which has to be read.
func (p *Publisher) narrow(ctx context.Context, table string, known blocks) (blocks, error) {
	holder, ok := p.cfg.Transport.(RangeHolder)
	if !ok || len(known) == 0 {
		return blocks{{}}, nil
	}
	r := &ranges{Publisher: p, holder: holder, table: table, blocks: known}
	err := r.narrow(ctx, 0, len(known))
	if errors.Is(err, ErrCannotAsk) {
		return blocks{{}}, nil
	}
	return r.blocks, err
}

// narrow asks for the range of some blocks and, when the receiver holds something
// else there, for each half of it.
func (r *ranges) narrow(ctx context.Context, from, to int) error {
	if from == to || r.asked == maxRanges {
		return nil
	}
	r.asked++
	var known State
	for _, b := range r.blocks[from:to] {
		known = known.plus(b.known)
	}
	var there Holdings
	err := r.again(ctx, func() (err error) {
		there, err = r.holder.HeldBetween(ctx, r.table, r.blocks.before(from), r.blocks[to-1].upTo)
		return err
	})
	switch {
	case err != nil:
		return err
	case same(there, known.holdings()):
		for i := from; i < to; i++ {
			r.blocks[i].alike = true
		}
		return nil
	case to-from == 1:
		return nil
	}
	middle := (from + to) / 2
	if err := r.narrow(ctx, from, middle); err != nil {
		return err
	}
	return r.narrow(ctx, middle, to)
}

// before is the last key before a block.
func (b blocks) before(i int) string {
	if i == 0 {
		return ""
	}
	return b[i-1].upTo
}

// of is the place of a key's block, at or behind a place.
func (b blocks) of(key string, from int) int {
	for b[from].upTo != "" && b[from].upTo < key {
		from++
	}
	return from
}

// thereRecords pages through what the receiver holds of a table in the blocks that
// are not alike.
func (p *Publisher) thereRecords(table string, of blocks) *pages[HeldRecord] {
	at, after := 0, ""
	fetch := func(ctx context.Context, _ string) (page []HeldRecord, more bool, err error) {
		for of[at].alike {
			if at++; at == len(of) {
				return nil, false, nil
			}
			after = of.before(at)
		}
		page, more, err = p.there(ctx, table, &after, of[at].upTo)
		if err != nil || more {
			return page, true, err
		}
		after = of[at].upTo
		at++
		return page, at < len(of), nil
	}
	return &pages[HeldRecord]{key: func(r HeldRecord) string { return r.Key }, fetch: fetch}
}

// there reads a page of what the receiver holds behind a key, which it moves on.
// more tells that the range goes on.
func (p *Publisher) there(ctx context.Context, table string, after *string, upTo string) (page []HeldRecord, more bool, err error) {
	err = p.again(ctx, func() (err error) {
		page, more, err = p.cfg.Transport.Held(ctx, table, *after, recordsPage)
		return err
	})
	for i, r := range page {
		if upTo != "" && r.Key > upTo {
			return page[:i], false, err
		}
		*after = r.Key
	}
	return page, more && len(page) > 0, err
}
