// Package backup copies a home to another place and back, each file held against
// its digest. A backup is a directory of its own:
//
//	<name>/home/…         the files as they stood
//	<name>/backup.json    each file with size, mode, time and digest; sealed, written last
//
// Landed batches and runs never change, so a file of the same path, size and time
// as in the backup before gets a second name there and is not read again. Keys are
// no part of a home and so of no backup.
package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rongxin/warehouse/store"
)

// ErrPlace is wrapped by errors that another place mends.
var ErrPlace = errors.New("the place does not do")

// Format is the version of the layout.
const Format = 1

const (
	manifestName = "backup.json"
	homeName     = "home"
)

// A Manifest tells what a backup holds.
type Manifest struct {
	Format  int       `json:"format"`
	Name    string    `json:"name"`
	Home    string    `json:"home"` // where it was taken
	At      time.Time `json:"at"`
	Current string    `json:"current"`         // the published run, empty: none
	OpsOn   string    `json:"ops_on_server"`   // the operations store that is not in it, empty: it is
	Files   []File    `json:"files"`           // by path
	Shared  int       `json:"files_of_before"` // of these, taken over from the backup before
}

// File is one file of the home.
type File struct {
	Path string      `json:"path"` // below the home, with /
	Mode fs.FileMode `json:"mode"`
	At   time.Time   `json:"at"` // of its last change
	store.Digest
}

// Bytes is the size of all files.
func (m Manifest) Bytes() (n int64) {
	for _, f := range m.Files {
		n += f.Bytes
	}
	return n
}

// Source is what a backup is taken of.
type Source struct {
	Home    string
	Current string // the published run; prepare may settle it
	OpsOn   string // see Manifest
	// CopyOps writes a copy of the operations store; nil when it is on a server.
	CopyOps func(ctx context.Context, path string) error
	At      time.Time
	// Progress is told of each file.
	Progress func(done, total int64)
}

// opsName is the file of the operations store below the home. It changes all the
// time, so it is copied by its own means and never as a file.
const opsName = "ops.db"

// left out: what is made again, locks, and what nobody has finished.
func leftOut(path string, e fs.DirEntry) bool {
	name := e.Name()
	switch {
	case store.IsTemporary(name), strings.HasSuffix(name, ".lock"):
		return true
	case strings.HasPrefix(path, opsName): // and its log
		return true
	}
	return slices.Contains([]string{"spill", "plans", "metrics"}, path)
}

// Take makes a backup below dir and returns it. It is there whole or not at all.
// prepare is called first and released once it is settled which files belong to
// it: while it holds, no run is published.
func Take(ctx context.Context, s *Source, dir string, prepare func() (release func() error, err error)) (m Manifest, err error) {
	if inside(s.Home, dir) {
		return m, fmt.Errorf("backup to %s: %w: it would lie in the home that it is taken of", dir, ErrPlace)
	}
	before, err := newest(dir)
	if err != nil {
		return m, err
	}
	m = Manifest{Format: Format, Name: s.At.UTC().Format("20060102T150405Z"), Home: s.Home, At: s.At, OpsOn: s.OpsOn}
	if err := store.MakeDirs(dir); err != nil {
		return m, err
	}
	stage, err := store.Stage(filepath.Join(dir, m.Name))
	if err != nil {
		return m, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, stage.Discard())
		}
	}()
	release, err := prepare()
	if err != nil {
		return m, err
	}
	files, err := m.settle(ctx, s, stage)
	if err = errors.Join(err, release()); err != nil {
		return m, err
	}
	if err := m.copy(ctx, s, files, stage, before, dir); err != nil {
		return m, err
	}
	data, err := store.Seal(m)
	if err != nil {
		return m, err
	}
	if err := os.WriteFile(stage.Path(manifestName), data, 0o600); err != nil {
		return m, err
	}
	return m, stage.Commit()
}

func inside(home, dir string) bool {
	home, err1 := filepath.Abs(home)
	dir, err2 := filepath.Abs(dir)
	rel, err3 := filepath.Rel(home, dir)
	return errors.Join(err1, err2, err3) == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// settle copies what changes and lists what does not.
func (m *Manifest) settle(ctx context.Context, s *Source, stage *store.Dir) (files []string, err error) {
	m.Current = s.Current
	if err := os.MkdirAll(stage.Path(homeName), 0o700); err != nil {
		return nil, err
	}
	if s.CopyOps != nil {
		to := filepath.Join(stage.Path(homeName), opsName)
		if err := s.CopyOps(ctx, to); err != nil {
			return nil, err
		}
		sum, err := store.Sum(to)
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, File{opsName, 0o600, s.At, sum})
	}
	return files, filepath.WalkDir(s.Home, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(s.Home, path)
		switch {
		case err != nil || rel == ".":
			return err
		case leftOut(rel, e) && e.IsDir():
			return fs.SkipDir
		case leftOut(rel, e) || e.IsDir():
			return nil
		case !e.Type().IsRegular():
			return fmt.Errorf("%s is neither a file nor a folder: a home has no such thing", path)
		}
		files = append(files, rel)
		return nil
	})
}

// copy copies the files, or takes those of the backup before.
func (m *Manifest) copy(ctx context.Context, s *Source, files []string, stage *store.Dir, before *Manifest, dir string) error {
	known := map[string]File{}
	if before != nil {
		for _, f := range before.Files {
			known[f.Path] = f
		}
	}
	for i, rel := range files {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		info, err := os.Stat(filepath.Join(s.Home, rel))
		if err != nil {
			return err
		}
		f := File{Path: filepath.ToSlash(rel), Mode: info.Mode().Perm(), At: info.ModTime().UTC()}
		to := filepath.Join(stage.Path(homeName), rel)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		old, ok := known[f.Path]
		if ok && old.Bytes == info.Size() && old.At.Equal(f.At) && os.Link(filepath.Join(dir, before.Name, homeName, rel), to) == nil {
			f.Digest = old.Digest
			m.Shared++
		} else if f.Digest, err = copyFile(filepath.Join(s.Home, rel), to, f.Mode); err != nil {
			return err
		}
		m.Files = append(m.Files, f)
		if s.Progress != nil {
			s.Progress(int64(i+1), int64(len(files)))
		}
	}
	slices.SortFunc(m.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// copyFile copies and returns the digest of what was read.
func copyFile(from, to string, mode fs.FileMode) (d store.Digest, err error) {
	in, err := os.Open(from)
	if err != nil {
		return d, err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return d, err
	}
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, hash), in)
	return store.Digest{SHA256: hex.EncodeToString(hash.Sum(nil)), Bytes: n}, errors.Join(err, out.Sync(), out.Close())
}

// newest is the last backup below dir, nil when there is none.
func newest(dir string) (*Manifest, error) {
	list, err := List(dir)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[len(list)-1], nil
}

// List returns the backups below dir, the oldest first.
func List(dir string) (list []Manifest, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if !e.IsDir() || store.IsTemporary(e.Name()) {
			continue
		}
		m, err := Open(filepath.Join(dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // not a backup
		}
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, err
}

// Open reads what a backup says of itself; its files are not looked at.
func Open(path string) (m Manifest, err error) {
	if err = store.ReadSealed(filepath.Join(path, manifestName), &m); err == nil && m.Format != Format {
		err = fmt.Errorf("%s has layout %d, this program reads %d", path, m.Format, Format)
	}
	return m, err
}
