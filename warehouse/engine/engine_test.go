package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/store"
)

func open(t *testing.T, threads int) *engine.DB {
	t.Helper()
	db, err := engine.Open(context.Background(), engine.Config{Threads: threads, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// Every fx_ function has the meaning its comment gives.
func TestFx(t *testing.T) {
	db := open(t, 1)
	tests := []struct{ expr, want string }{
		{"fx_sha256('榕信')", "db81cd453aad46031f2141fb83982c2da5c7686abb6b7555d55ad107c4903528"},
		{"fx_add_months(date '2026-11-30', 3)", "2027-02-28"},
		{"fx_add_months(date '2026-03-31', -1)", "2026-02-28"},
		{"fx_add_days(date '2026-02-27', 2)", "2026-03-01"},
		{"fx_like_re('食品经营许可证', '食品(生产|经营)')", "true"},
		{"fx_left('榕信福州', 2)", "榕信"},
		{"fx_div_round(5, 2)", "3"},
		{"fx_div_round(-5, 2)", "-3"},
		{"fx_div_round(4, 3)", "1"},
		{"fx_div_floor(5, 3)", "1"},
		{"fx_div_floor(6, 3)", "2"},
		{"fx_div_floor(0, 3)", "0"},
		{"coalesce(cast(fx_div_round(1, 0) as varchar), 'null')", "null"},
	}
	for _, tt := range tests {
		var got string
		if err := db.QueryRow(context.Background(), "select cast("+tt.expr+" as varchar)").Scan(&got); err != nil {
			t.Fatalf("%s: %v", tt.expr, err)
		}
		if got != tt.want {
			t.Errorf("%s = %s, want %s", tt.expr, got, tt.want)
		}
	}
}

// The engine and Go agree on when two names are written alike.
func TestNameKeys(t *testing.T) {
	db := open(t, 1)
	var every strings.Builder
	for _, span := range [][2]rune{{' ', '~'}, {'\u00A0', '\u00FF'}, {'\u2010', '\u2030'}, {'\u3000', '\u3020'}, {'\uFF01', '\uFF65'}, {'一', '丏'}} {
		for r := span[0]; r <= span[1]; r++ {
			every.WriteRune(r)
		}
	}
	for _, name := range []string{"福州（台江）ＡＢｃ 有限公司", "※榕 城\t甲〔乙〕【丙】", "", every.String()} {
		var got string
		if err := db.QueryRow(context.Background(), "select fx_name_key(?)", name).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if want := credit.NameKey(name); got != want {
			t.Errorf("%q: the engine has %q, Go %q", name, got, want)
		}
	}
	if got := credit.NameKey("福州（台江）ＡＢｃ 有限公司"); got != "福州(台江)ABC有限公司" {
		t.Error(got)
	}
}

func TestDigestKnowsContentNotOrder(t *testing.T) {
	ctx, db := context.Background(), open(t, 2)
	digest := func(query string) string {
		t.Helper()
		_, d, err := db.Digest(ctx, query)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	base := digest("select * from (values (1, 'a'), (2, null)) t(x, y)")
	if got := digest("select * from (values (2, null), (1, 'a')) t(x, y)"); got != base {
		t.Error("the order of rows changed the digest")
	}
	for _, other := range []string{
		"select * from (values (1, 'a'), (2, '')) t(x, y)",
		"select * from (values (1, 'a'), (2, null), (2, null)) t(x, y)",
		"select * from (values (1, null), (2, 'a')) t(x, y)",
		"select * from (values (1, 'a'), (2, null)) t(x, z)",
	} {
		if digest(other) == base {
			t.Errorf("same digest for other content: %s", other)
		}
	}
	if rows, _, err := db.Digest(ctx, "select 1 as x where false"); err != nil || rows != 0 {
		t.Errorf("empty table: %d rows, %v", rows, err)
	}
}

// The digest is the one that plain SQL finds, whatever the types, over several
// threads and row groups; sums of parts add up, and lines by a column tell which
// of its values have other rows.
func TestSumsAreAsDefined(t *testing.T) {
	ctx, db := context.Background(), open(t, 2)
	table := `select case when i % 3 > 0 then 'S' || i // 4 end as s, i as n, date '2026-01-01' + cast(i % 40 as integer) as d,
		cast(i as decimal(12,2)) / 8 as x, i % 7 = 0 as b, '名' || i as name from range(300000) t(i)`
	const text = `coalesce(s, chr(26)) || chr(31) || cast(n as varchar) || chr(31) || cast(d as varchar) || chr(31) || cast(x as varchar) || chr(31) || cast(b as varchar) || chr(31) || name`
	want := make([]string, 4)
	var rows int64
	var parts string
	for i := range want {
		parts += fmt.Sprintf(", cast(sum(cast('0x' || substr(h, %d, 15) as bigint)) as varchar)", 1+15*i)
	}
	err := db.QueryRow(ctx, fmt.Sprintf("select count(*)%s from (select sha256(%s) as h from (%s))", parts, text, table)).Scan(&rows, &want[0], &want[1], &want[2], &want[3])
	if err != nil {
		t.Fatal(err)
	}
	got, err := db.Sums(ctx, table)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Texts()); diff != "" || got.Rows != rows {
		t.Errorf("%d rows, want %d: %s", got.Rows, rows, diff)
	}
	var sum engine.Sums
	for _, part := range []string{"n < 1000", "n between 1000 and 250000", "n > 250000"} {
		s, err := db.Sums(ctx, fmt.Sprintf("select * from (%s) where %s", table, part))
		if err != nil {
			t.Fatal(err)
		}
		sum.Add(s)
	}
	if diff := cmp.Diff(got.Texts(), sum.Texts()); diff != "" {
		t.Errorf("the parts add up to something else: %s", diff)
	}
	last, err := db.Sums(ctx, fmt.Sprintf("select * from (%s) where n > 250000", table))
	if err != nil {
		t.Fatal(err)
	}
	sum.Sub(last)
	again, err := engine.ParseSums(sum.Rows, sum.Texts())
	if err != nil {
		t.Fatal(err)
	}
	again.Add(last)
	columns := []landing.Column{{Name: "s"}}
	if again.Digest(columns) != got.Digest(columns) {
		t.Error("rows taken away and added again change the digest")
	}

	before, after := filepath.Join(t.TempDir(), "before.parquet"), filepath.Join(t.TempDir(), "after.parquet")
	by, err := db.SumsBy(ctx, table, "s", before)
	if diff := cmp.Diff(got.Texts(), by.Texts()); err != nil || diff != "" {
		t.Errorf("by a column: %v, %s", err, diff)
	}
	changed := "select * replace (case when n = 17 then 'other' else name end as name) from (" + table + ") where n <> 25"
	if _, err := db.SumsBy(ctx, changed, "s", after); err != nil {
		t.Fatal(err)
	}
	var differing string
	err = db.QueryRow(ctx, fmt.Sprintf(`select string_agg(coalesce(a.s, b.s), ' ' order by a.s) from %s as a full join %s as b
		on b.s is not distinct from a.s where a.rows is distinct from b.rows or a.hash is distinct from b.hash`, engine.Quote(before), engine.Quote(after))).Scan(&differing)
	if err != nil || differing != "S4 S6" {
		t.Errorf("other rows for %q, %v; want S4 and S6", differing, err)
	}
}

// The bytes of a table do not depend on the number of threads.
func TestCopyIsReproducible(t *testing.T) {
	ctx := context.Background()
	var first store.Digest
	for threads := 1; threads <= 4; threads++ {
		db := open(t, threads)
		file := filepath.Join(t.TempDir(), "t.parquet")
		query := "select range as id, sha256(cast(range as varchar)) as h from range(300000) order by h"
		if err := db.CopyTo(ctx, query, file); err != nil {
			t.Fatal(err)
		}
		got, err := store.Sum(file)
		if err != nil {
			t.Fatal(err)
		}
		if threads == 1 {
			first = got
		} else if got != first {
			t.Errorf("%d threads gave other bytes", threads)
		}
	}
}

// Parts put together are the table, with what the footers of the parts said of their row groups.
func TestConcat(t *testing.T) {
	ctx, db, dir := context.Background(), open(t, 2), t.TempDir()
	const table = `select case when i % 5 > 0 then 'S' || lpad(cast(i as varchar), 6, '0') end as id, i as n, date '2026-01-01' + cast(i % 40 as integer) as d,
		case when i % 3 = 0 then '' else md5(cast(i as varchar)) end as text from range(30000) as t(i)`
	const stats = `select row_group_num_rows, path_in_schema, num_values, stats_min_value, stats_max_value, total_compressed_size from parquet_metadata(%s)`
	var parts, footers []string
	for i, where := range []string{"n < 9000", "n < 0", "n between 9000 and 9001", "n > 9001"} {
		parts = append(parts, filepath.Join(dir, fmt.Sprintf("%d.parquet", i)))
		if err := db.CopyTo(ctx, fmt.Sprintf("select * from (%s) where %s order by n", table, where), parts[i]); err != nil {
			t.Fatal(err)
		}
		footers = append(footers, fmt.Sprintf(stats, engine.Quote(parts[i])))
	}
	file := filepath.Join(dir, "all.parquet")
	if err := engine.Concat(parts, file); err != nil {
		t.Fatal(err)
	}
	for what, queries := range map[string][2]string{
		"rows":    {table, "select * from " + engine.Quote(file)},
		"places":  {"select n, n as row from (" + table + ")", "select n, file_row_number as row from read_parquet(" + engine.Quote(file) + ", file_row_number = true)"},
		"footers": {strings.Join(footers, " union all "), fmt.Sprintf(stats, engine.Quote(file))},
		"by text": {"select * from (" + table + ") where id = 'S009001'", "select * from " + engine.Quote(file) + " where id = 'S009001'"},
	} {
		wantRows, want, err := db.Digest(ctx, queries[0])
		if err != nil {
			t.Fatal(err)
		}
		if rows, got, err := db.Digest(ctx, queries[1]); err != nil || got != want || rows != wantRows {
			t.Errorf("%s: %d instead of %d, or others: %v", what, rows, wantRows, err)
		}
	}
	other := filepath.Join(dir, "other.parquet")
	if err := db.CopyTo(ctx, "select 1 as id", other); err != nil {
		t.Fatal(err)
	}
	if err := engine.Concat([]string{parts[0], other}, file); err == nil || !strings.Contains(err.Error(), "other.parquet to the parts before it: it has other columns") {
		t.Errorf("other columns: %v", err)
	}
}

// Of a sorted table each range has its rows, and few others.
func TestCut(t *testing.T) {
	ctx, db, dir := context.Background(), open(t, 2), t.TempDir()
	file := filepath.Join(dir, "all.parquet")
	const table = "select case when i < 40000 then 'S' || lpad(cast(i // 3 as varchar), 6, '0') end as id, i as n from range(60000) as t(i) order by id, n"
	if err := db.CopyTo(ctx, table, file); err != nil {
		t.Fatal(err)
	}
	ranges := []engine.Range{{Below: "S000001"}, {From: "S000001", Below: "S005000"}, {From: "S005000", Below: "S0050001"}, {From: "S0050001", Below: "S013000"}, {From: "S013000"}, {From: "T"}}
	var to []string
	for i := range len(ranges) + 1 {
		to = append(to, filepath.Join(dir, fmt.Sprintf("%d.parquet", i)))
	}
	if err := engine.Cut(file, "id", ranges, to); err != nil {
		t.Fatal(err)
	}
	for i, path := range to {
		where := " where id is null"
		if i < len(ranges) {
			where = fmt.Sprintf(" where id >= %s and (id < %[2]s or %[2]s = '')", engine.Quote(ranges[i].From), engine.Quote(ranges[i].Below))
		}
		wantRows, want, err := db.Digest(ctx, "select * from "+engine.Quote(file)+where)
		if err != nil {
			t.Fatal(err)
		}
		rows, got, err := db.Digest(ctx, "select * from "+engine.Quote(path)+where)
		if err != nil || rows != wantRows || got != want {
			t.Errorf("range %d: %d rows instead of %d, or others: %v", i, rows, wantRows, err)
		}
		var all int64
		if err := db.QueryRow(ctx, "select count(*) from "+engine.Quote(path)).Scan(&all); err != nil || all-rows >= 2*4096 {
			t.Errorf("range %d: %d rows, and %d of others: %v", i, rows, all-rows, err)
		}
	}
	if err := engine.Cut(file, "name", ranges, to); err == nil || !strings.Contains(err.Error(), "all.parquet has no column name") {
		t.Errorf("another column: %v", err)
	}
	if err := os.Truncate(file, 1000); err != nil {
		t.Fatal(err)
	}
	if err := engine.Cut(file, "id", ranges, to); err == nil || !strings.Contains(err.Error(), "all.parquet: this is no whole Parquet file") {
		t.Errorf("part of a file: %v", err)
	}
}

// What is picked are the row groups in which a value may stand.
func TestPick(t *testing.T) {
	ctx, db, dir := context.Background(), open(t, 2), t.TempDir()
	file, to := filepath.Join(dir, "all.parquet"), filepath.Join(dir, "picked.parquet")
	const table = "select case when i < 40000 then 'S' || lpad(cast(i // 3 as varchar), 6, '0') end as id, i as n from range(60000) as t(i) order by id, n"
	if err := db.CopyTo(ctx, table, file); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		values []string
		groups int // of 4096 rows, 1365 values and a third
	}{
		{nil, 0}, {[]string{"A"}, 0}, {[]string{"T"}, 0}, {[]string{"S000000"}, 1}, {[]string{"S001365"}, 2}, {[]string{"S001366"}, 1},
		{[]string{"A", "S000000", "S000007", "S0000071", "S013000", "T"}, 2}, {[]string{"S001364", "S001366"}, 2},
	} {
		if err := engine.Pick(file, "id", c.values, to); err != nil {
			t.Fatal(err)
		}
		where := " where id in ('" + strings.Join(c.values, "', '") + "')"
		wantRows, want, err := db.Digest(ctx, "select * from "+engine.Quote(file)+where)
		if err != nil {
			t.Fatal(err)
		}
		if rows, got, err := db.Digest(ctx, "select * from "+engine.Quote(to)+where); err != nil || rows != wantRows || got != want {
			t.Errorf("%v: %d rows instead of %d, or others: %v", c.values, rows, wantRows, err)
		}
		var groups int
		if err := db.QueryRow(ctx, "select count(distinct row_group_id) from parquet_metadata("+engine.Quote(to)+")").Scan(&groups); err != nil || groups != c.groups {
			t.Errorf("%v: %d row groups, want %d: %v", c.values, groups, c.groups, err)
		}
	}
}

// What is sorted whole and written is larger than the memory; the threads do not
// each hold a share of it that is not written yet.
func TestCopyKeepsToTheMemory(t *testing.T) {
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{Threads: 4, Memory: "150MB", TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const rows = "select sha256(cast(i as varchar)) as id, repeat(sha256(cast(i as varchar)), 8) as text from range(250000) as n (i) order by id"
	if err := db.CopyTo(ctx, rows, filepath.Join(t.TempDir(), "t.parquet")); err != nil {
		t.Error(err)
	}
	var threads int
	if err := db.QueryRow(ctx, "select current_setting('threads')").Scan(&threads); err != nil || threads != 4 {
		t.Errorf("%d threads are left, %v", threads, err)
	}
}

func TestLoadAndColumns(t *testing.T) {
	ctx, db := context.Background(), open(t, 1)
	columns := []landing.Column{{Name: "code", Type: "VARCHAR"}, {Name: "n", Type: "BIGINT"}, {Name: "d", Type: "DATE"}}
	day := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	if err := db.Load(ctx, "rules.things", columns, [][]any{{"a", int64(1), day}, {"b", nil, nil}}); err != nil {
		t.Fatal(err)
	}
	got, err := db.Columns(ctx, "select * from rules.things")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(columns, got); diff != "" {
		t.Error(diff)
	}
	var n int
	if err := db.QueryRow(ctx, "select count(*) from rules.things where d = date '2026-04-01' or n is null").Scan(&n); err != nil || n != 2 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestText(t *testing.T) {
	db := open(t, 1)
	for expr, want := range map[string]string{
		"null":                                 "",
		"1.50::decimal(5,2)":                   "1.50",
		"-0.05::decimal(5,2)":                  "-0.05",
		"0::decimal(5,2)":                      "0.00",
		"12::decimal(5,0)":                     "12",
		"date '2026-06-30'":                    "2026-06-30",
		"timestamp '2026-06-30 12:34:56'":      "2026-06-30 12:34:56",
		"true":                                 "true",
		"123456789012345678901234567::hugeint": "123456789012345678901234567",
	} {
		var v any
		if err := db.QueryRow(context.Background(), "select "+expr).Scan(&v); err != nil {
			t.Fatal(err)
		}
		if got := engine.Text(v); got != want {
			t.Errorf("%s is shown as %q, want %q", expr, got, want)
		}
	}
}
