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

// Config describes a sandbox.
type Config struct {
	Dir    string           // where platform.db is kept; made when missing
	Faults Faults           // the failures to begin with; none by default
	Key    []byte           // of the signature; nil takes unsigned requests
	Now    func() time.Time // to judge the age of signatures; required with Key
}

// Sandbox is the platform. It is an [http.Handler] and safe for concurrent use.
// The caller serves it and closes it after the server.
type Sandbox struct {
	cfg Config
	db  *sql.DB
	mux *http.ServeMux

	taking  sync.Mutex // one batch at a time
	trouble trouble
}

//go:embed schema.sql
var schema string

// New opens the platform's file in Dir; what an earlier sandbox took is there.
func New(c Config) (*Sandbox, error) {
	if c.Key != nil && (len(c.Key) == 0 || c.Now == nil) {
		return nil, errors.New("sandbox: a signature needs a key and a clock")
	}
	if err := c.Faults.check(); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	db, err := openFile(filepath.Join(c.Dir, "platform.db"))
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s := &Sandbox{cfg: c, db: db}
	s.trouble.set(c.Faults)
	s.mux = s.routes()
	return s, nil
}

func openFile(path string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	options := url.Values{"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"}}
	uri := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", uri.String())
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec(schema); err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Join(err, db.Close()))
	}
	return db, nil
}

// Close releases the file.
func (s *Sandbox) Close() error { return s.db.Close() }

func (s *Sandbox) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/batches", s.signed(s.postBatch))
	mux.HandleFunc("GET /v1/state", s.signed(s.getState))
	mux.HandleFunc("GET /v1/records", s.signed(s.getRecords))
	mux.HandleFunc("GET /v1/receipts/{key}", s.signed(s.getReceipt))
	return mux
}

// ServeHTTP answers one request, or fails it as the faults in force say.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/healthz":
		s.getHealth(w, r)
	case "/v1/faults":
		s.faults(w, r)
	default:
		s.trouble.serve(w, r, s.mux)
	}
}

// refusal is an answer other than 200, in the interface's words.
type refusal struct {
	status  int
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

// change runs do in one transaction.
func (s *Sandbox) change(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}
