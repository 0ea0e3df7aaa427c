package sandbox

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// platform is what all kinds of receiver have in common: the tables, what is
// held, the receipts given, and the failures in force. It is safe for
// concurrent use.
type platform struct {
	cfg     Config
	db      *sql.DB
	tables  map[string]*table
	taking  sync.Mutex // one batch at a time
	trouble trouble

	twoLevels bool // a receipt is never the last word
}

//go:embed schema.sql
var schema string

// openPlatform opens the platform's file in Dir; what an earlier one took is
// there.
func openPlatform(c Config) (*platform, error) {
	tables, err := readTables(statements)
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	db, err := openFile(filepath.Join(c.Dir, "platform.db"))
	if err != nil {
		return nil, err
	}
	p := &platform{cfg: c, db: db, tables: tables}
	p.trouble.now = c.Now
	p.trouble.set(c.Faults)
	return p, nil
}

func openFile(path string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	options := url.Values{"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-65536)"}}
	uri := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", uri.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(8) // each has its cache
	if _, err := db.Exec(schema); err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Join(err, db.Close()))
	}
	return db, nil
}

// change runs do in one transaction, one at a time.
func (p *platform) change(ctx context.Context, do func(*sql.Tx) error) error {
	p.taking.Lock()
	defer p.taking.Unlock()
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// read runs do on one state of the file.
func (p *platform) read(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := p.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return do(tx)
}

// clock is now in milliseconds, or the beginning of time without a clock, when
// nothing is ever delayed.
func (p *platform) clock() int64 {
	if p.cfg.Now == nil {
		return 0
	}
	return p.cfg.Now().UnixMilli()
}

// level is what receipts given now say.
func (p *platform) level() string {
	if p.twoLevels || p.cfg.Delay > 0 || p.trouble.inForce().RejectLater > 0 {
		return accepted
	}
	return processed
}

// table returns the statement of a table.
func (p *platform) table(name string) (*table, error) {
	if t := p.tables[name]; t != nil {
		return t, nil
	}
	return nil, refuse(http.StatusBadRequest, "TABLE", "没有数据表 %q；有 %v", name, tableNames(p.tables))
}

// Config describes a sandbox.
type Config struct {
	Dir    string           // where platform.db is kept; made when missing
	Name   string           // the sender's name of the platform; idempotency keys are held against it when given
	Faults Faults           // the failures to begin with; none by default
	Delay  time.Duration    // from the receipt of a batch to the verdicts of its records; none by default
	Now    func() time.Time // required with Key and Delay

	Key         []byte        // of the signature; nil takes unsigned requests
	KeyLife     time.Duration // when set, Key is the application's, and requests are signed with keys that live so long
	KeyWrapping string        // how those are encrypted: aes, or sm4-gcm
	Agreed      Agreed        // what else shows that a batch is whole
}

func (c Config) check() error {
	switch {
	case c.Key != nil && (len(c.Key) == 0 || c.Now == nil):
		return errors.New("a signature needs a key and a clock")
	case c.KeyLife < 0 || c.KeyLife > 0 && c.Key == nil:
		return errors.New("keys that end need the key of the application")
	case c.KeyWrapping != "" && c.KeyWrapping != "aes" && c.KeyWrapping != "sm4-gcm":
		return fmt.Errorf("key wrapping %q: want aes or sm4-gcm", c.KeyWrapping)
	case c.Delay < 0 || c.Delay > 0 && c.Now == nil:
		return errors.New("a delay is not negative and needs a clock")
	case c.Faults.Outage > 0 && c.Now == nil:
		return errNoClock
	}
	return c.Faults.check()
}

var errNoClock = errors.New("an outage of some time needs a clock")

// refusal is why nothing was taken or answered, in the interface's words.
type refusal struct {
	status  int    // of HTTP
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status, code, fmt.Sprintf(format, args...)}
}

// reply writes the document, or the refusal that err is; any other error is
// the platform's own.
func reply(w http.ResponseWriter, document any, err error) {
	status := http.StatusOK
	if err != nil {
		var r *refusal
		if !errors.As(err, &r) {
			r = refuse(http.StatusInternalServerError, "INTERNAL", "%v", err)
		}
		status, document = r.status, r
	}
	body, err := json.Marshal(document)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"code":"INTERNAL","message":"cannot encode the answer"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(append(body, '\n'))
}
