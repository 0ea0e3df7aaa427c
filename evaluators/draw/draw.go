package draw

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Algorithm names how a draw is made. It changes whenever a quota, a key or the
// order would.
const Algorithm = "rongxin-draw-2"

// The parts of a draw, which are also the purposes of their keys.
const (
	ControlPart = "control" // from all candidates alike
	StratumPart = "stratum" // from those of a stratum that are not in control
)

// Drawn is one enterprise to check.
type Drawn struct {
	Part  string
	Place int // within control or its stratum, from 1
	Candidate
	Key string // the hash that gave it its place, 64 hexadecimal digits
}

// Draw takes control from all candidates and then the quota of each stratum
// from those that are left, or all of them where they are fewer. It reads the
// roster twice and holds no more than twice what is drawn. The rows stand by
// place: control first, then strata in the order of quotas.
func Draw(roster Roster, quotas []Quota, control int64, g Generator) ([]Drawn, error) {
	if err := CheckSeed(g.Seed); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	alike := lot{limit: control}
	for c, err := range Ordered(roster) {
		if err != nil {
			return nil, err
		}
		alike.add(g.Key(ControlPart, c.SubjectID), c)
	}
	rows := alike.drawn(ControlPart)
	taken := make(map[string]bool, len(rows))
	for _, d := range rows {
		taken[d.SubjectID] = true
	}
	strata := make(map[Stratum]*lot, len(quotas))
	for _, q := range quotas {
		strata[q.Stratum] = &lot{limit: q.Count}
	}
	for c, err := range roster {
		if err != nil {
			return nil, err
		}
		s := strata[c.Stratum]
		if s == nil {
			return nil, fmt.Errorf("candidate %s: no quota for %v", c.SubjectID, c.Stratum)
		}
		if s.limit > 0 && !taken[c.SubjectID] {
			s.add(g.Key(StratumPart, c.SubjectID), c)
		}
	}
	for _, q := range quotas {
		rows = append(rows, strata[q.Stratum].drawn(StratumPart)...)
	}
	return rows, nil
}

// A lot keeps the candidates of the least keys, as many as its limit. It holds
// up to twice as many before it drops the rest.
type lot struct {
	limit int64
	kept  []keyed
	full  bool // kept[limit-1] was the greatest key that can still be drawn
}

type keyed struct {
	key [sha256.Size]byte
	Candidate
}

func (k keyed) compare(l keyed) int {
	return cmp.Or(bytes.Compare(k.key[:], l.key[:]), strings.Compare(k.SubjectID, l.SubjectID))
}

func (l *lot) add(key [sha256.Size]byte, c Candidate) {
	if l.limit == 0 || l.full && bytes.Compare(key[:], l.kept[l.limit-1].key[:]) > 0 {
		return
	}
	l.kept = append(l.kept, keyed{key, c})
	if int64(len(l.kept)) >= 2*l.limit {
		l.cut()
	}
}

func (l *lot) cut() {
	slices.SortFunc(l.kept, keyed.compare)
	if int64(len(l.kept)) >= l.limit {
		l.kept, l.full = l.kept[:l.limit], true
	}
}

func (l *lot) drawn(part string) []Drawn {
	l.cut()
	rows := make([]Drawn, len(l.kept))
	for i, k := range l.kept {
		rows[i] = Drawn{part, i + 1, k.Candidate, hex.EncodeToString(k.key[:])}
	}
	return rows
}
