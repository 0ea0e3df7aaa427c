package ops

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// connector makes connections to PostgreSQL that behave as those to SQLite do:
// they read statements with ?, take truth as 0 and 1, and their transactions,
// which are for changes, come one after another. So what is built on them is
// written once.
type connector struct {
	driver.Connector
	changes int64 // the lock that transactions take
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	pg, ok := made.(*stdlib.Conn)
	if !ok {
		return nil, fmt.Errorf("a connection of pgx is a %T", made)
	}
	return conn{pg, c.changes}, nil
}

type conn struct {
	*stdlib.Conn
	changes int64
}

// BeginTx is SQLite's "begin immediate": the transaction has the store to itself
// until it ends. Readers are not kept waiting.
func (c conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	begun, err := c.Conn.BeginTx(ctx, options)
	if err != nil {
		return nil, unavailable(err)
	}
	if _, err := c.Conn.Conn().Exec(ctx, `select pg_advisory_xact_lock($1)`, c.changes); err != nil {
		return nil, unavailable(errors.Join(err, begun.Rollback()))
	}
	return tx{begun}, nil
}

func (c conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.Conn.ExecContext(ctx, positional(query), args)
	return result, unavailable(err)
}

func (c conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.Conn.QueryContext(ctx, positional(query), args)
	return rows, unavailable(err)
}

func (c conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	statement, err := c.Conn.PrepareContext(ctx, positional(query))
	return statement, unavailable(err)
}

// CheckNamedValue brings an argument to one of the few types that SQLite's
// driver takes too.
func (c conn) CheckNamedValue(v *driver.NamedValue) (err error) {
	if v.Value, err = driver.DefaultParameterConverter.ConvertValue(v.Value); err != nil {
		return err
	}
	if truth, ok := v.Value.(bool); ok {
		v.Value = map[bool]int64{true: 1}[truth]
	}
	return nil
}

type tx struct{ driver.Tx }

func (t tx) Commit() error { return unavailable(t.Tx.Commit()) }

// unavailable marks the errors of a server that cannot be reached, goes away, is
// full, or kept others' transactions going for too long.
func unavailable(err error) error {
	var said *pgconn.PgError
	var connecting *pgconn.ConnectError
	var network net.Error
	switch {
	case err == nil, errors.Is(err, driver.ErrBadConn): // which is tried again
		return err
	case errors.As(err, &said):
		switch {
		case strings.HasPrefix(said.Code, "08"), strings.HasPrefix(said.Code, "53"), strings.HasPrefix(said.Code, "57P"),
			said.Code == "40001", said.Code == "40P01":
		default:
			return err
		}
	case errors.As(err, &connecting), errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
	default:
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
