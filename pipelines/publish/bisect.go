package publish

import (
	"context"
	"strconv"

	"rongxin/warehouse/ops"
)

// refuse takes in the refusal of a batch as a whole. Of a single record that
// makes a dead letter. Of more it does not say which, so the batch is halved and
// its halves take its place, until the records at fault are alone and the others
// have been taken.
func (s *sender) refuse(ctx context.Context, b ops.Batch, m Message, log ops.Attempt, refusal ops.Receipt, code, text string) error {
	if len(m.Rows) == 1 {
		o := outcome(m.Rows[0])
		o.Refused, o.Code, o.Message = true, code, text
		if err := s.cfg.Store.Bury(ctx, s.lease, log, refusal, o); err != nil {
			return err
		}
		s.note(func(sum *Summary) {
			sum.Batches.Failed++
			sum.reject(m.Table, []Rejection{{Key: o.Key, Code: code, Message: text}})
		})
		return nil
	}
	half := (len(m.Rows) + 1) / 2
	var parts []ops.Batch
	for i, rows := range [][]MessageRow{m.Rows[:half], m.Rows[half:]} {
		number, err := s.partNumber(ctx, m)
		if err != nil {
			return err
		}
		part, err := newBatch(m.Receiver, heading{Source: m.Source, Batch: number, Run: m.Run, Table: m.Table, Lane: m.Lane}, m.AsOf, rows)
		if err != nil {
			return err
		}
		part.Path = b.Path + strconv.Itoa(i)
		parts = append(parts, part)
	}
	if err := s.cfg.Store.Split(ctx, s.lease, log, refusal, parts); err != nil {
		return err
	}
	s.note(func(sum *Summary) {
		sum.Batches.Failed++
		sum.Batches.Split++
	})
	return nil
}

// partNumber gives a part its cd_batch, behind all of its day.
func (s *sender) partNumber(ctx context.Context, m Message) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	day := m.AsOf.Format("20060102")
	if _, known := s.serials[day]; !known {
		last, err := s.cfg.Store.Serial(ctx, m.Receiver, day)
		if err != nil {
			return "", err
		}
		s.serials[day] = last
	}
	s.serials[day]++
	return batchNumber(m.AsOf, s.serials[day])
}
