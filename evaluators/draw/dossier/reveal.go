package dossier

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"rongxin/evaluators/draw"
)

// An Origin is what the source of the commitment gave: one public text, or the
// contributions of two or more witnesses.
type Origin struct {
	Public        string              `json:"public,omitempty"`
	Contributions []draw.Contribution `json:"contributions,omitempty"`
}

// Seed is the seed that the origin gives: the public text itself, or the
// contributions combined.
func (o Origin) Seed() (string, error) {
	switch {
	case o.Public != "" && len(o.Contributions) > 0:
		return "", fmt.Errorf("seed: comes from a public text or from witnesses, not from both")
	case len(o.Contributions) > 0:
		return draw.Combine(o.Contributions)
	}
	if err := draw.CheckSeed(o.Public); err != nil {
		return "", fmt.Errorf("seed: %w", err)
	}
	return o.Public, nil
}

// A Seed is seed.json.
type Seed struct {
	DrawID  string `json:"draw_id"`
	Commit  string `json:"commit"`            // digest of commit.json
	Pledges string `json:"pledges,omitempty"` // digest of pledges.json, where there is one
	Origin
	Text string `json:"seed"`
	Stamp
}

// Reveal takes the seed, records it, and draws. It refuses when a committed byte
// changed, when witnesses do not keep their pledges, and when a seed is there
// already; one that was cut off after seed.json is finished with the same seed.
func Reveal(dir string, origin Origin, stamp Stamp, record Recorder) (Seed, []draw.Drawn, error) {
	f := folder{os.DirFS(dir)}
	plan, c, digest, err := f.committed()
	if err != nil {
		return Seed{}, nil, err
	}
	s := Seed{DrawID: plan.DrawID, Commit: digest, Origin: origin, Stamp: stamp}
	if f.has(PledgesFile) {
		if s.Pledges, err = f.sumOf(PledgesFile); err != nil {
			return s, nil, err
		}
	}
	if s.Text, err = origin.Seed(); err != nil {
		return s, nil, fmt.Errorf("reveal: %w: %w", ErrRefused, err)
	}
	if err := s.checkPledges(f, digest); errors.Is(err, ErrAltered) {
		return s, nil, err
	} else if err != nil {
		return s, nil, fmt.Errorf("reveal: %w: %w", ErrRefused, err)
	}
	if err := inOrder(SeedFile, c.Stamp, stamp); err != nil {
		return s, nil, err
	}
	if f.has(SeedFile) {
		if err := s.resumes(f); err != nil {
			return s, nil, err
		}
	} else if _, err := plan.create(dir, SeedFile, s, record); err != nil {
		return s, nil, err
	}
	drawn, err := f.draw(plan, s)
	if err != nil {
		return s, nil, err
	}
	_, err = save(filepath.Join(dir, DrawnFile), draw.DrawnTable, each(drawn))
	return s, drawn, err
}

// resumes says that the reveal before was cut off before it had drawn, and had
// this very seed.
func (s Seed) resumes(f folder) error {
	var before Seed
	if _, err := f.read(SeedFile, &before); err != nil {
		return err
	}
	if f.has(DrawnFile) || before.Text != s.Text || before.Commit != s.Commit {
		return fmt.Errorf("reveal: %w: the seed was revealed at %s by %s and stays", ErrRefused, before.At, before.By)
	}
	return nil
}

func (s Seed) checkPledges(f folder, commit string) error {
	if s.Pledges == "" {
		return nil
	}
	var p Pledges
	if _, err := f.read(PledgesFile, &p); err != nil {
		return err
	}
	if p.DrawID != s.DrawID || p.Commit != commit {
		return fmt.Errorf("%s: %w: is of draw %s with the commitment %s", PledgesFile, ErrAltered, p.DrawID, p.Commit)
	}
	if err := p.check(); err != nil {
		return fmt.Errorf("%s: %w: %w", PledgesFile, ErrAltered, err)
	}
	if err := inOrder(SeedFile, p.Stamp, s.Stamp); err != nil {
		return err
	}
	return p.kept(s.Contributions)
}

func (f folder) sumOf(name string) (string, error) {
	file, err := f.sum(name)
	return file.SHA256, err
}

func (f folder) draw(plan Plan, s Seed) ([]draw.Drawn, error) {
	quotas, err := all(rows(f, QuotasFile, draw.QuotaTable))
	if err != nil {
		return nil, err
	}
	return draw.Draw(rows(f, RosterFile, draw.RosterTable), quotas, plan.Control, draw.Generator{Seed: s.Text, Commit: s.Commit})
}
