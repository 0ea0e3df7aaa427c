package publish

import (
	"context"
	"errors"
	"math/bits"
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

// block is a range of keys and what the receiver acknowledged of it.
type block struct {
	upTo  string // the last key of the range, "" in the last block
	known State
	alike bool // the receiver says that it holds just that
}

const (
	blockKeys = 1000 // acknowledged records of a block
	maxRanges = 400  // ranges asked for; what is left then is read key by key
)

// ranges asks a receiver for ever smaller ranges of keys, until those that are
// not as it acknowledged them are known to a block.
type ranges struct {
	*Publisher
	holder RangeHolder
	table  string
	blocks []block
	asked  int
}

// blocks cuts what the receiver acknowledged of a table into ranges of keys, and
// asks which of them it holds just so. A receiver that does not tell ranges has
// one block, which has to be read.
func (p *Publisher) blocks(ctx context.Context, table string) ([]block, error) {
	r := &ranges{Publisher: p, table: table, blocks: []block{{}}}
	var ok bool
	if r.holder, ok = p.cfg.Transport.(RangeHolder); !ok {
		return r.blocks, nil
	}
	keys := 0
	for held := p.heldRecords(table); ; held.drop() {
		known, ok, err := held.peek(ctx)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		last := &r.blocks[len(r.blocks)-1]
		if known.Held() {
			last.known.Add(known.Key, known.Digest)
		}
		if keys++; keys%blockKeys == 0 {
			last.upTo = known.Key
			r.blocks = append(r.blocks, block{})
		}
	}
	err := r.narrow(ctx, 0, len(r.blocks))
	if errors.Is(err, ErrCannotAsk) {
		return []block{{}}, nil
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
	after := ""
	if from > 0 {
		after = r.blocks[from-1].upTo
	}
	var known State
	for _, b := range r.blocks[from:to] {
		known = known.plus(b.known)
	}
	var there Holdings
	err := r.again(ctx, func() (err error) {
		there, err = r.holder.HeldBetween(ctx, r.table, after, r.blocks[to-1].upTo)
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

// thereRecords pages through what the receiver holds of a table. Ranges of which
// it says that it holds what it acknowledged are not read from it.
func (p *Publisher) thereRecords(ctx context.Context, table string) (*pages[HeldRecord], error) {
	blocks, err := p.blocks(ctx, table)
	if err != nil {
		return nil, err
	}
	after := ""
	fetch := func(ctx context.Context, _ string) (page []HeldRecord, more bool, err error) {
		b := blocks[0]
		read := p.there
		if b.alike {
			read = p.known
		}
		page, more, after, err = read(ctx, table, after, b.upTo)
		if err != nil || more {
			return page, true, err
		}
		after, blocks = b.upTo, blocks[1:]
		return page, len(blocks) > 0, nil
	}
	return &pages[HeldRecord]{key: func(r HeldRecord) string { return r.Key }, fetch: fetch}, nil
}

// there reads a page of what the receiver holds up to a key. more tells that the
// range goes on behind last.
func (p *Publisher) there(ctx context.Context, table, after, upTo string) (page []HeldRecord, more bool, last string, err error) {
	err = p.again(ctx, func() (err error) {
		page, more, err = p.cfg.Transport.Held(ctx, table, after, recordsPage)
		return err
	})
	for i, r := range page {
		if upTo != "" && r.Key > upTo {
			return page[:i], false, upTo, err
		}
		last = r.Key
	}
	return page, more && len(page) > 0, last, err
}

// known is there, of a range in which the receiver holds what it acknowledged.
func (p *Publisher) known(ctx context.Context, table, after, upTo string) (page []HeldRecord, more bool, last string, err error) {
	known, err := p.cfg.Store.Deliveries(ctx, p.cfg.Receiver, table, after, recordsPage)
	for _, d := range known {
		if upTo != "" && d.Key > upTo {
			return page, false, upTo, err
		}
		if last = d.Key; d.Held() {
			page = append(page, HeldRecord{d.Key, d.Digest})
		}
	}
	return page, len(known) == recordsPage, last, err
}
