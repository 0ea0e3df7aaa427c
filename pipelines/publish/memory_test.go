package publish_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"sync"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/warehouse/ops"
)

// memory is a receiver that keeps what it takes: content digests by table and key.
// It takes a batch once, whatever the lane that brings it.
type memory struct {
	mu      sync.Mutex
	tables  map[string]map[string]string
	taken   map[string]bool                      // idempotency keys
	answers func(publish.Message) publish.Answer // instead of a receipt; nil gives receipts
	silent  bool                                 // does not tell what it holds
	doubled string                               // key that it has twice
	told    time.Time                            // when it told what it holds
	said    []publish.Notice                     // of batches, after their receipts
	sent    publish.Message                      // the last one
	pages   int                                  // of Held
	ranges  int                                  // of HeldBetween
}

func newMemory() *memory {
	return &memory{tables: map[string]map[string]string{}, taken: map[string]bool{}}
}

func (r *memory) Send(_ context.Context, m publish.Message) publish.Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tables[m.Table] == nil {
		r.tables[m.Table] = map[string]string{}
	}
	if !r.taken[m.Key] {
		r.taken[m.Key] = true
		for _, row := range m.Rows {
			if row.Operation == ops.Delete {
				delete(r.tables[m.Table], row.Key)
				continue
			}
			sum := sha256.Sum256(row.Content)
			r.tables[m.Table][row.Key] = hex.EncodeToString(sum[:])
		}
	}
	r.sent = m
	if r.answers != nil {
		return r.answers(m)
	}
	return publish.Answer{Outcome: publish.Processed, ReceiptID: "R" + m.Number, Receipt: []byte(m.Number)}
}

// Collect tells everything again.
func (r *memory) Collect(context.Context, string) ([]publish.Notice, string, bool, error) {
	return r.said, "", false, nil
}

func (r *memory) Holdings(ctx context.Context, table string) (publish.Holdings, error) {
	h, err := r.HeldBetween(ctx, table, "", "")
	r.ranges--
	h.At = r.told
	return h, err
}

func (r *memory) HeldBetween(_ context.Context, table, after, upTo string) (publish.Holdings, error) {
	if r.silent {
		return publish.Holdings{}, publish.ErrCannotAsk
	}
	r.ranges++
	var s publish.State
	for key, digest := range r.tables[table] {
		if key <= after || upTo != "" && key > upTo {
			continue
		}
		if s.Add(key, digest); key == r.doubled {
			s.Add(key, digest)
		}
	}
	return publish.Holdings{Count: s.Count, Digest: s.Digest()}, nil
}

func (r *memory) Held(_ context.Context, table, after string, limit int) (page []publish.HeldRecord, more bool, err error) {
	if r.silent {
		return nil, false, publish.ErrCannotAsk
	}
	r.pages++
	for _, key := range slices.Sorted(maps.Keys(r.tables[table])) {
		if key <= after {
			continue
		}
		if len(page) >= limit {
			return page, true, nil
		}
		page = append(page, publish.HeldRecord{Key: key, Digest: r.tables[table][key]})
		if key == r.doubled {
			page = append(page, page[len(page)-1])
		}
	}
	return page, false, nil
}

func (r *memory) Close(context.Context) error { return nil }
