package database

import (
	"context"
	"database/sql"
	"time"
)

// A dialect is what differs between servers.
type dialect interface {
	mark() string // that identifiers are quoted by
	// session brings a connection into the state that values are stated in:
	// read only, UTF-8 or bytes as stored, China's time, a bound on each statement.
	session(version string, timeout time.Duration) []string
	// columns describes a table or view; no columns means there is none.
	columns(ctx context.Context, tx *sql.Tx, schema, table string) ([]column, error)
	// unique lists the column sets that identify a row; ok is false for a view,
	// of which no server knows.
	unique(ctx context.Context, tx *sql.Tx, schema, table string) (sets [][]string, ok bool, err error)
	placeholder() string // the only parameter of a statement
	// after is the condition for rows behind a key in the order of keys, and
	// which of params stands at each of its parameters.
	after(keys, params []string) (condition string, args []int)
	now(c *column) string
}

var dialects = map[string]dialect{"mysql": mysql{}, "postgres": postgres{}}

// kind is what a column can serve for.
type kind int

const (
	unfit   kind = iota // no text: bytes, arrays, geometry
	text                // ordered by its collation
	whole               // a whole number
	instant             // a day or a time
	exact               // another value with an order: decimals, UUIDs
	loose               // a value that cannot tell rows apart: floats, booleans
)

// A column of a table, with the SQL to read it. Server types and charsets in it
// are the server's own words.
type column struct {
	name      string
	kind      kind
	sqlType   string // as the server writes it
	nullable  bool
	collation string
	value     string // yields the value as text
	key       string // yields it as text that param reads; fixed width for an instant
	param     string // a parameter of the column's type, %s its placeholder
	decode    func(b []byte) ([]byte, bool)
}

// instantLayout is how instants are written as keys.
const instantLayout = "2006-01-02 15:04:05.000000"

// stringsOf reads one text column.
func stringsOf(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
