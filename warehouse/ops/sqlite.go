package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteFile is a store in one file; its locks are files beside it.
type sqliteFile struct{ path string }

func openSQLite(ctx context.Context, path string) (*Store, error) {
	s, err := sqliteFile{path}.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func (f sqliteFile) open(ctx context.Context) (_ *Store, err error) {
	if f.path, err = filepath.Abs(f.path); err != nil {
		return nil, err
	}
	// Two processes that make one file at once would be in each other's way.
	opening := f.flock("open")
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := opening.TryLockContext(waiting, 5*time.Millisecond); err != nil {
		return nil, fmt.Errorf("lock %s: %w", opening.Path(), err)
	}
	defer opening.Unlock()
	if err := createPrivate(f.path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", f.dsn())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	s := &Store{name: f.path, db: db, system: f}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// dsn names the file as a URI, so that no character of the path is read as an
// option, with the settings every connection must have.
func (f sqliteFile) dsn() string {
	options := url.Values{"_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()),
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"foreign_keys(ON)",
	}}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(f.path), RawQuery: options.Encode()}).String()
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

func (f sqliteFile) flock(name string) *flock.Flock {
	return flock.New(f.path+"."+name+".lock", flock.SetPermissions(0o600))
}

func (f sqliteFile) lock(name string) (release func() error, err error) {
	lock := f.flock(name)
	held, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !held {
		return nil, ErrLocked
	}
	return lock.Unlock, nil
}

func (sqliteFile) schema(script string) string { return sections(script, "sqlite") }

func (sqliteFile) busy(err error) bool { return isCode(err, sqlite3.SQLITE_BUSY) }

func (sqliteFile) constraint(err error) bool { return isCode(err, sqlite3.SQLITE_CONSTRAINT) }

func isCode(err error, code int) bool {
	said := new(sqlite.Error)
	return errors.As(err, &said) && said.Code()&0xff == code
}

func (sqliteFile) close() error { return nil }
