package courier

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rongxin/pipelines/transport/drop"
)

// Package is what is known of one of our packages.
type Package struct {
	Number   int    `json:"number"`
	File     string `json:"file,omitempty"` // where it lies, while it is to be carried
	Batches  int    `json:"batches"`
	SealedOn string `json:"sealed_on"`
	SHA256   string `json:"sha256"` // of its note
	Taken    bool   `json:"taken"`  // the receiver said so
}

// Packages lists the packages sealed so far, ascending by number.
func (c *Courier) Packages(ctx context.Context) (packages []Package, err error) {
	if err := c.ready(ctx); err != nil {
		return nil, drop.Sorted(err)
	}
	for _, dir := range []string{takenDir, sealedDir} {
		notes, err := c.notes(dir)
		if err != nil {
			return nil, err
		}
		for _, n := range notes {
			p := Package{Number: n.Number, Batches: len(n.Files) / 2, SealedOn: n.SealedOn, SHA256: n.digest, Taken: dir == takenDir}
			if !p.Taken {
				p.File = c.at(outDir, c.fileName(n.Number))
			}
			packages = append(packages, p)
		}
	}
	slices.SortFunc(packages, func(a, b Package) int { return a.Number - b.Number })
	return packages, nil
}

// SetAside lists the packages of answers that were not taken in, and why.
func (c *Courier) SetAside() (reasons map[string]string, err error) {
	files, err := filepath.Glob(c.at(inDir, asideDir, "*"+reasonEnd))
	if err != nil {
		return nil, err
	}
	reasons = map[string]string{}
	for _, file := range files {
		reason, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		first, _, _ := strings.Cut(string(reason), "\n")
		reasons[strings.TrimSuffix(file, reasonEnd)] = first
	}
	return reasons, nil
}
