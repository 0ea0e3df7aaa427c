package rest

import (
	"encoding/json"
	"errors"
	"fmt"

	"rongxin/pipelines/publish"
)

// receipt is the receiver's answer to a batch. It may hold more members; the
// outbox keeps it as it came.
type receipt struct {
	ID       string              `json:"receipt_id"`
	Batch    string              `json:"batch"`
	Level    string              `json:"level"`
	Accepted *int                `json:"accepted"`
	Rejected []publish.Rejection `json:"rejected"`
}

// levels are the words of receipts and notices.
var levels = map[string]publish.Outcome{
	"": publish.Processed, "processed": publish.Processed, "accepted": publish.Accepted, "refused": publish.Refused,
}

// readReceipt accepts only a receipt that accounts for every record of the
// batch. Anything else is no receipt: half-read, the delivered state would be
// a guess.
func readReceipt(a publish.Answer, body []byte, m publish.Message) publish.Answer {
	var r receipt
	err := json.Unmarshal(body, &r)
	if err == nil {
		err = r.check(m)
	}
	if err != nil {
		a.Outcome, a.Err = publish.Garbled, fmt.Errorf("receipt: %w", err)
		return a
	}
	a.Outcome, a.Receipt, a.ReceiptID, a.Rejected = levels[r.Level], body, r.ID, r.Rejected
	return a
}

func (r receipt) check(m publish.Message) error {
	switch outcome := levels[r.Level]; {
	case r.ID == "":
		return errors.New("no receipt_id")
	case r.Batch != m.Number:
		return fmt.Errorf("for batch %q, not %s", publish.Plain(r.Batch), m.Number)
	case outcome != publish.Accepted && outcome != publish.Processed:
		return fmt.Errorf("level %q: want accepted or processed", publish.Plain(r.Level))
	case r.Accepted == nil || *r.Accepted+len(r.Rejected) != len(m.Rows):
		return fmt.Errorf("accepted and %d rejected do not add up to %d records", len(r.Rejected), len(m.Rows))
	}
	return nil
}
