package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// ErrLocked is returned by [Store.Lock] when another process, or another
// caller in this one, holds the lock.
var ErrLocked = errors.New("locked by another process")

// busyTimeout is how long a transaction waits for another process's.
const busyTimeout = 20 * time.Second

// Store is the operations store of one home directory. It is safe for
// concurrent use, and several processes may have the same file open.
type Store struct {
	path string
	db   *sql.DB
}

// Open opens the store at path, creating it with file mode 0600 when it does
// not exist, and brings its schema up to date. The directory must exist and be
// on a local disk: SQLite's write-ahead log needs shared memory.
func Open(ctx context.Context, path string) (*Store, error) {
	s, err := open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("operations store %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string) (_ *Store, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path}
	release, err := s.waitLock(ctx, "open")
	if err != nil {
		return nil, err
	}
	defer release()
	if err := createPrivate(path); err != nil {
		return nil, err
	}
	if s.db, err = sql.Open("sqlite", dsn(path)); err != nil {
		return nil, err
	}
	s.db.SetMaxOpenConns(4)
	if err := migrate(ctx, s.db); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// dsn names the file as a URI, so that no character of the path is read as an
// option, with the settings every connection must have.
func dsn(path string) string {
	options := url.Values{"_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"foreign_keys(ON)",
	}}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: options.Encode()}).String()
}

// createPrivate makes sure that path is a file which only its owner can read.
// SQLite gives the log and shared-memory files beside it the same mode.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		if err := f.Chmod(0o600); err != nil {
			return err
		}
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// Close releases the file. Unfinished transactions are rolled back.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("operations store %s: %w", s.path, err)
	}
	return nil
}

// Lock takes the named lock of this store without waiting and returns its
// release. While it is held, every other Lock of the same name fails with
// [ErrLocked]. The lock is the operating system's, on a file beside the store,
// so it ends with the process however that ends. The name becomes part of a
// file name and must be one.
func (s *Store) Lock(name string) (release func() error, err error) {
	if name == "" || !fs.ValidPath(name) || filepath.Base(name) != name {
		return nil, fmt.Errorf("lock %q: not a file name", name)
	}
	lock := s.flock(name)
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	if !held {
		return nil, fmt.Errorf("lock %s: %w", lock.Path(), ErrLocked)
	}
	return lock.Unlock, nil
}

// waitLock is Lock with patience; opening is short, so the wait is too.
func (s *Store) waitLock(ctx context.Context, name string) (release func() error, err error) {
	ctx, cancel := context.WithTimeout(ctx, busyTimeout)
	defer cancel()
	lock := s.flock(name)
	if _, err := lock.TryLockContext(ctx, 5*time.Millisecond); err != nil {
		return nil, fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	return lock.Unlock, nil
}

func (s *Store) flock(name string) *flock.Flock {
	return flock.New(s.path+"."+name+".lock", flock.SetPermissions(0o600))
}

// change runs do in one transaction, committed when do returns nil.
func change(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Times are kept as RFC 3339 text in UTC; the zero time is the empty text.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, text)
}
