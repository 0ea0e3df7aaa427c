// Package opstest gives tests of the operations store, and of what is built on
// it, real stores of both systems.
package opstest

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"rongxin/warehouse/ops"
)

// Each runs a test once with a store on SQLite and once on PostgreSQL, each at a
// place of its own for ops.Open, where nothing is yet.
func Each(t *testing.T, test func(t *testing.T, place string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite is a place for a store in a file.
func SQLite(t testing.TB) string { return filepath.Join(t.TempDir(), "ops.db") }

// Postgres is a place for a store in a schema of its own, dropped with the test.
// Without a server the test fails: scripts/servers.sh starts one.
func Postgres(t testing.TB) string {
	t.Helper()
	place, drop, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Error(err)
		}
	})
	return place
}

// Schema is Postgres where there is no test at hand: the caller drops it.
func Schema() (place string, drop func() error, err error) {
	dsn := os.Getenv("TEST_POSTGRES_DSN")
	if dsn == "" {
		return "", nil, errors.New("TEST_POSTGRES_DSN is not set: put scripts/servers.sh before the command, as in scripts/servers.sh go test ./warehouse/ops")
	}
	at, err := url.Parse(dsn)
	if err != nil {
		return "", nil, fmt.Errorf("TEST_POSTGRES_DSN: %w", err)
	}
	schema := "ops_" + strings.ToLower(rand.Text())
	options := at.Query()
	options.Set("search_path", schema)
	at.RawQuery = options.Encode()
	return at.String(), func() error { return run(dsn, "drop schema "+schema+" cascade") }, run(dsn, "create schema "+schema)
}

// IsPostgres tells what a place is one of.
func IsPostgres(place string) bool { return strings.HasPrefix(place, "postgres://") }

// Open opens the store at a place and closes it with the test.
func Open(t testing.TB, place string) *ops.Store {
	t.Helper()
	s, err := ops.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Raw opens the database at a place behind the store's back.
func Raw(t testing.TB, place string) *sql.DB {
	t.Helper()
	driver := "sqlite"
	if IsPostgres(place) {
		driver = "pgx"
	}
	db, err := sql.Open(driver, place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func run(dsn, statement string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
