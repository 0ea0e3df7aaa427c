package exchange

import (
	"context"
	"database/sql"
	"time"
)

// A dialect is what differs between servers.
type dialect interface {
	session(timeout time.Duration) map[string]string
	quote(name string) string
	param(n int) string                // of a statement, from 1
	shared() string                    // keeps the rows that a select found from being altered
	insertNew() (before, after string) // around an insert of a row that may be there
	now() string                       // seconds since 1970
	// byBytes is a text column in an order that is that of its bytes.
	byBytes(column string) string
	// write appends rows to a table, in one transaction with what the connection
	// did before.
	write(ctx context.Context, conn *sql.Conn, tx *sql.Tx, t table, rows [][]value) error
	columns(ctx context.Context, tx *sql.Tx, schema, table string) ([]found, error)
	ddl() ddl
}

var dialects = map[string]dialect{"mysql": mysql{}, "postgres": postgres{}}
