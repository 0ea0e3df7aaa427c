// Package store makes files and directories appear whole or not at all.
//
// Everything the warehouse keeps is written under a temporary name, flushed to
// the disk, renamed, and made durable by flushing the parent directory: a crash
// or a power cut leaves the old state or the new one. Renaming without flushing
// the directory loses acknowledged work, which is why the steps live here once
// and nowhere else.
package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrExists is returned by Create and Commit when the final name is already
// there: somebody else finished the same work first.
var ErrExists = errors.New("already exists")

// tempPrefix marks names that were never finished. Readers ignore them.
const tempPrefix = ".tmp-"

// Temporary is the name of unfinished work that will be called name.
func Temporary(name string) string { return tempPrefix + name }

// IsTemporary reports whether a base name belongs to unfinished work.
func IsTemporary(name string) bool { return strings.HasPrefix(name, tempPrefix) }

// Write creates or replaces the file at path with what write produces.
// Readers see the old content or the new, never a part.
func Write(path string, perm fs.FileMode, write func(io.Writer) error) error {
	return put(path, perm, write, os.Rename)
}

// Create is Write for a file that must not be there: when it is, nothing is
// changed and the error is ErrExists, whoever came first.
func Create(path string, perm fs.FileMode, write func(io.Writer) error) error {
	err := put(path, perm, write, os.Link)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w", path, ErrExists)
	}
	return err
}

// Draft writes a file of a directory that is not finished, such as one of Stage:
// nobody reads it before SyncTree has flushed all of it, which flushing each file
// would only make slow.
func Draft(path string, perm fs.FileMode, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, perm)
	if err != nil {
		return err
	}
	if err = errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// put writes a file under a temporary name, flushes it, and lets name give it
// its own.
func put(path string, perm fs.FileMode, write func(io.Writer) error, name func(from, to string) error) error {
	dir := filepath.Dir(path)
	if err := MakeDirs(dir); err != nil {
		return err
	}
	f, lock, err := createTemp(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	defer os.Remove(f.Name()) // a no-op once renamed; a second name once linked
	err = errors.Join(write(f), f.Chmod(perm))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := name(f.Name(), path); err != nil {
		return err
	}
	return SyncDir(dir)
}

// Move gives the file at from the name to, which must not be taken: then the
// error is ErrExists and nothing is changed. Both directories are durable when
// it returns. Only one process may move into a directory at a time.
func Move(from, to string) error {
	if err := MakeDirs(filepath.Dir(to)); err != nil {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s: %w", to, ErrExists)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return errors.Join(SyncDir(filepath.Dir(to)), SyncDir(filepath.Dir(from)))
}

// createTemp makes a file that Sweep leaves alone while lock is open.
func createTemp(dir string) (f, lock *os.File, err error) {
	for {
		if f, err = os.CreateTemp(dir, tempPrefix+"*"); err != nil {
			return nil, nil, err
		}
		if lock, err = acquire(f.Name()); err == nil {
			return f, lock, nil
		}
		if err = errors.Join(err, f.Close()); !isSwept(err) {
			return nil, nil, errors.Join(err, os.Remove(f.Name()))
		}
	}
}

// isSwept reports an error of acquire that says that something was swept, or is
// being swept, between its making and its lock.
func isSwept(err error) bool { return errors.Is(err, errTaken) || errors.Is(err, fs.ErrNotExist) }

// MakeDirs makes a directory and those above it that are missing. Each new one
// is made durable in its parent: work flushed in a directory that its parent
// forgets is lost with it.
func MakeDirs(dir string) error {
	err := os.Mkdir(dir, 0o755)
	switch {
	case err == nil:
		return SyncDir(filepath.Dir(dir))
	case errors.Is(err, fs.ErrExist):
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			err = &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
		}
		return err
	case errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir:
		if err := MakeDirs(filepath.Dir(dir)); err != nil {
			return err
		}
		return MakeDirs(dir)
	}
	return err
}

// A Dir is a directory being filled under a temporary name. It becomes visible
// under its final name with Commit, or goes away with Discard. While its
// process lives it is locked, so that Sweep leaves it alone.
type Dir struct {
	temp, final string
	lock        *os.File
}

// Stage opens a directory that will become final.
func Stage(final string) (*Dir, error) {
	parent := filepath.Dir(final)
	if err := MakeDirs(parent); err != nil {
		return nil, err
	}
	for {
		temp, err := os.MkdirTemp(parent, tempPrefix+filepath.Base(final)+"-*")
		if err != nil {
			return nil, err
		}
		lock, err := acquire(temp)
		if isSwept(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return &Dir{temp: temp, final: final, lock: lock}, os.Chmod(temp, 0o755)
	}
}

var errTaken = errors.New("locked by another process")

// acquire locks a directory or file until the returned one is closed or the
// process ends. One that is gone by then is fs.ErrNotExist.
func acquire(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errTaken
		}
		return nil, errors.Join(&fs.PathError{Op: "lock", Path: path, Err: err}, f.Close())
	}
	if _, err := os.Stat(path); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Path is where a file of the staged directory stands until Commit.
func (d *Dir) Path(name string) string { return filepath.Join(d.temp, name) }

// Commit flushes everything in the directory and gives it its final name. It
// returns ErrExists, and removes the staged copy, when that name is taken.
func (d *Dir) Commit() error {
	if err := SyncTree(d.temp); err != nil {
		return err
	}
	if err := os.Rename(d.temp, d.final); err != nil {
		if _, statErr := os.Stat(d.final); statErr == nil {
			return errors.Join(fmt.Errorf("%s: %w", d.final, ErrExists), d.Discard())
		}
		return err
	}
	return errors.Join(SyncDir(filepath.Dir(d.final)), d.unlock())
}

// Discard removes the staged directory. It is safe after Commit.
func (d *Dir) Discard() error { return errors.Join(os.RemoveAll(d.temp), d.unlock()) }

func (d *Dir) unlock() error {
	if d.lock == nil {
		return nil
	}
	lock := d.lock
	d.lock = nil
	return lock.Close()
}

// SyncTree flushes every file and directory below root.
func SyncTree(root string) error {
	return filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return sync(path)
	})
}

// SyncDir makes the names in a directory durable.
func SyncDir(dir string) error { return sync(dir) }

func sync(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Digest identifies the bytes of a file.
type Digest struct {
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// Sum reads a file and returns its digest.
func Sum(path string) (Digest, error) {
	f, err := os.Open(path)
	if err != nil {
		return Digest{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return Digest{SHA256: hex.EncodeToString(h.Sum(nil)), Bytes: n}, err
}

// Check compares a file with the digest it was written under. A file is read as
// data only after it passed: a flipped bit in a Parquet file is otherwise read
// as a different answer, not as an error.
func Check(path string, want Digest) error {
	got, err := Sum(path)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%s: %w: expected %d bytes with SHA-256 %s, found %d bytes with %s",
			path, ErrDigest, want.Bytes, want.SHA256, got.Bytes, got.SHA256)
	}
	return nil
}

// ErrDigest is wrapped by Check when a file is not the one that was written.
var ErrDigest = errors.New("digest does not match")

// Sweep removes the directories and files directly in dir that a process left
// unfinished when it ended. Those of living processes are locked and stay.
func Sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !IsTemporary(e.Name()) {
			continue
		}
		left := filepath.Join(dir, e.Name())
		lock, lockErr := acquire(left)
		if lockErr != nil {
			continue // in use, or gone
		}
		err = errors.Join(err, os.RemoveAll(left), lock.Close())
	}
	return err
}
