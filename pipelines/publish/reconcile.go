package publish

import (
	"context"
	"fmt"

	"rongxin/warehouse/ops"
)

// Report is the three-way comparison of [Publisher.Reconcile].
type Report struct {
	Receiver string `json:"receiver"`
	Run      string `json:"run"`
	AsOf     string `json:"as_of"`

	Tables []TableReport `json:"tables"`
	Equal  bool          `json:"equal"`            // all three, in every table
	Open   int           `json:"open_batches"`     // in the outbox without an answer
	Differ int           `json:"differ"`           // keys that differ
	Causes map[Cause]int `json:"causes,omitempty"` // of these, by cause
	Breaks []Break       `json:"breaks,omitempty"` // the first MaxBreaks of them, by key

	Unexplained bool `json:"unexplained,omitempty"` // the totals differ although no key does
}

// TableReport is the comparison of one table.
type TableReport struct {
	Table        string   `json:"table"`
	Published    Holdings `json:"published"`    // the run
	Acknowledged Holdings `json:"acknowledged"` // what the receiver gave receipts for
	Received     Holdings `json:"received"`     // what it says it holds
}

// equal tells whether all three are the same.
func (t TableReport) equal() bool {
	return t.Published == t.Acknowledged && t.Acknowledged.Count == t.Received.Count && t.Acknowledged.Digest == t.Received.Digest
}

// Break is one key that is not the same in all three places. A digest is empty
// where the key is missing.
type Break struct {
	Table        string `json:"table"`
	Key          string `json:"cd_id"`
	Cause        Cause  `json:"cause"`
	Published    string `json:"published"`
	Acknowledged string `json:"acknowledged"`
	Received     string `json:"received"`
	Code         string `json:"code,omitempty"` // the receiver's, for [RefusedThere]
}

// Cause says why a key differs.
type Cause string

// The causes of a break.
const (
	NotYetSent     Cause = "not_yet_sent"    // the receiver has what it acknowledged; the run has news
	RefusedThere   Cause = "refused"         // the same, and it refused the news
	ReceiptMissing Cause = "receipt_missing" // the receiver agrees with the run, but no receipt is here
	MissingThere   Cause = "missing_there"   // acknowledged, but it does not have it
	ExtraThere     Cause = "extra_there"     // it has what was never sent or was withdrawn
	ContentDiffers Cause = "content_differs" // acknowledged, but what it has is something else
)

// causeOf names the cause for three content digests, each empty when the key is
// missing there; nothing when they agree.
func causeOf(published, acknowledged, received string, wasRefused bool) Cause {
	switch {
	case published == acknowledged && acknowledged == received:
		return ""
	case published == received:
		return ReceiptMissing
	case acknowledged == received && wasRefused:
		return RefusedThere
	case acknowledged == received:
		return NotYetSent
	case received == "":
		return MissingThere
	case published == "" && acknowledged == "":
		return ExtraThere
	}
	return ContentDiffers
}

// Reconcile compares the run, the acknowledged state and the receiver's, by
// count and digest, and when these differ looks for the keys that do. It
// changes nothing. source is read once when all is well and twice when not.
//
// A difference is no error but the finding; the error wraps [ErrTemporary] or
// [ErrSetup] when the receiver could not be asked.
func (p *Publisher) Reconcile(ctx context.Context, run RunInfo, source Source) (Report, error) {
	report := Report{Receiver: p.cfg.Receiver, Run: run.ID, AsOf: run.AsOf.Format("2006-01-02")}
	err := p.leased(ctx, func(*ops.Lease) error {
		open, err := p.cfg.Store.Batches(ctx, p.cfg.Receiver, ops.Pending, ops.Sent, ops.HandedOver)
		if err != nil {
			return err
		}
		report.Open, report.Causes, report.Equal = len(open), map[Cause]int{}, true
		for _, table := range p.cfg.Tables {
			t, err := p.totals(ctx, table, source)
			if err != nil {
				return err
			}
			report.Tables = append(report.Tables, t)
			if t.equal() {
				continue
			}
			report.Equal = false
			if err := p.compare(ctx, table, source, &report); err != nil {
				return err
			}
		}
		report.Unexplained = !report.Equal && report.Differ == 0
		return nil
	})
	if err != nil {
		return report, fmt.Errorf("reconcile with %s: %w", p.cfg.Receiver, err)
	}
	return report, nil
}

// totals takes the three states of a table.
func (p *Publisher) totals(ctx context.Context, table string, source Source) (t TableReport, err error) {
	var published, acknowledged State
	err = source.each(ctx, func(r Record, content []byte) error {
		if r.Table == table {
			published.Add(r.Key, digest(content))
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	for held := p.heldRecords(table); ; held.drop() {
		known, ok, err := held.peek(ctx)
		if err != nil {
			return t, err
		}
		if !ok {
			break
		}
		if known.Held() {
			acknowledged.Add(known.Key, known.Digest)
		}
	}
	t = TableReport{Table: table, Published: published.holdings(), Acknowledged: acknowledged.holdings()}
	err = p.again(ctx, func() error {
		t.Received, err = p.cfg.Transport.Holdings(ctx, table)
		return err
	})
	return t, err
}
