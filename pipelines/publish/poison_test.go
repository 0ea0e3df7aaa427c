package publish_test

import (
	"math/bits"
	"math/rand/v2"
	"testing"

	"rongxin/pipelines/publish"
)

// Of 2,000 records 5 spoil whichever batch they are in. The others are
// delivered in the same run, and each of the five is handed over no more often
// than halving its batch takes.
func TestPoisonEndsAlone(t *testing.T) {
	const records, poison, batch = 2_000, 5, 200
	random := rand.New(rand.NewPCG(7, 7))
	var bad []int
	for _, n := range random.Perm(records)[:poison] {
		bad = append(bad, n)
	}
	p, platform := newRefusing(t, bad...)
	publisher := p.publisher(func(c *publish.Config) { c.Lanes, c.BatchSize = 4, batch })
	c := newCity(records)
	sum, err := publisher.Publish(t.Context(), april, c.source)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Accepted != records-poison || sum.Rejected != poison || len(sum.Rejections) != poison {
		t.Errorf("%+v, want %d accepted and %d dead letters", sum, records-poison, poison)
	}
	for _, r := range sum.Rejections {
		if !platform.poison[r.Key] || r.Code != "POLICY" {
			t.Errorf("a dead letter %+v", r)
		}
	}
	most := bits.Len(batch-1) + 1
	for key, times := range platform.refused {
		if times > most {
			t.Errorf("%s was handed over %d times, want at most %d", key, times, most)
		}
	}
	if sum.Batches.Failed > poison*most {
		t.Errorf("%d refusals, want at most %d", sum.Batches.Failed, poison*most)
	}
	extra := sum.Attempts - sum.Batches.Enqueued
	if halvings := 2 * (most - 1); extra > poison*halvings {
		t.Errorf("%d handings-over more than without poison, want at most %d", extra, poison*halvings)
	}
	t.Logf("%d batches, %d handings-over, %.1f more for each record at fault", sum.Batches.Enqueued, sum.Attempts, float64(extra)/poison)
	for _, n := range bad {
		delete(c, n)
	}
	p.holds(c)
	if sum, err = publisher.Publish(t.Context(), april, newCity(records).source); err != nil || sum.Attempts != 0 || sum.RefusedBefore != poison {
		t.Errorf("again: %+v %v, want nothing sent", sum, err)
	}
}

// A receiver that refuses a batch once for no reason of any record gets them all.
func TestARefusalWithoutACauseCostsNoRecord(t *testing.T) {
	p, platform := newRefusing(t)
	platform.once = 1
	if sum := p.publish(newCity(10)); sum.Accepted != 10 || sum.Rejected != 0 || sum.Batches.Failed != 1 {
		t.Errorf("%+v, want all accepted", sum)
	}
	p.holds(newCity(10))
}
