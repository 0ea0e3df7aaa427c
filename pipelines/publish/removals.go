package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rongxin/internal/credit"
	"rongxin/warehouse/ops"
)

// Stop is a record that counts no more: what was sent of it has to be removed.
type Stop struct {
	Key   string
	Since credit.Date // from the day on which it took effect, or we were told if that was later
}

// Stops yields the stops of one published run in ascending byte order of their
// keys, and may be called more than once.
type Stops func(ctx context.Context, yield func(Stop) error) error

// Removals tells how long a receiver went on holding what counts no more: from
// the beginning of the day of the stop to the receipt for its removal, in hours
// that fall on working days. Of each stop only what was once acknowledged counts.
// A day for which there is no calendar yet leaves all of it unknown.
type Removals struct {
	Promise string       `json:"promise"`
	Removed int          `json:"removed"`
	Waiting int          `json:"waiting"` // still acknowledged
	Late    int          `json:"late"`    // removed, or still waiting, after the promised day
	Oldest  *credit.Date `json:"oldest_waiting,omitempty"`
	Median  float64      `json:"median_hours"` // of the removed
	Longest float64      `json:"longest_hours"`
	Unknown string       `json:"unknown,omitempty"` // why it could not be measured
}

// A receiver has removed what counts no more by the end of the next working day.
const (
	removalPromise = "one working day"
	removalDays    = 1
)

// Removals measures the stops against the receipts of all tables of the receiver.
func (p *Publisher) Removals(ctx context.Context, stops Stops) (*Removals, error) {
	m := &removals{calendar: credit.WorkCalendar(), now: p.cfg.Now(), found: Removals{Promise: removalPromise}}
	for _, table := range p.cfg.Tables {
		held := p.heldRecords(table)
		err := stops(ctx, func(s Stop) error {
			for {
				known, ok, err := held.peek(ctx)
				if err != nil || !ok || known.Key > s.Key {
					return err
				}
				held.drop()
				if known.Key == s.Key {
					return m.measure(s, known)
				}
			}
		})
		if errors.Is(err, credit.ErrNoCalendar) {
			return &Removals{Promise: removalPromise, Unknown: err.Error()}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("removals from %s: table %s: %w", p.cfg.Receiver, table, err)
		}
	}
	return m.sum(), nil
}

type removals struct {
	calendar *credit.Calendar
	now      time.Time
	found    Removals
	took     []time.Duration
}

// measure takes in one stop of a record that was once acknowledged.
func (m *removals) measure(s Stop, known ops.Delivery) error {
	due, err := m.calendar.AddWorkingDays(s.Since, removalDays)
	if err != nil {
		return err
	}
	until := known.At
	switch {
	case known.Held():
		until = m.now
		if m.found.Waiting++; m.found.Oldest == nil || s.Since < *m.found.Oldest {
			m.found.Oldest = &s.Since
		}
	case known.Operation != ops.Delete || credit.DateOf(known.At) < s.Since:
		return nil // never acknowledged, or removed for another reason
	default:
		took, err := m.calendar.WorkingTime(s.Since.Begins(), known.At)
		if err != nil {
			return err
		}
		m.found.Removed++
		m.took = append(m.took, took)
	}
	if credit.DateOf(until) > due {
		m.found.Late++
	}
	return nil
}

func (m *removals) sum() *Removals {
	if len(m.took) > 0 {
		slices.Sort(m.took)
		m.found.Median, m.found.Longest = hours(m.took[len(m.took)/2]), hours(m.took[len(m.took)-1])
	}
	return &m.found
}

// hours are rounded to a tenth.
func hours(d time.Duration) float64 { return float64(d.Round(6*time.Minute)) / float64(time.Hour) }
