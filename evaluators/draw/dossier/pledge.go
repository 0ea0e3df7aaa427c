package dossier

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"rongxin/evaluators/draw"
)

// A Pledged is what one witness is bound to: draw.Pledge.
type Pledged struct {
	Name   string `json:"name"`
	Pledge string `json:"pledge"`
}

// Pledges is pledges.json. The seed is then made of the contributions of just
// these witnesses.
type Pledges struct {
	DrawID  string    `json:"draw_id"`
	Commit  string    `json:"commit"` // digest of commit.json
	Pledges []Pledged `json:"pledges"`
	Stamp
}

// Pledge records the pledges of all witnesses at once, before any contribution
// is known.
func Pledge(dir string, pledges []Pledged, stamp Stamp, record Recorder) error {
	f := folder{os.DirFS(dir)}
	plan, _, digest, err := f.committed()
	if err != nil {
		return err
	}
	for _, late := range []string{PledgesFile, SeedFile, DrawnFile} {
		if f.has(late) {
			return fmt.Errorf("pledge: %w: %s is there already", ErrRefused, late)
		}
	}
	p := Pledges{DrawID: plan.DrawID, Commit: digest, Pledges: slices.Clone(pledges), Stamp: stamp}
	slices.SortFunc(p.Pledges, func(a, b Pledged) int { return strings.Compare(a.Name, b.Name) })
	if err := p.check(); err != nil {
		return fmt.Errorf("pledge: %w: %w", ErrRefused, err)
	}
	_, err = plan.create(dir, PledgesFile, p, record)
	return err
}

func (p Pledges) check() error {
	var faults []error
	if len(p.Pledges) < 2 {
		faults = append(faults, fmt.Errorf("%d witness, wants two or more", len(p.Pledges)))
	}
	for i, w := range p.Pledges {
		if w.Name == "" || !hexDigest(w.Pledge) {
			faults = append(faults, fmt.Errorf("witness %q: %q is no SHA-256 of 64 lower-case hexadecimal digits", w.Name, w.Pledge))
		}
		if i > 0 && p.Pledges[i-1].Name >= w.Name {
			faults = append(faults, fmt.Errorf("witness %s pledges twice, or stands out of order", w.Name))
		}
	}
	return errors.Join(faults...)
}

// kept holds contributions against the pledges: every witness gives the text
// that was pledged, and nobody else gives one.
func (p Pledges) kept(contributions []draw.Contribution) error {
	texts := map[string]draw.Contribution{}
	for _, c := range contributions {
		texts[c.Name] = c
	}
	var faults []error
	for _, w := range p.Pledges {
		c, ok := texts[w.Name]
		if !ok {
			faults = append(faults, fmt.Errorf("witness %s pledged and contributes nothing", w.Name))
			continue
		}
		delete(texts, w.Name)
		if got, err := draw.Pledge(p.Commit, c); err != nil || got != w.Pledge {
			faults = append(faults, errors.Join(fmt.Errorf("witness %s: the contribution is not the one that was pledged", w.Name), err))
		}
	}
	for _, c := range contributions {
		if _, left := texts[c.Name]; left {
			faults = append(faults, fmt.Errorf("witness %s contributes without having pledged", c.Name))
			delete(texts, c.Name)
		}
	}
	return errors.Join(faults...)
}
