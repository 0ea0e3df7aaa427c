package ingest

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/parquet-go/parquet-go"

	"rongxin/warehouse/landing"
)

// testColumns are of every type, optional or not, with a dictionary or not.
func testColumns() []parquetColumn {
	var columns []parquetColumn
	for _, kind := range []string{"VARCHAR", "BIGINT", "INTEGER", "DATE", "DECIMAL(9,2)", "DECIMAL(18,6)", "BOOLEAN"} {
		for set := range 4 {
			columns = append(columns, parquetColumn{
				Column:     landing.Column{Name: fmt.Sprintf("c%d", len(columns)), Type: kind},
				optional:   set&1 != 0,
				dictionary: set&2 != 0,
			})
		}
	}
	return columns
}

// testRow is one of: all null that may be, alike in every row, or random.
func testRow(dice *rand.Rand, columns []parquetColumn, style int) []parquet.Value {
	row := make([]parquet.Value, len(columns))
	for i, c := range columns {
		n := dice.Int64() >> dice.IntN(64)
		if dice.IntN(20) == 0 {
			n = []int64{0, -1, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64}[dice.IntN(6)]
		}
		if style == 1 {
			n = 7
		}
		switch {
		case c.optional && (style == 0 || style == 2 && dice.IntN(3) == 0):
		case c.Type == "VARCHAR":
			row[i] = parquet.ByteArrayValue([]byte(strings.Repeat("福州,\"\n榕城", int(uint64(n)%5)) + fmt.Sprint(n%1000)))
		case c.Type == "BIGINT" || c.Type == "DECIMAL(18,6)":
			row[i] = parquet.Int64Value(n % 1e15)
		case c.Type == "BOOLEAN":
			row[i] = parquet.BooleanValue(n%3 == 0)
		default:
			row[i] = parquet.Int32Value(int32(n % 1e6))
		}
	}
	return row
}

// What is written is what the library itself writes of the same rows, to the
// eyes of the library and of DuckDB.
func TestParquetAgainstTheLibrary(t *testing.T) {
	columns := testColumns()
	schema, err := newSchema(columns)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	dice := rand.New(rand.NewPCG(3, 4))
	for _, tt := range []struct {
		name          string
		style         int
		rows, inGroup int
	}{
		{"no row", 2, 0, 10}, {"one row", 2, 1, 10}, {"only nulls", 0, 1000, 999}, {"all alike", 1, 1000, 300},
		{"random", 2, 3000, 1000}, {"a large group", 2, 40_000, 40_000}, {"groups of one", 2, 9, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			ours, theirs := filepath.Join(dir, "ours.parquet"), filepath.Join(dir, "theirs.parquet")
			rows := make([][]parquet.Value, tt.rows)
			for i := range rows {
				rows[i] = testRow(dice, columns, tt.style)
			}
			writeOurs(t, ours, columns, rows, tt.inGroup)
			var library bytes.Buffer
			w := parquet.NewGenericWriter[any](&library, schema)
			for _, row := range rows {
				if _, err := w.WriteRows([]parquet.Row{levelled(columns, row)}); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(theirs, library.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			sameToTheLibrary(t, ours, columns, rows)
			var differ, count int
			if err := db.QueryRow(fmt.Sprintf(`with o as (from read_parquet('%s', file_row_number = true)), t as (from read_parquet('%s', file_row_number = true))
				select (select count(*) from (from o except all from t)) + (select count(*) from (from t except all from o)), (select count(*) from o)`,
				ours, theirs)).Scan(&differ, &count); err != nil {
				t.Fatal(err)
			}
			if differ > 0 || count != tt.rows {
				t.Errorf("DuckDB sees %d rows, %d differences", count, differ)
			}
			var low, high sql.NullString
			if tt.rows > 0 { // bounds must not hide rows
				err := db.QueryRow(fmt.Sprintf("select min(c4), max(c12) from '%s' where c4 >= (select min(c4) from '%s') and c12 <= (select max(c12) from '%s')", ours, theirs, theirs)).Scan(&low, &high)
				if err != nil || !low.Valid || !high.Valid {
					t.Errorf("bounds %v %v %v", low, high, err)
				}
			}
		})
	}
}

func writeOurs(t *testing.T, path string, columns []parquetColumn, rows [][]parquet.Value, inGroup int) {
	t.Helper()
	f, err := createParquet(path, 0o600, columns, 1)
	if err != nil {
		t.Fatal(err)
	}
	e, err := newEncoder()
	if err != nil {
		t.Fatal(err)
	}
	for len(rows) > 0 {
		n := min(inGroup, len(rows))
		g := f.rowGroup()
		for _, row := range rows[:n] {
			g.add(cells(row))
		}
		if err := g.flush(e); err != nil {
			t.Fatal(err)
		}
		if err := f.commit(g); err != nil {
			t.Fatal(err)
		}
		rows = rows[n:]
	}
	if _, err := f.close(); err != nil {
		t.Fatal(err)
	}
}

// cells is a row as we want it.
func cells(row []parquet.Value) []cell {
	out := make([]cell, len(row))
	for i, v := range row {
		switch v.Kind() {
		case parquet.ByteArray:
			out[i] = textCell(v.ByteArray())
		case parquet.Boolean:
			out[i] = boolCell(v.Boolean())
		case parquet.Int32:
			out[i] = numberCell(int64(v.Int32()))
		case parquet.Int64:
			out[i] = numberCell(v.Int64())
		}
	}
	return out
}

// levelled is a row as the library wants it: with definition levels.
func levelled(columns []parquetColumn, row []parquet.Value) parquet.Row {
	out := make(parquet.Row, len(row))
	for i, v := range row {
		level := 0
		if columns[i].optional && !v.IsNull() {
			level = 1
		}
		out[i] = v.Level(0, level, i)
	}
	return out
}

func sameToTheLibrary(t *testing.T, path string, columns []parquetColumn, want [][]parquet.Value) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, group := range file.RowGroups() {
		rows := group.Rows()
		buf := make([]parquet.Row, 100)
		for {
			read, err := rows.ReadRows(buf)
			for _, row := range buf[:read] {
				if !row.Equal(levelled(columns, want[n])) {
					t.Fatalf("row %d: got %v, want %v", n, row, want[n])
				}
				n++
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
	if n != len(want) {
		t.Errorf("%d rows, want %d", n, len(want))
	}
}
