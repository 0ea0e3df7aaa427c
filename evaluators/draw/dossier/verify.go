package dossier

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"rongxin/evaluators/draw"
)

// A Step is a file that closes a step of the draw, with its digest.
type Step struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// A Report is what a verified dossier is.
type Report struct {
	DrawID string `json:"draw_id"`
	Plan   Plan   `json:"plan"`
	Steps  []Step `json:"steps"`            // taken so far, in order
	Commit string `json:"commit,omitempty"` // to compare with what was published before the seed
	Drawn  int    `json:"drawn"`
	Seed   string `json:"seed,omitempty"`

	Assignment *Assignment `json:"assignment,omitempty"`

	commitment Commitment
	seed       Seed
}

// steps are the files that close a step, in order, each with all its files.
var steps = []struct {
	file     string
	with     []string
	optional bool
}{
	{PlanFile, []string{RosterFile, ExclusionsFile, QuotasFile}, false},
	{CommitFile, nil, false},
	{PledgesFile, nil, true},
	{SeedFile, []string{DrawnFile}, false},
	{AssignFile, assigned, true},
	{ManifestFile, []string{ReadmeFile}, false},
}

// Verify computes everything in a dossier again, as far as its steps were taken.
// It needs the files alone. The error names the first file, and where it can the
// first row, that was altered, added, dropped or moved; nil says that every row
// and every file is as the commitment and the seed make it. Whether these two are
// the ones that were published is for the reader to compare.
func Verify(files fs.FS) (Report, error) {
	f := folder{files}
	r := Report{}
	if err := f.complete(&r); err != nil {
		return r, err
	}
	for _, step := range r.Steps {
		var err error
		switch step.File {
		case PlanFile:
			err = f.verifyPlan(&r)
		case CommitFile:
			_, r.commitment, r.Commit, err = f.committed()
		case SeedFile:
			err = f.verifySeed(&r)
		case AssignFile:
			err = f.verifyAssign(&r)
		case ManifestFile:
			err = f.verifyManifest(r)
		}
		if err != nil {
			return r, err
		}
	}
	if r.Commit != "" && r.seed.Commit == "" && f.has(PledgesFile) {
		// No seed yet, which would check the pledges with its own.
		var p Pledges
		if _, err := f.read(PledgesFile, &p); err != nil {
			return r, err
		}
		if err := p.check(); err != nil || p.Commit != r.Commit || p.DrawID != r.DrawID {
			return r, fmt.Errorf("%s: %w: not pledges of this commitment: %v", PledgesFile, ErrAltered, err)
		}
	}
	return r, nil
}

// complete finds the steps that were taken and the files that do not belong.
func (f folder) complete(r *Report) error {
	names, err := f.names()
	if err != nil {
		return err
	}
	ended := ""
	for _, step := range steps {
		if !slices.Contains(names, step.file) {
			if !step.optional && ended == "" {
				ended = step.file
			}
			continue
		}
		if ended != "" {
			return fmt.Errorf("%s: %w: the file is missing, %s is there", ended, ErrAltered, step.file)
		}
		digest, err := f.sumOf(step.file)
		if err != nil {
			return err
		}
		r.Steps = append(r.Steps, Step{step.file, digest})
		names = without(names, step.file)
		for _, name := range step.with {
			if !slices.Contains(names, name) {
				return fmt.Errorf("%s: %w: the file is missing, %s is there", name, ErrAltered, step.file)
			}
			names = without(names, name)
		}
	}
	if ended == PlanFile {
		return fmt.Errorf("%s: %w: the file is missing", PlanFile, ErrAltered)
	}
	if len(names) > 0 {
		return fmt.Errorf("%s: %w: the file was added", names[0], ErrAltered)
	}
	return nil
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(names, func(n string) bool { return n == name })
}

func (f folder) verifyPlan(r *Report) error {
	if f.has(CommitFile) { // names a changed file before what follows from the change
		if _, _, _, err := f.committed(); err != nil {
			return err
		}
	}
	if _, err := f.read(PlanFile, &r.Plan); err != nil {
		return err
	}
	r.DrawID = r.Plan.DrawID
	return r.Plan.check(f)
}

func (f folder) verifySeed(r *Report) error {
	s := &r.seed
	if _, err := f.read(SeedFile, s); err != nil {
		return err
	}
	r.Seed = s.Text
	pledges := ""
	if f.has(PledgesFile) {
		var err error
		if pledges, err = f.sumOf(PledgesFile); err != nil {
			return err
		}
	}
	for _, part := range []struct{ what, got, want string }{
		{"draw_id", s.DrawID, r.DrawID}, {"commit", s.Commit, r.Commit}, {"pledges", s.Pledges, pledges},
	} {
		if part.got != part.want {
			return fmt.Errorf("%s: %w: %s is %q, wants %q", SeedFile, ErrAltered, part.what, part.got, part.want)
		}
	}
	if seed, err := s.Origin.Seed(); err != nil || seed != s.Text {
		return fmt.Errorf("%s: %w: the origin gives the seed %q, not %q (%v)", SeedFile, ErrAltered, seed, s.Text, err)
	}
	if err := s.checkPledges(f, r.Commit); err != nil {
		return altered(SeedFile, err)
	}
	if err := inOrder(SeedFile, r.commitment.Stamp, s.Stamp); err != nil {
		return err
	}
	want, err := f.draw(r.Plan, *s)
	if err != nil {
		return err
	}
	got, err := all(rows(f, DrawnFile, draw.DrawnTable))
	if err != nil {
		return err
	}
	r.Drawn = len(got)
	if err := draw.Compare(got, want); err != nil {
		return fmt.Errorf("%s: %w: %w", DrawnFile, ErrAltered, err)
	}
	h := sha256.New()
	if _, err := draw.DrawnTable.Write(h, each(want)); err != nil {
		return err
	}
	if digest, err := f.sumOf(DrawnFile); err != nil || digest != hex.EncodeToString(h.Sum(nil)) {
		return errors.Join(fmt.Errorf("%s: %w: every row is right, but spelled otherwise than it is written", DrawnFile, ErrAltered), err)
	}
	return nil
}

func (f folder) verifyManifest(r Report) error {
	var m Manifest
	if _, err := f.read(ManifestFile, &m); err != nil {
		return err
	}
	if m.DrawID != r.DrawID || m.Commit != r.Commit {
		return fmt.Errorf("%s: %w: is of draw %s with the commitment %s", ManifestFile, ErrAltered, m.DrawID, m.Commit)
	}
	if err := inOrder(ManifestFile, r.seed.Stamp, m.Stamp); err != nil {
		return err
	}
	names, err := f.names()
	if err != nil {
		return err
	}
	listed := []string{ManifestFile}
	for _, file := range m.Files {
		listed = append(listed, file.Name)
	}
	slices.Sort(listed)
	if !slices.Equal(names, listed) {
		return fmt.Errorf("%s: %w: lists %q, the files are %q", ManifestFile, ErrAltered, listed, names)
	}
	return f.unchanged(m.Files, ManifestFile)
}
