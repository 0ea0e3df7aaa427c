package main

import (
	"context"

	"rongxin/internal/metrics"
	"rongxin/pipelines/publish"
	"rongxin/warehouse/ops"
)

// tellSending tells what a publication did, also one that gave up, and what still
// waits for the receiver.
func (a *app) tellSending(ctx context.Context, d *delivery, s publish.Summary, err error) {
	to := d.receiver.Name
	if err == nil {
		for status, n := range map[string]int{"unchanged": s.Unchanged, "inserted": s.Inserted, "updated": s.Updated,
			"refused_before": s.RefusedBefore, "waiting": s.Waiting, "held_back": s.HeldBack} {
			a.told.Set(metrics.PublishRecords, float64(n), to, status)
		}
		if unequal(s) == nil {
			a.told.Set(metrics.PublishSuccess, seconds(a.now()), to)
		}
	}
	for kind, n := range map[string]int{"inserted": s.Inserted, "updated": s.Updated, "withdrawn": s.Withdrawn} {
		a.told.Add(metrics.PublishChanges, float64(n), to, kind)
	}
	for outcome, n := range map[string]int{"accepted": s.Accepted, "rejected": s.Rejected, "reverted": s.Reverted} {
		a.told.Add(metrics.PublishOutcomes, float64(n), to, outcome)
	}
	for kind, n := range map[string]int{"accepted": s.Batches.Accepted, "settled": s.Batches.Settled, "refused": s.Batches.Failed} {
		a.told.Add(metrics.PublishReceipts, float64(n), to, kind)
	}
	a.told.Add(metrics.PublishAttempts, float64(s.Attempts), to)
	a.told.Add(metrics.PublishRetries, float64(s.Repeats), to)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), metricsPatience)
	defer cancel()
	if err := a.tellOutbox(ctx, d.store, to); err != nil {
		a.log.Warn("metrics of the outbox not told", "receiver", to, "err", err)
	}
}

// tellOutbox tells what waits for a receiver, and what it would not take.
func (a *app) tellOutbox(ctx context.Context, store *ops.Store, to string) error {
	counts, err := store.BatchCounts(ctx, to)
	if err != nil {
		return err
	}
	letters, err := store.LetterCounts(ctx, to)
	if err != nil {
		return err
	}
	for _, m := range []metrics.Metric{metrics.PublishQueueBatches, metrics.PublishQueueRecords, metrics.PublishQueueOldest, metrics.PublishLetters} {
		a.told.Renew(m, to)
	}
	for _, c := range counts {
		switch c.Status {
		case ops.Pending, ops.Sent, ops.HandedOver, ops.Accepted:
			a.told.Set(metrics.PublishQueueBatches, float64(c.Batches), to, c.Table, string(c.Status))
			a.told.Set(metrics.PublishQueueRecords, float64(c.Records), to, c.Table, string(c.Status))
			a.told.Set(metrics.PublishQueueOldest, seconds(c.Oldest), to, c.Table, string(c.Status))
		}
	}
	for _, l := range letters {
		a.told.Set(metrics.PublishLetters, float64(l.Letters), to, l.Table, string(l.Status))
	}
	return nil
}

// tellReconciliation tells what a comparison with a receiver found.
func (a *app) tellReconciliation(r publish.Report) {
	to := r.Receiver
	a.told.Set(metrics.ReconcileLast, seconds(r.At), to)
	if r.Equal {
		a.told.Set(metrics.ReconcileEqual, seconds(r.At), to)
	}
	a.told.Set(metrics.ReconcileOpen, float64(max(r.Differ-r.Decided-r.Pending, 0)), to)
	for _, m := range []metrics.Metric{metrics.ReconcileDiffering, metrics.ReconcileCauses, metrics.ReconcileUnexplained, metrics.ReconcileRecords, metrics.ReconcileRemovals} {
		a.told.Renew(m, to)
	}
	for cause, n := range r.Causes {
		a.told.Set(metrics.ReconcileCauses, float64(n), to, string(cause))
	}
	for _, t := range r.Tables {
		a.told.Set(metrics.ReconcileDiffering, float64(max(t.Differ, 0)), to, t.Table)
		a.told.Set(metrics.ReconcileUnexplained, map[bool]float64{true: 1}[t.Unexplained], to, t.Table)
		for kind, held := range map[string]publish.Holdings{"published": t.Published, "sent": t.Sent, "acknowledged": t.Acknowledged,
			"processed": t.Processed, "received": t.Received} {
			a.told.Set(metrics.ReconcileRecords, float64(held.Count), to, t.Table, kind)
		}
	}
	if m := r.Removals; m != nil && m.Unknown == "" {
		for outcome, n := range map[string]int{"removed": m.Removed, "waiting": m.Waiting, "late": m.Late} {
			a.told.Set(metrics.ReconcileRemovals, float64(n), to, outcome)
		}
	}
}
