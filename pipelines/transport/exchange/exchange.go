package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"rongxin/pipelines/connect"
	"rongxin/pipelines/publish"
)

// Config says where the tables are, who sends and what the tables of records hold.
type Config struct {
	Settings Settings
	Source   string // cd_source
	Tables   []Table
}

// Table is a table of records, as the mapping of that name describes it.
type Table struct {
	Name, Title string
	Columns     []Column
}

// Column is a field of the content.
type Column struct {
	Name, Title string
	Integer     bool // or else text
	Length      int  // of a text, in characters; 0 is without bound
}

// Transport hands batches over in tables. It is a [publish.Transport], safe for
// concurrent use, and connects when it is first asked.
type Transport struct {
	settings Settings
	source   string
	tables   map[string]table
	dialect  dialect
	db       *connect.DB

	mu     sync.Mutex
	fits   map[string]bool // tables that were found as they should be
	raised int64           // greatest fencing token that cd_fence is known to hold
}

// New reads the data source name and opens no connection. Its errors wrap
// [publish.ErrSetup].
func New(c Config) (*Transport, error) {
	t, err := describe(c)
	if err != nil {
		return nil, err
	}
	s := t.settings
	t.db, err = connect.Open(connect.Config{Driver: s.Driver, DSNFile: s.DSNFile, Read: s.Timeout + grace, Session: t.dialect.session(s.Timeout)})
	if err != nil {
		return nil, fmt.Errorf("exchange: %w: %w", publish.ErrSetup, err)
	}
	t.db.SetMaxIdleConns(maxIdle)
	return t, nil
}

// describe checks the configuration.
func describe(c Config) (*Transport, error) {
	faults := []error{c.Settings.Check()}
	for _, described := range c.Tables {
		for _, column := range described.Columns {
			if !isIdentifier(column.Name) {
				faults = append(faults, fmt.Errorf("%s: column %q: want at most 63 letters, digits and _", described.Name, column.Name))
			}
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("exchange: %w: %w", publish.ErrSetup, err)
	}
	s := c.Settings.withDefaults()
	t := &Transport{settings: s, source: c.Source, dialect: dialects[s.Driver], tables: map[string]table{}, fits: map[string]bool{}}
	for _, described := range c.Tables {
		t.tables[described.Name] = t.tableOf(described)
	}
	return t, nil
}

const (
	grace   = 5 * time.Second // what the server may be late with ending a statement by itself
	maxIdle = 16              // connections that wait for the next batch of a lane
)

// Close lets go of the connections.
func (t *Transport) Close(context.Context) error { return t.db.Close() }

// Check connects and tells everything that is not as it should be: tables,
// columns, lengths and rights. It writes nothing.
func (t *Transport) Check(ctx context.Context) error {
	var faults []error
	for _, name := range t.names() {
		faults = append(faults, t.fit(ctx, name))
	}
	return errors.Join(faults...)
}

// names of the tables of records, in order, after "" for the others.
func (t *Transport) names() []string {
	names := []string{""}
	for name := range t.tables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// failed words an error of the database as an answer to a batch.
func (t *Transport) failed(ctx context.Context, doing string, err error) publish.Answer {
	if ctx.Err() != nil {
		return publish.Answer{Outcome: publish.Interrupted, Err: context.Cause(ctx)}
	}
	if code, words, ok := t.db.Data(err); ok {
		words = publish.Plain(words)
		return publish.Answer{Outcome: publish.Refused, Code: code, Text: words, Err: fmt.Errorf("exchange: %s: %s: %s", doing, code, words)}
	}
	a := publish.Answer{Outcome: publish.Unavailable, Err: t.db.Fault(ctx, doing, err)}
	var network interface{ Timeout() bool }
	switch {
	case errors.Is(a.Err, connect.ErrSetup):
		a.Outcome = publish.Misconfigured
	case errors.As(err, &network) && network.Timeout(), errors.Is(err, context.DeadlineExceeded):
		a.Outcome = publish.TimedOut
	case connect.IsConnection(err):
		a.Outcome = publish.Cut
	}
	return a
}

// asked words an error of a question.
func (t *Transport) asked(ctx context.Context, doing string, err error) error {
	if err == nil || ctx.Err() != nil {
		return errors.Join(ctx.Err())
	}
	fault := t.db.Fault(ctx, doing, err)
	class := publish.ErrTemporary
	if errors.Is(fault, connect.ErrSetup) {
		class = publish.ErrSetup
	}
	return fmt.Errorf("exchange: %w: %w", class, fault)
}

// bound limits a question or a batch.
func (t *Transport) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, t.settings.Timeout+grace)
}
