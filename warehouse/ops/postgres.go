package ops

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// connectTimeout bounds the making of a connection when the DSN does not.
const connectTimeout = 10 * time.Second

// postgresServer is a store in one schema of a PostgreSQL server: the first of
// the connection's search path.
type postgresServer struct {
	schemaName string
	locks      *sql.DB // a connection for each lock that is held
}

func openPostgres(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil { // whose text may quote the DSN
		return nil, fmt.Errorf("%w: it is no data source name such as postgres://user:password@host:5432/database?sslmode=verify-full", ErrSetup)
	}
	name := fmt.Sprintf("postgres at %s:%d/%s", cfg.Host, cfg.Port, cfg.Database)
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	for setting, value := range map[string]string{
		"application_name": "rongxin",
		"lock_timeout":     fmt.Sprint(patience.Milliseconds()),
		// A process that stands still in the middle of a change loses it.
		"idle_in_transaction_session_timeout": fmt.Sprint(patience.Milliseconds() / 2),
		// A lock of a machine that died is free after a minute.
		"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3",
	} {
		if cfg.RuntimeParams[setting] == "" {
			cfg.RuntimeParams[setting] = value
		}
	}
	s, err := openServer(ctx, name, *cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

func openServer(ctx context.Context, name string, cfg pgx.ConnConfig) (*Store, error) {
	schema, err := checkServer(ctx, cfg)
	if err != nil {
		return nil, err
	}
	changes := advisoryKey(schema, "", "changes")
	db := sql.OpenDB(connector{stdlib.GetConnector(cfg), changes})
	db.SetMaxOpenConns(4)
	locks := sql.OpenDB(connector{stdlib.GetConnector(cfg), changes})
	locks.SetMaxIdleConns(-1)
	s := &Store{name: name, db: db, system: postgresServer{schema, locks}}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// checkServer makes sure that what the server says is done stays done, and
// returns the schema that the store is in.
func checkServer(ctx context.Context, cfg pgx.ConnConfig) (schema string, err error) {
	db := sql.OpenDB(connector{stdlib.GetConnector(cfg), 0})
	defer db.Close()
	var name sql.NullString
	var synchronous, fsync, encoding string
	err = db.QueryRowContext(ctx, `select current_schema(), current_setting('synchronous_commit'), current_setting('fsync'),
		current_setting('server_encoding')`).Scan(&name, &synchronous, &fsync, &encoding)
	if err != nil {
		return "", err
	}
	var faults []error
	if synchronous != "on" && synchronous != "remote_apply" {
		faults = append(faults, fmt.Errorf("%w: synchronous_commit is %s: a commit would not be on the disk when it returns; alter role %s set synchronous_commit = on",
			ErrSetup, synchronous, cfg.User))
	}
	if fsync != "on" {
		faults = append(faults, fmt.Errorf("%w: fsync is %s: a power cut would lose what was committed; set fsync = on in postgresql.conf", ErrSetup, fsync))
	}
	if encoding != "UTF8" {
		faults = append(faults, fmt.Errorf("%w: the database is encoded as %s, want UTF8", ErrSetup, encoding))
	}
	if !name.Valid {
		faults = append(faults, fmt.Errorf("%w: there is no schema %q; create schema %s authorization %s", ErrSetup, cfg.RuntimeParams["search_path"], cfg.RuntimeParams["search_path"], cfg.User))
	}
	return name.String, errors.Join(faults...)
}

// advisoryKey is the number under which the server keeps a lock of the store.
// Numbers are shared by all users of the database, so it is a digest.
func advisoryKey(schema, kind, name string) int64 {
	sum := sha256.Sum256([]byte("rongxin operations store\n" + schema + "\n" + kind + "\n" + name))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// lock holds a connection of its own for as long as the lock.
func (p postgresServer) lock(name string) (release func() error, err error) {
	ctx := context.Background()
	conn, err := p.locks.Conn(ctx)
	if err != nil {
		return nil, err
	}
	key, held := advisoryKey(p.schemaName, "lock", name), false
	if err := conn.QueryRowContext(ctx, `select pg_try_advisory_lock(?)`, key).Scan(&held); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if !held {
		return nil, errors.Join(ErrLocked, conn.Close())
	}
	return func() error {
		err := conn.QueryRowContext(ctx, `select pg_advisory_unlock(?)`, key).Scan(&held)
		if err == nil && !held {
			err = errors.New("was not held any more")
		}
		if err != nil {
			err = fmt.Errorf("lock %s was lost before its release: %w", name, err)
		}
		return errors.Join(err, conn.Close())
	}, nil
}

func (postgresServer) schema(script string) string { return postgresSchema(script) }

func (postgresServer) busy(err error) bool { return isState(err, "55P03") } // lock not available

func (postgresServer) constraint(err error) bool { return isState(err, "23") } // integrity constraint violation

// isState tells whether the server answered with a SQLSTATE that begins so.
func isState(err error, state string) bool {
	said := new(pgconn.PgError)
	return errors.As(err, &said) && strings.HasPrefix(said.Code, state)
}

func (p postgresServer) close() error { return p.locks.Close() }
