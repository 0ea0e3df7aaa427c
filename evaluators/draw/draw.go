package draw

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Algorithm names how a draw is made. It changes whenever a byte of the roster
// text, a quota or the order would.
const Algorithm = "rongxin-draw-1"

// minSeed is the least length of a seed in bytes: sixteen digits of a lottery or
// an index, or sixteen throws of a die.
const minSeed = 16

// A Result is what a draw gave, with all that is needed to repeat it from the
// published roster.
type Result struct {
	Algorithm    string  `json:"algorithm"`
	RosterDigest string  `json:"roster_digest"`
	Seed         string  `json:"seed"`
	Drawn        []Drawn `json:"drawn"` // by class, division and place
}

// Drawn is one enterprise to check.
type Drawn struct {
	Class        int    `json:"class"`
	DivisionCode string `json:"division_code"`
	Place        int    `json:"place"` // within its stratum, from 1
	SubjectID    string `json:"subject_id"`
	SubjectName  string `json:"subject_name"`
	Key          string `json:"key"` // the hash that gave it its place
}

// Draw takes the quota of each stratum. The same roster and seed always give
// the same result. The seed comes from outside and after the roster's digest
// was published; one that is too short to be that is refused.
func Draw(roster Roster, seed string) (Result, error) {
	if err := checkSeed(seed); err != nil {
		return Result{}, err
	}
	if err := roster.check(); err != nil {
		return Result{}, err
	}
	result := Result{Algorithm: Algorithm, RosterDigest: roster.Digest(), Seed: seed, Drawn: []Drawn{}}
	rest := roster.Candidates
	for _, s := range roster.Strata {
		result.Drawn = append(result.Drawn, s.draw(rest[:s.Candidates], seed, result.RosterDigest)...)
		rest = rest[s.Candidates:]
	}
	return result, nil
}

// draw orders the stratum by key and takes its quota from the front.
func (s Stratum) draw(candidates []Candidate, seed, rosterDigest string) []Drawn {
	rows := make([]Drawn, len(candidates))
	for i, c := range candidates {
		rows[i] = Drawn{Class: c.Class, DivisionCode: c.DivisionCode, SubjectID: c.SubjectID,
			SubjectName: c.SubjectName, Key: key(seed, rosterDigest, c.SubjectID)}
	}
	slices.SortFunc(rows, func(a, b Drawn) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.SubjectID, b.SubjectID))
	})
	rows = rows[:s.Quota]
	for i := range rows {
		rows[i].Place = i + 1
	}
	return rows
}

// key is SHA-256(seed ‖ 0x1f ‖ roster digest ‖ 0x1f ‖ subject_id) in
// lower-case hexadecimal.
func key(seed, rosterDigest, subjectID string) string {
	sum := sha256.Sum256([]byte(seed + "\x1f" + rosterDigest + "\x1f" + subjectID))
	return hex.EncodeToString(sum[:])
}

func checkSeed(seed string) error {
	switch {
	case len(seed) < minSeed:
		return fmt.Errorf("seed: %d bytes, wants %d or more from outside: dice, a published lottery or index number", len(seed), minSeed)
	case !plain(seed):
		return fmt.Errorf("seed: %q is not UTF-8 without control characters", seed)
	case strings.TrimSpace(seed) != seed:
		return fmt.Errorf("seed: %q has space at an end, which nobody sees", seed)
	}
	return nil
}
