package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
)

// ErrLocked is returned by [Store.Lock] when another process, or another
// caller in this one, holds the lock.
var ErrLocked = errors.New("locked by another process")

// ErrUnavailable is wrapped by errors of a server that cannot be reached, went
// away, or was kept busy by others for too long. What was under way is undone,
// or, when the answer to a commit was lost, may be done; a retry helps.
var ErrUnavailable = errors.New("the operations store cannot answer now")

// ErrSetup is wrapped by errors that only a change of configuration mends.
var ErrSetup = errors.New("the operations store is set up otherwise")

// patience is how long a transaction waits for another process's.
const patience = 20 * time.Second

// Store is the operations store of one city. It is safe for concurrent use, and
// several processes may have the same one open.
type Store struct {
	name   string // what errors call it
	db     *sql.DB
	system system
	group  group
}

// system is what SQLite and PostgreSQL do each in a way of its own.
type system interface {
	// lock takes a named lock of the store without waiting, or returns ErrLocked.
	lock(name string) (release func() error, err error)
	// schema words a migration for the system.
	schema(script string) string
	// busy tells whether a transaction waited in vain for another process's.
	busy(err error) bool
	// constraint tells whether the schema refused a change.
	constraint(err error) bool
	close() error
}

// Open opens the store at a place and brings its schema up to date. The place is
// a data source name, postgres://…, or the path of an SQLite file, which is made
// with file mode 0600 when it does not exist; its directory must exist and be on
// a local disk: SQLite's write-ahead log needs shared memory. No error holds the
// data source name.
func Open(ctx context.Context, place string) (*Store, error) {
	open := openSQLite
	if strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://") {
		open = openPostgres
	}
	s, err := open(ctx, place)
	if err != nil {
		return nil, fmt.Errorf("operations store %w", err)
	}
	return s, nil
}

// Close lets the store go. Unfinished transactions are rolled back.
func (s *Store) Close() error {
	if err := errors.Join(s.db.Close(), s.system.close()); err != nil {
		return fmt.Errorf("operations store %s: %w", s.name, err)
	}
	return nil
}

// Lock takes the named lock of this store without waiting and returns its
// release. While it is held, every other Lock of the same name fails with
// [ErrLocked]. The lock ends with the process however that ends: it is the
// operating system's on a file beside the store, or PostgreSQL's on a connection
// of its own. Should the server go away, so does the lock; the release then says
// so, and what must not be done twice is guarded by more than a lock. The name
// must be one of a file.
func (s *Store) Lock(name string) (release func() error, err error) {
	if name == "" || !fs.ValidPath(name) || filepath.Base(name) != name {
		return nil, fmt.Errorf("lock %q: not a file name", name)
	}
	release, err = s.system.lock(name)
	if err != nil {
		return nil, fmt.Errorf("operations store %s: lock %s: %w", s.name, name, err)
	}
	return release, nil
}

// change runs do in one transaction, committed when do returns nil. Changes of a
// store come one after another, in whatever process: each sees all that the one
// before it did.
func (s *Store) change(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if s.system.busy(err) {
		return fmt.Errorf("%w: another process kept it to itself for %s; end it if it stands still: %w", ErrUnavailable, patience, err)
	}
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
