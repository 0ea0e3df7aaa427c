package ingest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"rongxin/pipelines"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
)

// received is a working Monday.
var received = time.Date(2026, 6, 15, 9, 0, 0, 0, time.UTC)

// Codes made up for tests; both checks hold.
const (
	codeA = "91350100MA8T00016W"
	codeB = "91350102MA8T00024L"
)

func mustContract(t testing.TB, yaml string) *contract.Contract {
	t.Helper()
	c, err := contract.Parse("test.yml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustCatalog(t testing.TB) *contract.Catalog {
	t.Helper()
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

func newLander(t testing.TB, cfg ingest.Config) *ingest.Lander {
	t.Helper()
	if cfg.Home == "" {
		cfg.Home = t.TempDir()
	}
	if cfg.Catalog == nil {
		cfg.Catalog = &contract.Catalog{}
	}
	l, err := ingest.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func writeFile(t testing.TB, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// landed is a batch read back.
type landed struct {
	ingest.Result
	dir     string
	records []map[string]any
	rejects []map[string]any
}

// land lands content by a contract and reads everything back.
func land(t testing.TB, c *contract.Contract, content string) (landed, error) {
	t.Helper()
	return landWith(t, ingest.Config{}, c, content)
}

func landWith(t testing.TB, cfg ingest.Config, c *contract.Contract, content string) (landed, error) {
	t.Helper()
	if cfg.Home == "" {
		cfg.Home = t.TempDir()
	}
	l := newLander(t, cfg)
	file := writeFile(t, filepath.Join(t.TempDir(), "in."+c.Source.Format), content)
	result, err := l.Land(context.Background(), ingest.Request{Contract: c, File: file, ReceivedAt: received})
	if err != nil {
		return landed{Result: result}, err
	}
	return readBack(t, cfg.Home, result), nil
}

func readBack(t testing.TB, home string, result ingest.Result) landed {
	t.Helper()
	dir := landing.Dir(home, result.Batch.Dataset, result.Batch.ID)
	return landed{
		Result: result, dir: dir,
		records: readParquet(t, filepath.Join(dir, landing.RecordsName)),
		rejects: readParquet(t, filepath.Join(dir, landing.RejectsName)),
	}
}

// readParquet reads a file with the library that wrote it.
func readParquet(t testing.TB, path string) []map[string]any {
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
	var columns []string
	for _, path := range file.Schema().Columns() {
		columns = append(columns, strings.Join(path, "."))
	}
	var out []map[string]any
	for _, group := range file.RowGroups() {
		rows := group.Rows()
		buf := make([]parquet.Row, 64)
		for {
			n, err := rows.ReadRows(buf)
			for _, row := range buf[:n] {
				record := map[string]any{}
				for i, v := range row {
					record[columns[i]] = goValue(v)
				}
				out = append(out, record)
			}
			if err != nil {
				break
			}
		}
		rows.Close()
	}
	return out
}

func goValue(v parquet.Value) any {
	switch {
	case v.IsNull():
		return nil
	case v.Kind() == parquet.Boolean:
		return v.Boolean()
	case v.Kind() == parquet.ByteArray:
		return string(v.ByteArray())
	case v.Kind() == parquet.Int32:
		return int(v.Int32())
	}
	return int(v.Int64())
}

// column returns one column of some rows.
func column(rows []map[string]any, name string) []any {
	var values []any
	for _, row := range rows {
		values = append(values, row[name])
	}
	return values
}
