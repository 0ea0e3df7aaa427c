package draw

import (
	"errors"
	"fmt"
	"iter"
)

// A Candidate is one enterprise that may be drawn.
type Candidate struct {
	SubjectID   string `json:"subject_id"`
	SubjectName string `json:"subject_name"`
	Stratum
}

// A Roster yields the candidates by subject_id, byte by byte, each once. It is
// read more than once and is never held whole.
type Roster = iter.Seq2[Candidate, error]

// Ordered passes on a roster and ends with an error at the first candidate that
// is not sound, stands twice or is out of order.
func Ordered(roster Roster) Roster {
	return func(yield func(Candidate, error) bool) {
		row, last := 0, ""
		for c, err := range roster {
			row++
			if err == nil {
				err = c.check()
			}
			switch {
			case err != nil:
				err = fmt.Errorf("candidate %d: %w", row, err)
			case c.SubjectID == last:
				err = fmt.Errorf("candidate %d: %s stands twice", row, c.SubjectID)
			case c.SubjectID < last:
				err = fmt.Errorf("candidate %d: %s stands after %s, out of order", row, c.SubjectID, last)
			}
			if !yield(c, err) || err != nil {
				return
			}
			last = c.SubjectID
		}
	}
}

// Count counts the candidates of each stratum and checks the roster.
func Count(roster Roster) (map[Stratum]int64, error) {
	counts := map[Stratum]int64{}
	for c, err := range Ordered(roster) {
		if err != nil {
			return nil, err
		}
		counts[c.Stratum]++
	}
	return counts, nil
}

func (c Candidate) check() error {
	if c.SubjectID == "" || !plain(c.SubjectID) {
		return fmt.Errorf("subject_id %q is empty, no UTF-8 or has control characters", c.SubjectID)
	}
	var name error
	if !plain(c.SubjectName) {
		name = fmt.Errorf("subject_name %q is no UTF-8 or has control characters", c.SubjectName)
	}
	if err := errors.Join(name, c.Stratum.check()); err != nil {
		return fmt.Errorf("%s: %w", c.SubjectID, err)
	}
	return nil
}
