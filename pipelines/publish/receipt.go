package publish

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"rongxin/warehouse/ops"
)

// Problem is the error that an answer stands for, nil when the batch was handed
// over or answered.
func (a Answer) Problem() error {
	switch a.Outcome {
	case Handed, Accepted, Processed:
		return nil
	case Misconfigured:
		return fmt.Errorf("%w: %w", ErrSetup, a.Err)
	case Fenced:
		return fmt.Errorf("%w: %w", ops.ErrFenced, a.Err)
	case Refused, Interrupted:
		return a.Err
	}
	return fmt.Errorf("%w: %s: %w", ErrTemporary, a.Outcome, a.Err)
}

// checkRejected refuses an answer that names what was not asked: half-read, the
// delivered state would be a guess.
func checkRejected(rejected []Rejection, rows []MessageRow) error {
	if len(rejected) == 0 {
		return nil
	}
	sent := make(map[string]bool, len(rows))
	for _, row := range rows {
		sent[row.Key] = true
	}
	for i, r := range rejected {
		if !sent[r.Key] || r.Code == "" {
			return fmt.Errorf("rejected[%d]: want a code and the cd_id of one record of the batch", i)
		}
		sent[r.Key] = false
	}
	return nil
}

func receiptOf(a Answer, at time.Time) ops.Receipt {
	return ops.Receipt{ID: a.ReceiptID, Level: levelOf(a.Outcome), At: at, Content: a.Receipt}
}

func levelOf(o Outcome) ops.Status {
	if o == Accepted {
		return ops.Accepted
	}
	return ops.Processed
}

// accept stores a receipt with what it means for each record of the batch.
func (s *sender) accept(ctx context.Context, m Message, log ops.Attempt, receipt ops.Receipt, rejected []Rejection) error {
	if err := s.cfg.Store.Accept(ctx, s.lease, log, receipt, outcomes(m.Rows, rejected)); err != nil {
		return err
	}
	s.note(func(sum *Summary) {
		sum.Batches.Accepted++
		sum.Accepted += len(m.Rows) - len(rejected)
		sum.reject(m.Table, rejected)
	})
	return nil
}

// outcomes tells what a receipt means for each record of a batch.
func outcomes(rows []MessageRow, rejected []Rejection) []ops.Outcome {
	refused := make(map[string]Rejection, len(rejected))
	for _, r := range rejected {
		refused[r.Key] = r
	}
	outcomes := make([]ops.Outcome, len(rows))
	for i, row := range rows {
		r, is := refused[row.Key]
		outcomes[i] = outcome(row)
		outcomes[i].Refused, outcomes[i].Code, outcomes[i].Message = is, Plain(r.Code), Plain(r.Message)
	}
	return outcomes
}

func outcome(row MessageRow) ops.Outcome {
	return ops.Outcome{Key: row.Key, Subject: row.Subject, Operation: row.Operation, Digest: row.Digest}
}

// Plain makes a receiver's words fit for one line of a table or a terminal.
func Plain(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
	const limit = 200
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
