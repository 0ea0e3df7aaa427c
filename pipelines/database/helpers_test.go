package database_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/database"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/ops"
)

// A server is a real one, as scripts/servers.sh starts it.
type server struct {
	driver, dsn string
	db          *sql.DB
	schema      string // of the test's tables
}

// onServers runs a test once on each server, with a schema of its own.
func onServers(t *testing.T, test func(t *testing.T, s *server)) {
	for _, s := range []server{{driver: "postgres", dsn: testDSN(t, "TEST_POSTGRES_DSN")}, {driver: "mysql", dsn: testDSN(t, "TEST_MYSQL_DSN")}} {
		t.Run(s.driver, func(t *testing.T) {
			name := map[string]string{"postgres": "pgx", "mysql": "mysql"}[s.driver]
			var err error
			if s.db, err = sql.Open(name, s.dsn); err != nil {
				t.Fatal(err)
			}
			s.schema = fmt.Sprintf("s%d", time.Now().UnixNano())
			s.exec(t, "create schema "+s.schema)
			t.Cleanup(func() {
				s.exec(t, "drop schema "+s.schema+s.pick(" cascade", ""))
				s.db.Close()
			})
			test(t, &s)
		})
	}
}

func testDSN(t *testing.T, name string) string {
	t.Helper()
	dsn := os.Getenv(name)
	if dsn == "" {
		t.Fatal(name + " is not set: run scripts/servers.sh go test ./pipelines/database")
	}
	return dsn
}

func (s *server) pick(postgres, mysql string) string {
	if s.driver == "postgres" {
		return postgres
	}
	return mysql
}

// exec runs statements in which @ stands for the schema.
func (s *server) exec(t *testing.T, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := s.db.Exec(strings.ReplaceAll(statement, "@", s.schema)); err != nil {
			t.Fatalf("%s\n%v", statement, err)
		}
	}
}

// A puller pulls tables of a server into a home of its own.
type puller struct {
	*database.Puller
	home string
	at   time.Time
}

func (s *server) puller(t *testing.T, change func(*database.Connection)) *puller {
	t.Helper()
	ctx := context.Background()
	home := t.TempDir()
	file := filepath.Join(home, "dsn")
	if err := os.WriteFile(file, []byte(s.dsn+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := database.Connection{Name: "samr", Driver: s.driver, DSNFile: file, PageRows: 100, BatchRows: 1_000_000, Timeout: 20 * time.Second}
	if change != nil {
		change(&c)
	}
	db, err := database.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	store, err := ops.Open(ctx, filepath.Join(home, "ops.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	catalog, err := contract.Load(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	lander, err := ingest.New(ingest.Config{Home: home, Catalog: catalog, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return &puller{&database.Puller{Home: home, Store: store, Lander: lander, Database: db, Log: slog.New(slog.DiscardHandler)},
		home, time.Date(2026, 6, 30, 4, 0, 0, 0, time.UTC)}
}

// pull lands what is new. Each call comes a minute after the one before.
func (p *puller) pull(t *testing.T, c *contract.Contract) ([]ingest.Result, error) {
	t.Helper()
	p.at = p.at.Add(time.Minute)
	return p.Pull(context.Background(), database.Request{Contract: c, ReceivedAt: p.at})
}

// must pulls without fault and returns how many rows each batch had.
func (p *puller) must(t *testing.T, c *contract.Contract) (rows []int64) {
	t.Helper()
	results, err := p.pull(t, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.AlreadyLanded {
			t.Errorf("batch %s had landed before", r.Batch.ID)
		}
		rows = append(rows, r.Batch.Rows.Read)
	}
	return rows
}

// landed reads a column of everything that landed, in the order of batches and
// lines, as text.
func (p *puller) landed(t *testing.T, file, expression string) []string {
	t.Helper()
	batches, err := landing.List(p.home)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var list []string
	for _, b := range batches {
		rows, err := db.Query(fmt.Sprintf("select coalesce((%s)::varchar, '-') from '%s' order by line",
			expression, filepath.Join(landing.Dir(p.home, b.Dataset, b.ID), file)))
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				t.Fatal(err)
			}
			list = append(list, text)
		}
		if err := errorsOf(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func errorsOf(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

const records, rejects = landing.RecordsName, landing.RejectsName

// contractOf is a contract whose rows lie in the table @.name; source are the
// keys below source besides format, database and table.
func (s *server) contractOf(t *testing.T, name, source, fields string) *contract.Contract {
	t.Helper()
	text := fmt.Sprintf(`dataset: samr/sample
version: 1
effective_from: 2026-01-01
title: 测试
department: 测试
catalogue: {class: 行政管理信息, item: CS, edition: 2024}
basis: 测试
range: public
source:
  format: table
  database: samr
  table: %q
  %s
key: [编号]
fields:
  - {name: 编号, as: no, type: integer, required: true}
%s`, s.schema+"."+name, strings.ReplaceAll(source, "; ", "\n  "), fields)
	c, err := contract.Parse("sample.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
