package exchange

import (
	"context"
	"database/sql"
	"time"

	"rongxin/pipelines/publish"
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
	// write appends the rows of a batch to a table, in one transaction with what the
	// connection did before. Errors about a record wrap errRow.
	write(ctx context.Context, conn *sql.Conn, tx *sql.Tx, t table, m *publish.Message) error
	columns(ctx context.Context, tx *sql.Tx, schema, table string) ([]found, error)
	ddl() ddl
}

var dialects = map[string]dialect{"mysql": mysql{}, "postgres": postgres{}}
