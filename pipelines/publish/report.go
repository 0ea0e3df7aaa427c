package publish

import (
	"slices"
	"time"
)

// Report is a comparison with a receiver, table by table: what was published,
// what was sent and acknowledged, and what the receiver holds.
type Report struct {
	Receiver string    `json:"receiver"`
	Run      string    `json:"run"`
	AsOf     string    `json:"as_of"`
	At       time.Time `json:"at"`
	ByKey    bool      `json:"by_key"` // where totals differ, the keys that do were looked for

	Equal     bool          `json:"equal"`    // every table everywhere
	Differ    int           `json:"differ"`   // keys that differ; -1: not looked for
	Pending   int           `json:"pending"`  // of these, on their way and not overdue
	Decided   int           `json:"decided"`  // of these, left so by somebody's decision
	Causes    map[Cause]int `json:"causes"`   // of these, by cause
	Adopted   int           `json:"adopted"`  // of these, believed as the receiver holds them
	GivenUp   int           `json:"given_up"` // batches without an answer, taken out of the outbox by adopting
	Listed    int           `json:"listed"`   // of these, in Breaks
	OpenFirst *time.Time    `json:"oldest_open,omitempty"`
	Open      int           `json:"open_batches"` // in the outbox without the last word

	Tables []TableReport `json:"tables"`
	Breaks []Break       `json:"breaks,omitempty"` // the first MaxBreaks of them, by table and key

	Removals *Removals `json:"removals,omitempty"` // by the caller
}

// Unexplained tells that the totals of a table differ although no key does.
func (r Report) Unexplained() bool {
	return slices.ContainsFunc(r.Tables, func(t TableReport) bool { return t.Unexplained })
}

// Broken tells that the receiver has answered everything about a table and does not
// hold what it acknowledged.
func (r Report) Broken() bool { return slices.ContainsFunc(r.Tables, TableReport.broken) }

// TableReport is the comparison of one table.
type TableReport struct {
	Table string `json:"table"`

	Published    Holdings `json:"published"`    // the run
	Sent         Holdings `json:"sent"`         // acknowledged, and what open batches make of it
	Acknowledged Holdings `json:"acknowledged"` // what the receiver gave receipts for
	Processed    Holdings `json:"processed"`    // of this, what it gave its last word on
	Received     Holdings `json:"received"`     // what it says it holds
	ByFeedback   bool     `json:"by_feedback"`  // it does not say: Received is Processed
	HeldBack     int      `json:"held_back"`    // cannot be sent as they are; counted as the receiver has them

	Equal       bool          `json:"equal"`
	Differ      int           `json:"differ"`
	Causes      map[Cause]int `json:"causes,omitempty"`
	Unexplained bool          `json:"unexplained,omitempty"` // the totals differ although no key does
}

func (t TableReport) broken() bool {
	answered := same(t.Sent, t.Acknowledged) && same(t.Acknowledged, t.Processed)
	return answered && !t.ByFeedback && t.Received.At.IsZero() && !same(t.Acknowledged, t.Received)
}

// Break is one key that is not the same everywhere. A digest is empty where the
// key is missing.
type Break struct {
	Table        string    `json:"table"`
	Key          string    `json:"cd_id"`
	Cause        Cause     `json:"cause"`
	Title        string    `json:"title"` // of the cause, in Chinese
	Published    string    `json:"published"`
	Acknowledged string    `json:"acknowledged"`
	Received     string    `json:"received"`
	Since        time.Time `json:"since"`           // when it was found first
	Batch        string    `json:"batch,omitempty"` // cd_batch that carries or carried the news
	Code         string    `json:"code,omitempty"`  // the receiver's, of a refusal
	Message      string    `json:"message,omitempty"`
	Overdue      bool      `json:"overdue,omitempty"` // pending longer than the receiver may take
	Mend         string    `json:"mend"`              // what to do, in Chinese
	MendEnglish  string    `json:"mend_en"`
}
