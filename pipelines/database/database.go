// Package database reads departments' front-end exchange databases (前置库):
// tables of PostgreSQL or MySQL that a department fills and we may only read.
//
// A pull reads what changed since the last one, page by page in the order of
// the contract's cursor, into a spool file of one JSON object a line. The spool
// then lands as any extract does, so rows of a table get the same checks,
// rejects and batches. How far a table was read is kept in the operations store
// and moves only when the batch is durable: a pull that dies goes on where it
// was, and nothing is read twice or passed over.
package database

import (
	"context"
	"fmt"
	"strings"
	"time"

	"rongxin/pipelines/connect"
	"rongxin/pipelines/contract"
)

// Faults that a caller decides on. What the department must mend is an
// *ingest.Refusal.
var (
	ErrTemporary = connect.ErrTemporary // a retry helps
	ErrSetup     = connect.ErrSetup
)

// Connection says how to reach one exchange database and how gently to read it.
type Connection struct {
	Name      string
	Driver    string // postgres or mysql, which MariaDB is too
	DSNFile   string // holds the data source name, readable by its owner only
	PageRows  int    // rows of one query
	BatchRows int    // rows of a batch; more become several batches
	Timeout   time.Duration
}

// Drivers are the names a Connection may have as its driver.
var Drivers = connect.Drivers

// A Database is an open connection. Its errors never hold the data source name.
type Database struct {
	Connection
	dialect dialect
	db      *connect.DB
}

// Open reads the data source name. It does not connect yet.
func Open(c Connection) (*Database, error) {
	db, err := connect.Open(connect.Config{Driver: c.Driver, DSNFile: c.DSNFile, Read: c.Timeout + grace})
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", c.Name, err)
	}
	d := &Database{Connection: c, dialect: dialects[c.Driver], db: db}
	d.db.SetMaxIdleConns(1)
	return d, nil
}

// Close ends all connections.
func (d *Database) Close() error { return d.db.Close() }

// fault says what went wrong in a statement, and what the caller should do.
func (d *Database) fault(ctx context.Context, doing string, err error) error {
	if err = d.db.Fault(ctx, doing, err); err != nil && ctx.Err() == nil {
		return fmt.Errorf("database %s: %w", d.Name, err)
	}
	return err
}

// quoteTable is the one way to write a table's name into a statement.
func quoteTable(d dialect, t *contract.Table) (string, error) {
	schema, err := quote(d, t.Schema)
	if err != nil {
		return "", err
	}
	name, err := quote(d, t.Name)
	return schema + "." + name, err
}

// quote is the one way to write an identifier into a statement: it is checked,
// and every sign that could end it is doubled.
func quote(d dialect, name string) (string, error) {
	if err := contract.CheckIdentifier(name); err != nil {
		return "", err
	}
	mark := d.mark()
	return mark + strings.ReplaceAll(name, mark, mark+mark) + mark, nil
}
