// Package connect opens databases of PostgreSQL and MySQL (MariaDB too) whose data
// source name lies in a file of its own, and sorts their errors by what the caller
// should do. No error of it holds the data source name.
package connect

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"rongxin/warehouse/secret"
)

// What a caller decides on.
var (
	ErrTemporary = errors.New("the database cannot answer now") // a retry helps
	ErrSetup     = errors.New("the database is set up otherwise")
)

// Drivers are the names that [Open] knows.
var Drivers = []string{"mysql", "postgres"}

// Config says where the data source name lies and what each connection is told
// before it is used.
type Config struct {
	Driver  string
	DSNFile string            // readable by its owner only
	Read    time.Duration     // MySQL only: a connection that is silent for so long is given up
	Session map[string]string // settings of the server, and their values as its SQL writes them
}

// A DB is a database that can be asked. It connects when it first is.
type DB struct {
	*sql.DB
	class   func(error) error // ErrTemporary, ErrSetup or nil
	data    func(error) (code, words string, ok bool)
	secrets []string
}

// connectTimeout bounds the making of a connection when the DSN does not.
const connectTimeout = 10 * time.Second

// maxDSN is the length of a data source name, with room to spare.
const maxDSN = 4096

// Open reads the data source name. It does not connect yet. Errors wrap ErrSetup.
func Open(c Config) (*DB, error) {
	text, err := secret.ReadFile(c.DSNFile, maxDSN)
	if err != nil {
		return nil, fmt.Errorf("dsn_file: %w: %w", ErrSetup, err)
	}
	d := &DB{}
	var password string
	switch c.Driver {
	case "postgres":
		d.class, d.data = postgresClass, postgresData
		d.DB, password, err = openPostgres(string(text), c)
	case "mysql":
		d.class, d.data = mysqlClass, mysqlData
		d.DB, password, err = openMySQL(string(text), c)
	default:
		return nil, fmt.Errorf("%w: unknown driver %q: want %s", ErrSetup, c.Driver, strings.Join(Drivers, " or "))
	}
	if err != nil { // whose text may quote the DSN
		return nil, fmt.Errorf("%w: %s does not hold a data source name of %s", ErrSetup, c.DSNFile, c.Driver)
	}
	d.secrets = secretsOf(string(text), password)
	return d, nil
}

// Fault says what went wrong: an error that wraps ErrTemporary or ErrSetup where
// it is one of those, with the server's words but never with the data source name.
// A context's error is returned as it is.
func (d *DB) Fault(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err() // called off by the caller
	}
	class := d.class(err)
	if class == nil && IsConnection(err) {
		class = ErrTemporary
	}
	text := d.Redact(err.Error())
	if class == nil {
		return fmt.Errorf("%s: %s", doing, text)
	}
	return fmt.Errorf("%s: %w: %s", doing, class, text)
}

// Data returns the server's code and words of an error that is about a value or a
// row: too long, of another type, doubled. Other rows can be written. The words do
// not hold the value.
func (d *DB) Data(err error) (code, words string, ok bool) { return d.data(err) }

// Redact takes the secrets out of a message, and its line breaks.
func (d *DB) Redact(text string) string {
	for _, secret := range d.secrets {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return strings.Join(strings.Fields(text), " ") // drivers write several lines
}

// secretsOf are the texts that no message may hold, the longest first.
func secretsOf(dsn, password string) []string {
	list := []string{dsn}
	if password != "" {
		list = append(list, url.QueryEscape(password), url.PathEscape(password), password)
	}
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// IsConnection reports an error of the way to the server, or of a server that
// went away or took too long.
func IsConnection(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed)
}
