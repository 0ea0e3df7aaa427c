package publish

import (
	"context"
	"errors"
	"time"

	"rongxin/warehouse/ops"
)

// Transport carries batches to one receiver and brings back what it says. There
// are four: the platform's HTTP interface, tables of a front-end exchange
// database, files in an agreed folder, and a package carried on a disk. A
// transport does each thing once: repeating, spacing, splitting and remembering
// are the publisher's.
//
// A transport keeps nothing between calls that the next process would need.
type Transport interface {
	// Send hands over one batch. Handing over the same batch again, in this
	// process or a later one, has no further effect at the receiver.
	Send(ctx context.Context, batch Message) Answer

	// Collect returns what the receiver has said of batches handed over before
	// since a cursor that an earlier Collect returned; "" is the beginning. It
	// may repeat itself. more tells that the next call will have something.
	Collect(ctx context.Context, since string) (notices []Notice, next string, more bool, err error)

	// Holdings asks how many records of a table the receiver holds, and their
	// state digest. It returns [ErrCannotAsk] where the receiver has no such
	// answer, or has not given one yet; other errors wrap [ErrTemporary] or
	// [ErrSetup], those of Collect and Held too.
	Holdings(ctx context.Context, table string) (Holdings, error)

	// Held lists keys and content digests of what the receiver holds of a table,
	// ascending by key from after on, at most limit of them; or ErrCannotAsk.
	Held(ctx context.Context, table, after string, limit int) (records []HeldRecord, more bool, err error)

	// Close ends a round: what was handed over is made ready to leave, as the
	// courier's package is sealed, and connections are let go of. Whoever opened the
	// transport calls it once, also after an error. What an earlier round did not
	// come to close, this one does.
	Close(ctx context.Context) error
}

// ErrCannotAsk says that a receiver does not tell what it holds.
var ErrCannotAsk = errors.New("the receiver cannot be asked")

// Message is one batch, the same for every transport. All its rows belong to
// one table; their enterprises belong to one lane, and the batches of a lane are
// handed over one after another.
type Message struct {
	Receiver string // our name of it
	Key      string // idempotency key: 64 hex digits
	Number   string // cd_batch
	Source   string // cd_source
	Table    string // name of the mapping, such as penalty_actions
	Lane     int
	Run      string    // the published run
	AsOf     time.Time // the day it speaks for; only its date is used
	Epoch    int64     // fencing token: a later publisher's is greater
	Target   Holdings  // of the table when all that was planned with this batch is taken; At is zero
	Rows     []MessageRow
	Body     []byte // the batch as JSON, byte for byte as in the outbox; the package comment defines it
}

// MessageRow is one change for the receiver.
type MessageRow struct {
	Operation ops.Operation
	Key       string // cd_id
	Subject   string // the enterprise it is about; not part of the exchange
	Digest    string // of the content; empty for a removal
	Content   []byte // canonical JSON of one object; nil for a removal
}

// Answer is what became of one handing-over.
type Answer struct {
	Outcome    Outcome
	Status     int           // of HTTP, or 0
	Receipt    []byte        // the receiver's words, verbatim; empty when there is none yet
	ReceiptID  string        // the receiver's number of it
	Rejected   []Rejection   // records refused at once; only with Accepted and Processed
	Code, Text string        // of a refusal, the receiver's
	RetryAfter time.Duration // not before; 0 when the receiver did not say
	Err        error         // nil when handed over or answered
}

// Outcome is what became of one handing-over, as the attempt log words it.
type Outcome string

// The outcomes. After the first four asking again cannot change anything; after
// Misconfigured it can once the configuration has, after Fenced not in this call.
const (
	Handed        Outcome = "handed_over"   // left our hands; the receipt comes by Collect
	Accepted      Outcome = "accepted"      // a receipt is here; verdicts of its records come by Collect
	Processed     Outcome = "processed"     // a receipt is here, and it is the last word
	Refused       Outcome = "refused"       // the batch as a whole
	Misconfigured Outcome = "misconfigured" // address, key or right is wrong
	Fenced        Outcome = "fenced"        // the receiver has seen a later publisher than this
	Unavailable   Outcome = "unavailable"   // the receiver says: later
	TimedOut      Outcome = "timeout"       // no answer: it may have been taken
	Cut           Outcome = "connection"    // refused, reset or closed before a whole answer
	Garbled       Outcome = "garbage"       // an answer that is not one to this batch
	Interrupted   Outcome = "interrupted"   // the caller gave up
)

// Notice is what a receiver says of a batch after it was handed over.
type Notice struct {
	Number     string  // cd_batch
	Key        string  // idempotency key of the batch meant; "" where the receiver does not repeat it
	Outcome    Outcome // Accepted, Processed or Refused
	ReceiptID  string
	Receipt    []byte      // verbatim
	Rejected   []Rejection // records refused, also such as were accepted before
	Code, Text string      // of a refusal of the whole batch
}

// Holdings is how many records a receiver holds, and their state digest.
type Holdings struct {
	Count  int       `json:"count"`
	Digest string    `json:"state_digest"`
	At     time.Time `json:"at,omitzero"` // when it said so; zero for now
}

// HeldRecord is one record as the receiver holds it.
type HeldRecord struct {
	Key    string
	Digest string // of its content
}
