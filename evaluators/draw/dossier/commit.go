package dossier

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"rongxin/evaluators/draw"
)

// A Commitment is commit.json. The digest of its bytes is the commitment: it is
// published, and goes into every key of the draw.
type Commitment struct {
	DrawID    string `json:"draw_id"`
	Algorithm string `json:"algorithm"`
	RunID     string `json:"run_id"`
	Source    string `json:"seed_source"` // where the seed will come from: which lottery, which index of which day, which meeting
	Files     []File `json:"files"`
	Stamp
}

// Commit fixes the plan, and the source of the seed so that none can be chosen by
// its result, and returns the digest to be published. It checks the plan first
// and refuses when a seed exists or the plan is fixed already.
func Commit(dir, source string, stamp Stamp, record Recorder) (digest string, err error) {
	f := folder{os.DirFS(dir)}
	var plan Plan
	if _, err := f.read(PlanFile, &plan); err != nil {
		return "", err
	}
	if strings.TrimSpace(source) == "" {
		return "", fmt.Errorf("commit: %w: the source of the seed is empty: say where all will see it", ErrRefused)
	}
	for _, late := range []string{CommitFile, PledgesFile, SeedFile, DrawnFile} {
		if f.has(late) {
			return "", fmt.Errorf("commit: %w: %s is there already", ErrRefused, late)
		}
	}
	if err := plan.check(f); err != nil {
		return "", err
	}
	c := Commitment{DrawID: plan.DrawID, Algorithm: draw.Algorithm, RunID: plan.RunID, Source: source, Stamp: stamp}
	for _, name := range planned {
		file, err := f.sum(name)
		if err != nil {
			return "", err
		}
		c.Files = append(c.Files, file)
	}
	return plan.create(dir, CommitFile, c, record)
}

// committed reads the plan and its commitment and holds the files against it.
func (f folder) committed() (plan Plan, c Commitment, digest string, err error) {
	if digest, err = f.read(CommitFile, &c); err != nil {
		return plan, c, "", err
	}
	names := make([]string, len(c.Files))
	for i, file := range c.Files {
		names[i] = file.Name
	}
	if !slices.Equal(names, planned) {
		return plan, c, "", fmt.Errorf("%s: %w: fixes %q, wants %q", CommitFile, ErrAltered, names, planned)
	}
	if err := f.unchanged(c.Files, CommitFile); err != nil {
		return plan, c, "", err
	}
	if _, err := f.read(PlanFile, &plan); err != nil {
		return plan, c, "", err
	}
	if c.DrawID != plan.DrawID || c.Algorithm != plan.Algorithm || c.RunID != plan.RunID {
		return plan, c, "", fmt.Errorf("%s: %w: is of draw %s, %s, run %s", CommitFile, ErrAltered, c.DrawID, c.Algorithm, c.RunID)
	}
	if strings.TrimSpace(c.Source) == "" {
		return plan, c, "", fmt.Errorf("%s: %w: names no source of the seed", CommitFile, ErrAltered)
	}
	return plan, c, digest, inOrder(CommitFile, plan.Stamp, c.Stamp)
}

// Digest reads the commitment of a dossier, with its draw and run, after holding
// every committed file against it.
func Digest(dir string) (c Commitment, digest string, err error) {
	_, c, digest, err = folder{os.DirFS(dir)}.committed()
	return c, digest, err
}
