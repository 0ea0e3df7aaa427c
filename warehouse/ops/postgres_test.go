package ops_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

// with sets a parameter of a data source name.
func with(t *testing.T, dsn, name, value string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	options := u.Query()
	options.Set(name, value)
	u.RawQuery = options.Encode()
	return u.String()
}

func TestOpenRefusesAServerThatMayForget(t *testing.T) {
	place := opstest.Postgres(t)
	for name, c := range map[string]struct{ place, want string }{
		"off":          {with(t, place, "synchronous_commit", "off"), "synchronous_commit is off"},
		"local":        {with(t, place, "synchronous_commit", "local"), "alter role exchange set synchronous_commit = on"},
		"no schema":    {with(t, place, "search_path", "nowhere"), "create schema nowhere authorization exchange"},
		"no name":      {"postgres://exchange:hush@:no/", "it is no data source name"},
		"unknown name": {with(t, place, "sslmode", "hush"), "it is no data source name"},
	} {
		_, err := ops.Open(t.Context(), c.place)
		if !errors.Is(err, ops.ErrSetup) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	_, err := ops.Open(t.Context(), "postgres://exchange:hush@127.0.0.1:1/exchange")
	if !errors.Is(err, ops.ErrUnavailable) || strings.Contains(err.Error(), "hush") {
		t.Errorf("nobody listens: got %v", err)
	}
}

// A server that ends the connections says so once, and the next call goes on.
func TestAStoreOutlivesItsConnections(t *testing.T) {
	place := opstest.Postgres(t)
	s := opstest.Open(t, place)
	release, err := s.Lock("draw")
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, 1)
	// Of this store alone: others of the same server are at work beside it.
	raw(t, place, `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
		and lpad(to_hex(classid::bigint), 8, '0') || lpad(to_hex(objid::bigint), 8, '0') =
			left(encode(sha256(convert_to('rongxin operations store' || chr(10) || current_schema() || chr(10) || 'lock' || chr(10) || 'draw', 'utf8')), 'hex'), 16)`)
	if err := release(); err == nil || !strings.Contains(err.Error(), "lock draw was lost before its release") {
		t.Errorf("released a lock that the server forgot: %v", err)
	}
	if release, err = s.Lock("draw"); err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	fill(t, s, 1)
}

// column is one column of a table, in words that both systems share.
type column struct {
	Table, Name, Kind string
	NotNull           bool
}

func columns(t *testing.T, place, query string) (list []column) {
	t.Helper()
	rows, err := opstest.Raw(t, place).Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.Table, &c.Name, &c.Kind, &c.NotNull); err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	if err := rows.Err(); err != nil || len(list) == 0 {
		t.Fatal("no columns", err)
	}
	return list
}

// Every table has the same columns on both systems, and every text of PostgreSQL
// compares byte by byte.
func TestSchemasAreOne(t *testing.T) {
	file, server := opstest.SQLite(t), opstest.Postgres(t)
	opstest.Open(t, file)
	opstest.Open(t, server)
	want := columns(t, file, `select t.name, c.name, lower(c.type), c."notnull" or c.pk > 0 from sqlite_schema as t, pragma_table_info(t.name) as c
		where t.type = 'table' and t.name not like 'sqlite_%' order by t.name, c.name`)
	kind := `case when data_type = 'bigint' then 'integer' when data_type = 'bytea' then 'blob'
		when data_type = 'text' and collation_name = 'C' then 'text' else data_type || coalesce(' of collation ' || collation_name, '') end`
	got := columns(t, server, fmt.Sprintf(`select c.table_name::text, c.column_name::text, %s, is_nullable = 'NO' from information_schema.columns as c
		join information_schema.tables as t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
		where c.table_schema = current_schema() order by c.table_name::text collate "C", c.column_name::text collate "C"`, kind))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
