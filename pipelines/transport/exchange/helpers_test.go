package exchange_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/exchange"
	"rongxin/warehouse/ops"
)

// penalties is a table with every kind of column.
var penalties = exchange.Table{Name: "penalties", Title: "行政处罚", Columns: []exchange.Column{
	{Name: "subject_name", Title: "名称", Length: 100},
	{Name: "basis", Title: "依据", Length: 2000},
	{Name: "number", Title: "文号", Length: 50},
	{Name: "points", Title: "扣分", Integer: true},
	{Name: "note", Title: "备注：'引号' 与 \\"},
}}

// A server is a real one with a schema of its own, as scripts/servers.sh starts it.
type server struct {
	driver, dsn, schema string
	db                  *sql.DB
}

// onServers runs a test once on each server, with the tables made.
func onServers(t *testing.T, test func(t *testing.T, s *server)) {
	for driver, variable := range map[string]string{"postgres": "TEST_POSTGRES_DSN", "mysql": "TEST_MYSQL_DSN"} {
		dsn := os.Getenv(variable)
		if dsn == "" {
			t.Fatal(variable + " is not set: run scripts/servers.sh go test ./pipelines/transport/exchange")
		}
		t.Run(driver, func(t *testing.T) {
			s := &server{driver: driver, dsn: dsn, schema: fmt.Sprintf("x%d", time.Now().UnixNano())}
			var err error
			if s.db, err = sql.Open(map[string]string{"postgres": "pgx", "mysql": "mysql"}[driver], dsn); err != nil {
				t.Fatal(err)
			}
			s.exec(t, "create schema "+s.schema)
			t.Cleanup(func() {
				s.exec(t, "drop schema "+s.schema+map[string]string{"postgres": " cascade"}[driver])
				s.db.Close()
			})
			s.make(t)
			test(t, s)
		})
	}
}

// make runs the statements that DDL prints.
func (s *server) make(t *testing.T) {
	t.Helper()
	text, err := exchange.DDL(s.config(t))
	if err != nil {
		t.Fatal(err)
	}
	s.exec(t, strings.Split(strings.TrimSpace(text), ";\n")...)
}

func (s *server) exec(t *testing.T, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		statement = strings.TrimSuffix(strings.ReplaceAll(statement, "@", s.schema), ";")
		if _, err := s.db.Exec(statement); err != nil {
			t.Fatalf("%s\n%v", statement, err)
		}
	}
}

// list reads rows of texts, their columns joined by a bar; NULL is -.
func (s *server) list(t *testing.T, query string) []string {
	t.Helper()
	rows, err := s.db.Query(strings.ReplaceAll(query, "@", s.schema))
	if err != nil {
		t.Fatalf("%s\n%v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		targets := make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, v := range values {
			if !v.Valid {
				v.String = "-"
			}
			texts = append(texts, v.String)
		}
		list = append(list, strings.Join(texts, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func (s *server) config(t *testing.T) exchange.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(file, []byte(s.dsn+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return exchange.Config{Source: "350100", Tables: []exchange.Table{penalties}, Settings: exchange.Settings{
		Driver: s.driver, DSNFile: file, Schema: s.schema, State: "cd_state", Timeout: 10 * time.Second}}
}

func (s *server) transport(t *testing.T, change func(*exchange.Config)) *exchange.Transport {
	t.Helper()
	c := s.config(t)
	if change != nil {
		change(&c)
	}
	transport, err := exchange.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { transport.Close(context.Background()) })
	return transport
}

// batch makes a message as the publisher would.
func batch(serial int, rows ...publish.MessageRow) publish.Message {
	number := fmt.Sprintf("20260630%05d", serial)
	body := number
	for _, r := range rows {
		body += string(r.Operation) + r.Key + string(r.Content)
	}
	return publish.Message{Receiver: "city", Key: digestOf(body), Number: number, Source: "350100", Table: "penalties", Run: "run-1",
		AsOf: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC), Epoch: 1, Rows: rows, Target: publish.Holdings{Count: 7, Digest: strings.Repeat("0", 64)}}
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// row makes one change; content is name, value, name, value.
func row(operation ops.Operation, key string, content ...any) publish.MessageRow {
	r := publish.MessageRow{Operation: operation, Key: key}
	if operation == ops.Delete {
		return r
	}
	object := map[string]any{}
	for i := 0; i < len(content); i += 2 {
		object[content[i].(string)] = content[i+1]
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object); err != nil {
		panic(err)
	}
	r.Content = []byte(strings.TrimSuffix(b.String(), "\n"))
	r.Digest = digestOf(string(r.Content))
	return r
}

// send hands a batch over and expects this outcome.
func send(t *testing.T, transport *exchange.Transport, m publish.Message, want publish.Outcome) publish.Answer {
	t.Helper()
	a := transport.Send(context.Background(), m)
	if a.Outcome != want {
		t.Fatalf("%s: %s, want %s: %v", m.Number, a.Outcome, want, a.Err)
	}
	if a.Err != nil && strings.Contains(a.Err.Error(), "exchange@") {
		t.Errorf("the data source name shows: %v", a.Err)
	}
	return a
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
