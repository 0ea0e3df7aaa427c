// Package engine runs SQL. Today it is DuckDB in this process; what differs
// between engines stands behind the fx_ functions of fx.sql, so that the models
// need not know which one runs them.
package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"rongxin/warehouse/landing"
)

//go:embed fx.sql
var fxFunctions string

// Functions are the statements that define the fx_ functions, for other sessions
// of the same engine.
func Functions() string { return fxFunctions }

// Config bounds what the engine may use.
type Config struct {
	Threads int    // worker threads; 0 means 2
	Memory  string // such as "2GB"; empty means 2GB
	TempDir string // where it spills; empty means the system's
}

// A DB is one in-memory engine with one connection: views and settings made on
// it are seen by every later statement. It is for one goroutine at a time.
type DB struct {
	pool    *sql.DB
	conn    *sql.Conn
	hasher  *hasher
	threads int
}

// Open starts an engine with the fx_ functions defined.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.Threads == 0 {
		cfg.Threads = 2
	}
	if cfg.Memory == "" {
		cfg.Memory = "2GB"
	}
	if cfg.TempDir == "" {
		cfg.TempDir = filepath.Join(os.TempDir(), "rongxin-spill")
	}
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, fmt.Errorf("open engine: %w", err)
	}
	pool := sql.OpenDB(connector)
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open engine: %w", err), pool.Close())
	}
	db := &DB{pool: pool, conn: conn, hasher: &hasher{}, threads: cfg.Threads}
	// The system keeps what was read of a file; the engine would again, within the
	// memory that is for judging.
	settings := fmt.Sprintf(`
		set threads = %d; set memory_limit = %s; set temp_directory = %s;
		set preserve_insertion_order = true; set autoinstall_known_extensions = false;
		set autoload_known_extensions = false; set TimeZone = 'UTC'; set enable_external_file_cache = false;`,
		cfg.Threads, Quote(cfg.Memory), Quote(cfg.TempDir))
	err = errors.Join(db.Exec(ctx, settings+fxFunctions), db.hasher.register(conn))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open engine: %w", err), db.Close())
	}
	return db, nil
}

// Close ends the engine.
func (db *DB) Close() error { return errors.Join(db.conn.Close(), db.pool.Close()) }

// Exec runs statements that give no rows.
func (db *DB) Exec(ctx context.Context, statements string) error {
	_, err := db.conn.ExecContext(ctx, statements)
	return err
}

// Query runs one statement. Results are held in memory whole, so ask for what
// a person reads; large results go to a file with CopyTo.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return db.conn.QueryContext(ctx, query, args...)
}

// QueryRow runs a statement that gives one row.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return db.conn.QueryRowContext(ctx, query, args...)
}

// Texts runs a statement that gives one column of texts, none of them NULL.
func (db *DB) Texts(ctx context.Context, query string) (list []string, err error) {
	rows, err := db.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}

// Prepare plans one statement that is run many times.
func (db *DB) Prepare(ctx context.Context, statement string) (*sql.Stmt, error) {
	return db.conn.PrepareContext(ctx, statement)
}

// Version is the engine's name and version, for manifests.
func (db *DB) Version(ctx context.Context) (string, error) {
	var v string
	err := db.QueryRow(ctx, "select version()").Scan(&v)
	return "duckdb " + v, err
}

// View defines schema.table as the rows of query.
func (db *DB) View(ctx context.Context, table, query string) error {
	schema, _, ok := strings.Cut(table, ".")
	if !ok {
		return fmt.Errorf("view %s: the name has no schema", table)
	}
	return db.Exec(ctx, fmt.Sprintf("create schema if not exists %s; create or replace view %s as %s",
		Ident(schema), Table(table), query))
}

// GroupRows is how many rows a row group of a table has.
const GroupRows = 4096

// copied is how tables are written. A reader of one subject decodes a row group,
// a reader of all pays for each once. What is stored is mostly identifiers, which
// nothing makes shorter than their digits: version 2 of the format keeps the lengths
// of texts apart from them, and a higher level of compression only takes longer.
const copied = "format parquet, parquet_version v2, write_bloom_filter false, compression zstd, compression_level 1"

// CopyTo writes the rows of query, in its order, to a Parquet file, by one thread.
// Several would each hold the rows they have ready until those before are written,
// without regard to the memory limit, and take more processor time in all.
func (db *DB) CopyTo(ctx context.Context, query, file string) error {
	err := db.Exec(ctx, fmt.Sprintf("set threads = 1; copy (%s) to %s (%s, row_group_size %d)", query, Quote(file), copied, GroupRows))
	return errors.Join(err, db.Exec(context.WithoutCancel(ctx), fmt.Sprintf("set threads = %d", db.threads)))
}

// Columns returns the names and SQL types of a query's result.
func (db *DB) Columns(ctx context.Context, query string) ([]landing.Column, error) {
	rows, err := db.Query(ctx, "describe "+query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []landing.Column
	for rows.Next() {
		var c landing.Column
		var null, key, def, extra sql.NullString
		if err := rows.Scan(&c.Name, &c.Type, &null, &key, &def, &extra); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

// Load makes a table schema.name of the given rows. Values are string, int64,
// bool, time.Time or nil.
func (db *DB) Load(ctx context.Context, table string, columns []landing.Column, rows [][]any) error {
	schema, _, _ := strings.Cut(table, ".")
	defs := make([]string, len(columns))
	for i, c := range columns {
		defs[i] = Ident(c.Name) + " " + c.Type
	}
	create := fmt.Sprintf("create schema if not exists %s; create or replace table %s (%s)",
		Ident(schema), Table(table), strings.Join(defs, ", "))
	if err := db.Exec(ctx, create); err != nil {
		return err
	}
	return db.Append(table, rows)
}

// Decimal is the value of a DECIMAL column: Unscaled divided by 10 to the Scale.
type Decimal struct {
	Unscaled     int64
	Width, Scale uint8
}

// Append adds rows to a table. Values are as for Load, or [Decimal].
func (db *DB) Append(table string, rows [][]any) error {
	schema, name, _ := strings.Cut(table, ".")
	return db.conn.Raw(func(driverConn any) error {
		conn, ok := driverConn.(*duckdb.Conn)
		if !ok {
			return fmt.Errorf("fill %s: unexpected connection type %T", table, driverConn)
		}
		app, err := duckdb.NewAppenderFromConn(conn, schema, name)
		if err != nil {
			return fmt.Errorf("fill %s: %w", table, err)
		}
		for i, row := range rows {
			values := make([]driver.Value, len(row))
			for j, v := range row {
				if d, ok := v.(Decimal); ok {
					v = duckdb.Decimal{Width: d.Width, Scale: d.Scale, Value: big.NewInt(d.Unscaled)}
				}
				values[j] = v
			}
			if err := app.AppendRow(values...); err != nil {
				return errors.Join(fmt.Errorf("fill %s row %d: %w", table, i, err), app.Close())
			}
		}
		return app.Close()
	})
}

// Empty is a SELECT with the columns and no rows.
func Empty(columns []landing.Column) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = fmt.Sprintf("cast(null as %s) as %s", c.Type, Ident(c.Name))
	}
	return "select " + strings.Join(parts, ", ") + " where false"
}

// Quote writes s as a SQL text literal.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Ident writes s as a quoted SQL name.
func Ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// Names writes the names of columns as a list.
func Names(columns []landing.Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = Ident(c.Name)
	}
	return strings.Join(names, ", ")
}

// Table writes schema.name as a quoted SQL name.
func Table(name string) string {
	schema, table, _ := strings.Cut(name, ".")
	return Ident(schema) + "." + Ident(table)
}
