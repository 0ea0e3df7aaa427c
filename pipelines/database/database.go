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
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"rongxin/pipelines/contract"
	"rongxin/warehouse/secret"
)

// Faults that a caller decides on. What the department must mend is an
// *ingest.Refusal.
var (
	ErrTemporary = errors.New("the database cannot answer now") // a retry helps
	ErrSetup     = errors.New("the database is set up otherwise")
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
var Drivers = []string{"mysql", "postgres"}

// A Database is an open connection. Its errors never hold the data source name.
type Database struct {
	Connection
	dialect dialect
	db      *sql.DB
	secrets []string
}

// connectTimeout bounds the making of a connection when the DSN does not.
const connectTimeout = 10 * time.Second

// Open reads the data source name. It does not connect yet.
func Open(c Connection) (*Database, error) {
	text, err := secret.ReadFile(c.DSNFile, maxDSN)
	if err != nil {
		return nil, fmt.Errorf("database %s: dsn_file: %w: %w", c.Name, ErrSetup, err)
	}
	dsn := string(text)
	d := &Database{Connection: c}
	var password string
	switch c.Driver {
	case "postgres":
		d.dialect = postgres{}
		d.db, password, err = openPostgres(dsn)
	case "mysql":
		d.dialect = mysql{}
		d.db, password, err = openMySQL(dsn, c.Timeout)
	default:
		return nil, fmt.Errorf("database %s: %w: unknown driver %q: want %s", c.Name, ErrSetup, c.Driver, strings.Join(Drivers, " or "))
	}
	if err != nil { // whose text may quote the DSN
		return nil, fmt.Errorf("database %s: %w: %s does not hold a data source name of %s", c.Name, ErrSetup, c.DSNFile, c.Driver)
	}
	d.secrets = secrets(dsn, password)
	d.db.SetMaxIdleConns(1)
	return d, nil
}

// Close ends all connections.
func (d *Database) Close() error { return d.db.Close() }

// maxDSN is the length of a data source name, with room to spare.
const maxDSN = 4096

// fault says what went wrong in a statement: what the caller should do about
// it, and the server's words without the data source name.
func (d *Database) fault(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err() // called off by the caller
	}
	class := d.dialect.class(err)
	if class == nil && isConnection(err) {
		class = ErrTemporary
	}
	text := redact(err.Error(), d.secrets)
	if class == nil {
		return fmt.Errorf("database %s: %s: %s", d.Name, doing, text)
	}
	return fmt.Errorf("database %s: %s: %w: %s", d.Name, doing, class, text)
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
