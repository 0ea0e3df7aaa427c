package publish

import (
	"encoding/json"
	"errors"
	"fmt"

	"rongxin/warehouse/ops"
)

// receipt is the receiver's answer to a batch. It may hold more members; the
// store keeps it as it came.
type receipt struct {
	ID       string      `json:"receipt_id"`
	Batch    string      `json:"batch"`
	Accepted *int        `json:"accepted"`
	Rejected []Rejection `json:"rejected"`
}

// readReceipt accepts only a receipt that accounts for every record of the
// batch. Anything else is no receipt: half-read, the delivered state would be
// a guess.
func readReceipt(body []byte, b ops.Batch, rows []row) (receipt, error) {
	var r receipt
	if err := json.Unmarshal(body, &r); err != nil {
		return receipt{}, fmt.Errorf("receipt: %w", err)
	}
	switch {
	case r.ID == "":
		return receipt{}, errors.New("receipt: no receipt_id")
	case r.Batch != b.Number:
		return receipt{}, fmt.Errorf("receipt: for batch %q, not %s", plain(r.Batch), b.Number)
	case r.Accepted == nil || *r.Accepted+len(r.Rejected) != len(rows):
		return receipt{}, fmt.Errorf("receipt: accepted and %d rejected do not add up to %d records", len(r.Rejected), len(rows))
	}
	sent := make(map[string]bool, len(rows))
	for _, row := range rows {
		sent[row.key] = true
	}
	for i, rejection := range r.Rejected {
		if !sent[rejection.Key] || rejection.Code == "" {
			return receipt{}, fmt.Errorf("receipt: rejected[%d]: want a code and the cd_id of one record of the batch", i)
		}
		sent[rejection.Key] = false
	}
	return r, nil
}

// outcomes tells what the receipt means for each record of the batch.
func (r receipt) outcomes(rows []row) []ops.Outcome {
	rejected := make(map[string]Rejection, len(r.Rejected))
	for _, rejection := range r.Rejected {
		rejected[rejection.Key] = rejection
	}
	outcomes := make([]ops.Outcome, len(rows))
	for i, row := range rows {
		rejection, is := rejected[row.key]
		outcomes[i] = ops.Outcome{
			Key: row.key, Operation: row.operation, Digest: row.digest,
			Refused: is, Code: plain(rejection.Code), Message: plain(rejection.Message),
		}
	}
	return outcomes
}

func (r receipt) count(sum *Summary) {
	sum.Batches.Accepted++
	sum.Accepted += *r.Accepted
	for _, rejection := range r.Rejected {
		sum.reject(Rejection{rejection.Key, plain(rejection.Code), plain(rejection.Message)})
	}
}
