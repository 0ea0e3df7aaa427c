package draw

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Candidate is one enterprise that may be drawn.
type Candidate struct {
	SubjectID    string `json:"subject_id"`
	SubjectName  string `json:"subject_name"`
	DivisionCode string `json:"division_code"` // six digits
	Class        int    `json:"class"`         // supervision class, 1 low … 4 strict
	RatioBP      int64  `json:"ratio_bp"`      // share to check, basis points 0 … 10000, one value a stratum
	MaxChecks    int64  `json:"max_checks"`    // most checks in a year; carried and committed, not used by the draw
}

// A Stratum is the candidates of one class in one division.
type Stratum struct {
	Class        int    `json:"class"`
	DivisionCode string `json:"division_code"`
	Candidates   int64  `json:"candidates"`
	RatioBP      int64  `json:"ratio_bp"`
	Quota        int64  `json:"quota"` // how many are drawn
}

// A Roster is all that is fixed before the seed is known. Plan makes it; one
// that was read from a file is checked by Draw and Verify.
type Roster struct {
	Algorithm  string      `json:"algorithm"`
	Candidates []Candidate `json:"candidates"` // by class, division and subject_id, byte by byte
	Strata     []Stratum   `json:"strata"`     // in the same order
}

const whole = 10000 // basis points

// Plan orders the candidates and computes how many of each stratum are drawn:
// ⌈n × ratio⌉, so at least one where the ratio is above 0. A subject that
// stands twice, a value out of its range and a stratum of two ratios are
// errors, all reported at once.
func Plan(candidates []Candidate) (Roster, error) {
	r := Roster{Algorithm: Algorithm, Candidates: append([]Candidate{}, candidates...), Strata: []Stratum{}}
	slices.SortFunc(r.Candidates, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), strings.Compare(a.DivisionCode, b.DivisionCode),
			strings.Compare(a.SubjectID, b.SubjectID))
	})
	var faults []error
	seen := make(map[string]bool, len(candidates))
	for _, c := range r.Candidates {
		if err := c.check(); err != nil {
			faults = append(faults, fmt.Errorf("candidate %q: %w", c.SubjectID, err))
		}
		if seen[c.SubjectID] {
			faults = append(faults, fmt.Errorf("candidate %q stands twice", c.SubjectID))
		}
		seen[c.SubjectID] = true

		last := len(r.Strata) - 1
		if last < 0 || r.Strata[last].Class != c.Class || r.Strata[last].DivisionCode != c.DivisionCode {
			r.Strata = append(r.Strata, Stratum{Class: c.Class, DivisionCode: c.DivisionCode, RatioBP: c.RatioBP})
			last++
		}
		s := &r.Strata[last]
		if c.RatioBP != s.RatioBP {
			faults = append(faults, fmt.Errorf("candidate %q: ratio %d, others of class %d in %s have %d",
				c.SubjectID, c.RatioBP, s.Class, s.DivisionCode, s.RatioBP))
		}
		s.Candidates++
		s.Quota = (s.Candidates*s.RatioBP + whole - 1) / whole
	}
	if err := errors.Join(faults...); err != nil {
		return Roster{}, fmt.Errorf("roster: %w", err)
	}
	return r, nil
}

func (c Candidate) check() error {
	switch {
	case c.SubjectID == "":
		return errors.New("subject_id is empty")
	case c.DivisionCode == "":
		return errors.New("division_code is empty")
	case c.RatioBP < 0 || c.RatioBP > whole:
		return fmt.Errorf("ratio_bp %d is not between 0 and %d", c.RatioBP, whole)
	case c.MaxChecks < 0:
		return fmt.Errorf("max_checks %d is below 0", c.MaxChecks)
	case c.Class < 0:
		return fmt.Errorf("class %d is below 0", c.Class)
	}
	for _, s := range []string{c.SubjectID, c.SubjectName, c.DivisionCode} {
		if !plain(s) {
			return fmt.Errorf("%q is not UTF-8 without control characters", s)
		}
	}
	return nil
}

// plain says that a text can stand between separators.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// WriteText writes the canonical text of the roster, the bytes that Digest
// hashes and the file to publish.
func (r Roster) WriteText(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "%s\n", r.Algorithm); err != nil {
		return err
	}
	for _, c := range r.Candidates {
		if _, err := fmt.Fprintf(w, "candidate\x1f%d\x1f%s\x1f%s\x1f%s\x1f%d\x1f%d\n",
			c.Class, c.DivisionCode, c.SubjectID, c.SubjectName, c.RatioBP, c.MaxChecks); err != nil {
			return err
		}
	}
	for _, s := range r.Strata {
		if _, err := fmt.Fprintf(w, "stratum\x1f%d\x1f%s\x1f%d\x1f%d\x1f%d\n",
			s.Class, s.DivisionCode, s.Candidates, s.RatioBP, s.Quota); err != nil {
			return err
		}
	}
	return nil
}

// Digest is the SHA-256 of the canonical text, 64 lower-case hexadecimal
// digits: what is published before the seed exists.
func (r Roster) Digest() string {
	h := sha256.New()
	_ = r.WriteText(h) // a hash takes every byte
	return hex.EncodeToString(h.Sum(nil))
}

// check refuses a roster that Plan would not have made of its candidates.
func (r Roster) check() error {
	planned, err := Plan(r.Candidates)
	if err != nil {
		return err
	}
	if r.Algorithm != Algorithm {
		return fmt.Errorf("roster: algorithm %q, this is %s", r.Algorithm, Algorithm)
	}
	for i, c := range planned.Candidates {
		if r.Candidates[i] != c {
			return fmt.Errorf("roster: candidate %d is %q, in order it is %q", i+1, r.Candidates[i].SubjectID, c.SubjectID)
		}
	}
	for i, s := range planned.Strata {
		if i >= len(r.Strata) || r.Strata[i] != s {
			return fmt.Errorf("roster: stratum %d must be class %d in %s with %d candidates, ratio %d, quota %d",
				i+1, s.Class, s.DivisionCode, s.Candidates, s.RatioBP, s.Quota)
		}
	}
	if len(r.Strata) > len(planned.Strata) {
		return fmt.Errorf("roster: stratum %d has no candidates", len(planned.Strata)+1)
	}
	return nil
}
