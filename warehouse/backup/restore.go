package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"rongxin/warehouse/store"
)

// Check holds every file of a backup against its digest and tells all that is
// wrong.
func Check(ctx context.Context, path string, progress func(done, total int64)) (Manifest, error) {
	m, err := Open(path)
	if err != nil {
		return m, err
	}
	var faults []error
	for i, f := range m.Files {
		if err := context.Cause(ctx); err != nil {
			return m, err
		}
		faults = append(faults, store.Check(m.file(path, f), f.Digest))
		progress(int64(i+1), int64(len(m.Files)))
	}
	return m, errors.Join(faults...)
}

func (m Manifest) file(path string, f File) string {
	return filepath.Join(path, homeName, filepath.FromSlash(f.Path))
}

// Restore copies a backup to a home that does not exist yet or is empty. Each
// file is held against its digest while it is copied; with one that is not what
// it was, no home comes to be.
func Restore(ctx context.Context, path, home string, progress func(done, total int64)) (m Manifest, err error) {
	if m, err = Open(path); err != nil {
		return m, err
	}
	entries, err := os.ReadDir(home)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return m, err
	case len(entries) > 0:
		return m, fmt.Errorf("%s: %w: it is not empty; a backup is restored to a new home, never over another", home, ErrPlace)
	default:
		if err := os.Remove(home); err != nil {
			return m, err
		}
	}
	if err := store.MakeDirs(filepath.Dir(home)); err != nil {
		return m, err
	}
	stage, err := store.Stage(home)
	if err != nil {
		return m, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, stage.Discard())
		}
	}()
	for i, f := range m.Files {
		if err := context.Cause(ctx); err != nil {
			return m, err
		}
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return m, fmt.Errorf("%s: %q is no path below a home", path, f.Path)
		}
		to := stage.Path(filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return m, err
		}
		got, err := copyFile(m.file(path, f), to, f.Mode)
		if err != nil {
			return m, err
		}
		if got != f.Digest {
			return m, fmt.Errorf("%s: %w: nothing was restored; take an older backup", m.file(path, f), store.ErrDigest)
		}
		if err := os.Chtimes(to, f.At, f.At); err != nil {
			return m, err
		}
		progress(int64(i+1), int64(len(m.Files)))
	}
	return m, stage.Commit()
}
