// Package dossier keeps the public files of one draw, 抽查公开案卷: a directory
// from which anyone repeats the draw, with no warehouse. Each step adds files and
// names the digests of those before it, so that nothing can be changed later.
//
//	plan        plan.json roster.csv exclusions.csv quotas.csv
//	commit      commit.json, whose own digest is published before the seed exists
//	pledge      pledges.json, where witnesses bind themselves beforehand
//	reveal      seed.json drawn.csv
//	assign      assign.json inspectors.csv items.csv conflicts.csv assignments.csv shortages.csv
//	publish     说明.txt manifest.json
package dossier

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"rongxin/evaluators/draw"
	"rongxin/warehouse/store"
)

// The files of a dossier.
const (
	PlanFile       = "plan.json"
	RosterFile     = "roster.csv"
	ExclusionsFile = "exclusions.csv"
	QuotasFile     = "quotas.csv"
	CommitFile     = "commit.json"
	PledgesFile    = "pledges.json"
	SeedFile       = "seed.json"
	DrawnFile      = "drawn.csv"
	AssignFile     = "assign.json"
	InspectorsFile = "inspectors.csv"
	ItemsFile      = "items.csv"
	ConflictsFile  = "conflicts.csv"
	TeamsFile      = "assignments.csv"
	ShortagesFile  = "shortages.csv"
	ReadmeFile     = "说明.txt"
	ManifestFile   = "manifest.json"
)

// Errors on which callers decide.
var (
	ErrAltered = errors.New("not as it was fixed") // a file is not what the steps before or after it say
	ErrRefused = errors.New("refused")             // the step cannot be taken now, or not with this
)

// planned are the files that a commitment fixes, in the order of their digests.
var planned = []string{PlanFile, RosterFile, ExclusionsFile, QuotasFile}

// A File is what a later step fixes of an earlier one.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// folder is a dossier as it is read.
type folder struct{ fs.FS }

func (f folder) has(name string) bool {
	_, err := fs.Stat(f, name)
	return err == nil
}

// sum computes the digest of a file.
func (f folder) sum(name string) (File, error) {
	r, err := f.Open(name)
	if err != nil {
		return File{}, missing(name, err)
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(h, r)
	return File{name, hex.EncodeToString(h.Sum(nil)), n}, err
}

// unchanged holds files against their digests and names the first that differs.
func (f folder) unchanged(files []File, by string) error {
	for _, want := range files {
		got, err := f.sum(want.Name)
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s: %w by %s: %d bytes with SHA-256 %s, wants %d bytes with %s",
				want.Name, ErrAltered, by, got.Bytes, got.SHA256, want.Bytes, want.SHA256)
		}
	}
	return nil
}

// read decodes a step and returns the digest of its file. Anything but the very
// bytes that encode writes is refused.
func (f folder) read(name string, step any) (digest string, err error) {
	data, err := fs.ReadFile(f, name)
	if err != nil {
		return "", missing(name, err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(step); err != nil {
		return "", fmt.Errorf("%s: %w: %w", name, ErrAltered, err)
	}
	again, err := encode(step)
	if err != nil {
		return "", err
	}
	if !bytes.Equal(data, again) {
		return "", fmt.Errorf("%s: %w: spelled otherwise than it is written", name, ErrAltered)
	}
	return digestOf(data), nil
}

func missing(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w: the file is missing", name, ErrAltered)
	}
	return err
}

// names are the files of the dossier, those that a write left unfinished among
// them: nothing that lies there goes unseen.
func (f folder) names() ([]string, error) {
	entries, err := fs.ReadDir(f, ".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	slices.Sort(names)
	return names, nil
}

// rows reads a table of the dossier, anew each time it is ranged over.
func rows[T any](f folder, name string, table draw.Table[T]) func(yield func(T, error) bool) {
	return func(yield func(T, error) bool) {
		var none T
		r, err := f.Open(name)
		if err != nil {
			yield(none, missing(name, err))
			return
		}
		defer r.Close()
		for row, err := range table.Read(r) {
			if err != nil {
				err = fmt.Errorf("%s: %w: %w", name, ErrAltered, err)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// save writes a table of a step, whole or not at all.
func save[T any](path string, table draw.Table[T], rows func(yield func(T, error) bool)) (n int64, err error) {
	err = store.Write(path, 0o644, func(w io.Writer) error {
		n, err = table.Write(w, rows)
		return err
	})
	return n, err
}

func all[T any](rows func(yield func(T, error) bool)) ([]T, error) {
	var list []T
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, nil
}

func each[T any](list []T) func(yield func(T, error) bool) {
	return func(yield func(T, error) bool) {
		for _, row := range list {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
