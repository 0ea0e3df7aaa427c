package query_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/query"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// session opens a run of two small tables.
func session(t *testing.T) *query.Session {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	db, err := engine.Open(ctx, engine.Config{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r := &run.Run{ID: "2026-06-30-00000000", Dir: dir}
	for name, rows := range map[string]string{
		"lists.supervision": "select 'S' || i as subject_id, i as supervision_class from range(3) as t(i)",
		"marts.records":     "select 'R1' as record_id, 'S1' as subject_id",
	} {
		path := run.TablePath(dir, name)
		if err := store.MakeDirs(filepath.Dir(path)); err != nil {
			t.Fatal(err)
		}
		if err := db.CopyTo(ctx, rows, path); err != nil {
			t.Fatal(err)
		}
		sum, err := store.Sum(path)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := db.Columns(ctx, rows)
		if err != nil {
			t.Fatal(err)
		}
		r.Manifest.Tables = append(r.Manifest.Tables, run.TableEntry{Name: name, File: sum, Columns: columns})
	}
	s, err := query.Open(ctx, r, engine.Config{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Each of these would read or change something else than the run.
func TestRefused(t *testing.T) {
	s := session(t)
	for _, text := range []string{
		"select * from read_csv('/etc/passwd')", "from read_text('/etc/passwd')", "select * from glob('/*')",
		"select (select count(*) from parquet_metadata('x'))", "with a as (from read_blob('/etc/passwd')) from a",
		"select * from query('select 1')", "select * from query_table('lists.supervision')", "select * from duckdb_settings()",
		"select 1 where exists (from read_json('x'))", "select 1; select 2", "", "-- nothing",
		"copy (select 1) to 'x'", "attach 'x'", "install httpfs", "load httpfs", "set threads = 1", "pragma database_list",
		"create table x as select 1", "drop view lists.supervision", "insert into lists.supervision select 'a', 1",
		"call enable_logging()", "export database 'x'", "explain analyze copy (select 1) to 'x'", "use main", "begin", "checkpoint",
	} {
		if _, err := s.Ask(context.Background(), text, query.Text(query.CSV, &bytes.Buffer{}, 0)); !errors.Is(err, query.ErrRefused) {
			t.Errorf("%q: %v, want a refusal", text, err)
		}
	}
	// The lock behind the gate: a name that the engine would take for a file.
	for _, text := range []string{"from '/etc/hosts.csv'", "from 'x.parquet'", "summarize '/etc/hosts.csv'"} {
		_, err := s.Ask(context.Background(), text, query.Text(query.CSV, &bytes.Buffer{}, 0))
		if err == nil || !strings.Contains(err.Error(), "Permission Error") {
			t.Errorf("%q: %v, want the lock", text, err)
		}
	}
}

func TestAsked(t *testing.T) {
	s := session(t)
	for _, tt := range []struct{ text, format, want string }{
		{"select * from lists.supervision order by 1 limit 1;", query.CSV, "subject_id,supervision_class\nS0,0\n"},
		{"select l.subject_id from LISTS.Supervision as l join marts.records using (subject_id)", query.NDJSON, `{"subject_id":"S1"}` + "\n"},
		{"from unnest([1, 2]) as t(n)", query.JSON, "[\n{\"n\":1},\n{\"n\":2}\n]\n"},
		{"select 'a' || chr(27) || '[2J' || chr(10) as x, 'e' || chr(769) as y", query.Table, "x       y\na␣[2J␣  é\n"},
		{"select cast('nan' as double) as a, map {'k': 1} as m", query.NDJSON, `{"a":null,"m":{"k":1}}` + "\n"},
		{"values (1)", query.CSV, "col0\n1\n"},
	} {
		var out bytes.Buffer
		if _, err := s.Ask(context.Background(), tt.text, query.Text(tt.format, &out, 0)); err != nil {
			t.Errorf("%q: %v", tt.text, err)
		}
		if diff := cmp.Diff(strings.ReplaceAll(tt.want, "é", "e\u0301"), out.String()); diff != "" {
			t.Errorf("%q: %s", tt.text, diff)
		}
	}
}

// A table that is wider than the terminal is printed one value a line, and rows
// after those that the widths are taken from are not lost.
func TestTable(t *testing.T) {
	write := func(width, rows int) string {
		var out bytes.Buffer
		sink := query.Text(query.Table, &out, width)
		err := sink.Begin([]landing.Column{{Name: "名称", Type: "VARCHAR"}, {Name: "n", Type: "BIGINT"}})
		for i := 0; i < rows && err == nil; i++ {
			err = sink.Row([]any{"榕", int64(i)})
		}
		if err = errors.Join(err, sink.End()); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if got, want := write(7, 1), "名称  n\n榕    0\n"; got != want {
		t.Errorf("fits: %q, want %q", got, want)
	}
	if got, want := write(6, 1), "[1]\n名称  榕\nn     0\n"; got != want {
		t.Errorf("too wide: %q, want %q", got, want)
	}
	if got := strings.Count(write(0, 2500), "\n"); got != 2501 {
		t.Errorf("%d lines of 2500 rows", got)
	}
	if got := write(0, 0); got != "名称  n\n" {
		t.Errorf("no rows: %q", got)
	}
}

func TestCancelled(t *testing.T) {
	s := session(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Ask(ctx, "select count(*) from range(100000000000)", query.Text(query.CSV, &bytes.Buffer{}, 0)); err == nil {
		t.Error("a cancelled statement was answered")
	}
	if _, err := s.Ask(context.Background(), "select 1", query.Text(query.CSV, &bytes.Buffer{}, 0)); err != nil {
		t.Errorf("after a cancelled statement: %v", err)
	}
}

func TestComplete(t *testing.T) {
	s := session(t)
	for _, tt := range []struct{ before, after, word, want string }{
		{"select * from li", "", "li", "lists.supervision"},
		{"select * from ", "", "", "lists.supervision marts.records"},
		{"sel", "", "sel", "select"},
		{"SEL", "", "SEL", "SELECT"},
		{"select sup", " from lists.supervision", "sup", "supervision_class"},
		{"select x.s", " from lists.supervision as x", "x.s", "x.subject_id x.supervision_class"},
		{"select * from lists.supervision l join marts.records r on r.", "", "r.", "r.record_id r.subject_id"},
		{"select '福州' as 区域 from lists.s", "", "lists.s", "lists.supervision"},
		{"select * from lists.supervision.", "", "lists.supervision.", "lists.supervision.subject_id lists.supervision.supervision_class"},
		{"select zz", "", "zz", ""},
	} {
		word, got := s.Complete(tt.before, tt.before+tt.after)
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" || word != tt.word {
			t.Errorf("%q: word %q: %s", tt.before, word, diff)
		}
	}
}

func TestNext(t *testing.T) {
	for _, tt := range []struct {
		text, statement, rest string
		whole                 bool
	}{
		{"select 1; select 2", "select 1", " select 2", true},
		{"select ';', \"a;\" -- ;\n, 2;", "select ';', \"a;\" -- ;\n, 2", "", true},
		{"select 'it''s;' /* ; */;x", "select 'it''s;' /* ; */", "x", true},
		{"select $$;$$, $t$;$t$;", "select $$;$$, $t$;$t$", "", true},
		{"select $1, $2;", "select $1, $2", "", true},
		{"select 'open;", "select 'open;", "", false},
		{"select 1", "select 1", "", false},
	} {
		statement, rest, whole := query.Next(tt.text)
		if statement != tt.statement || rest != tt.rest || whole != tt.whole {
			t.Errorf("%q: %q, %q, %v", tt.text, statement, rest, whole)
		}
	}
	if got := query.OneLine("select 1, -- one\n  'a  b'\n/* two\n lines */ from\tt"); got != "select 1, 'a  b' from t" {
		t.Errorf("on one line: %q", got)
	}
	if !query.Blank(" -- c\n /* ; */ ;") || query.Blank("select") {
		t.Error("blank")
	}
}

// What the shell cuts is all of what was written, and cutting ends.
func FuzzNext(f *testing.F) {
	for _, seed := range []string{"select 1; select 2", "';", "$a$;$a", "/*", "--", "\"", "$$", "select '榕;'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for rest, whole := text, true; whole; {
			before := len(rest)
			if _, rest, whole = query.Next(rest); whole && len(rest) >= before {
				t.Fatal("nothing was cut off")
			}
		}
		query.OneLine(text)
	})
}

// A Parquet file has the types and the order of the answer, whatever kind of
// statement was asked.
func TestParquet(t *testing.T) {
	ctx, s := context.Background(), session(t)
	file := filepath.Join(t.TempDir(), "answer.parquet")
	ask := func(statement string) int64 {
		t.Helper()
		var rows int64
		err := store.Write(file, 0o600, func(w io.Writer) (err error) {
			rows, err = s.AskParquet(ctx, statement, w)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	rows := ask("select i as n, cast(1.5 as decimal(9, 2)) as x from range(20000) as t(i) order by i desc; -- downwards")
	db, err := engine.Open(ctx, engine.Config{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var upwards int64
	var kind string
	err = db.QueryRow(ctx, "select count_if(n >= before), any_value(typeof(x)) from (select *, lag(n) over () as before from "+engine.Quote(file)+")").Scan(&upwards, &kind)
	if err != nil || rows != 20000 || upwards != 0 || kind != "DECIMAL(9,2)" {
		t.Errorf("%d rows, %d of them upwards, %s, %v", rows, upwards, kind, err)
	}
	if rows := ask("describe lists.supervision"); rows != 2 {
		t.Errorf("%d columns described", rows)
	}
	if _, err := s.AskParquet(ctx, "select 1) to 'x'; copy (select 2", io.Discard); err == nil {
		t.Error("a statement broke out of its brackets")
	}
}
