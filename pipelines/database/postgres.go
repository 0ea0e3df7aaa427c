package database

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
)

type postgres struct{}

func (postgres) mark() string { return `"` }

func (postgres) placeholder() string { return "$1" }

func (postgres) session(_ string, timeout time.Duration) []string {
	return []string{
		"set client_encoding = 'UTF8'", "set datestyle = 'ISO'", "set time zone 'Asia/Shanghai'", "set extra_float_digits = 1",
		fmt.Sprintf("set statement_timeout = %d", timeout.Milliseconds()), fmt.Sprintf("set lock_timeout = %d", timeout.Milliseconds()),
	}
}

func (postgres) columns(ctx context.Context, tx *sql.Tx, schema, table string) ([]column, error) {
	rows, err := tx.QueryContext(ctx, `
		select a.attname::text, coalesce(b.typname, t.typname)::text, t.typcategory::text, not a.attnotnull,
			case when t.typtype = 'd' then format_type(b.oid, t.typtypmod) else format_type(t.oid, a.atttypmod) end
		from pg_catalog.pg_class c
		join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		join pg_catalog.pg_type t on t.oid = a.atttypid
		left join pg_catalog.pg_type b on t.typtype = 'd' and b.oid = t.typbasetype
		where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')
		order by a.attnum`, schema, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []column
	for rows.Next() {
		var c column
		var typeName, category string
		if err := rows.Scan(&c.name, &typeName, &category, &c.nullable, &c.sqlType); err != nil {
			return nil, err
		}
		name, err := quote(postgres{}, c.name)
		if err != nil {
			return nil, err
		}
		c.kind = postgresKind(typeName, category, c.sqlType)
		c.value, c.key, c.param = name+"::text", name+"::text", "%s::text::"+c.sqlType
		switch typeName {
		case "timestamptz": // kept as the time in China, whose summer times of 1986 to 1991 make it ambiguous as a key
			c.value = name + "::timestamp::text"
			c.key, c.param = postgresInstant(name+" at time zone 'UTC'"), "(%s::text::timestamp at time zone 'UTC')"
		case "timestamp", "date":
			c.key, c.param = postgresInstant(name+"::timestamp"), "%s::text::timestamp::"+typeName
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

func postgresInstant(expression string) string {
	return "to_char(" + expression + ", 'YYYY-MM-DD HH24:MI:SS.US')"
}

func postgresKind(typeName, category, sqlType string) kind {
	switch {
	case typeName == "int2", typeName == "int4", typeName == "int8", typeName == "numeric" && strings.HasSuffix(sqlType, ",0)"):
		return whole
	case typeName == "date", typeName == "timestamp", typeName == "timestamptz":
		return instant
	case typeName == "numeric", typeName == "uuid":
		return exact
	case category == "S":
		return text
	case slices.Contains([]string{"float4", "float8", "bool", "time", "json", "jsonb", "xml"}, typeName), category == "E":
		return loose
	}
	return unfit
}

func (postgres) unique(ctx context.Context, tx *sql.Tx, schema, table string) ([][]string, bool, error) {
	var relation string
	err := tx.QueryRowContext(ctx, `select c.relkind::text from pg_catalog.pg_class c
		join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`, schema, table).Scan(&relation)
	if err != nil || relation == "v" || relation == "f" {
		return nil, false, err
	}
	list, err := stringsOf(tx.QueryContext(ctx, `select string_agg(a.attname::text, E'\n')
		from pg_catalog.pg_index i
		join pg_catalog.pg_class c on c.oid = i.indrelid
		join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		cross join unnest(i.indkey::int[]) with ordinality as k (attnum, place)
		join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
		where n.nspname = $1 and c.relname = $2 and i.indisunique and i.indisvalid
			and i.indpred is null and i.indexprs is null and k.place <= i.indnkeyatts
		group by i.indexrelid`, schema, table))
	return splitSets(list), true, err
}

// splitSets reads sets of names, one a text, one name a line.
func splitSets(list []string) [][]string {
	sets := make([][]string, len(list))
	for i, names := range list {
		sets[i] = strings.Split(names, "\n")
	}
	return sets
}

func (postgres) after(keys, params []string) (condition string, args []int) {
	for i := range params {
		params[i] = fmt.Sprintf(params[i], fmt.Sprintf("$%d", i+1))
		args = append(args, i)
	}
	return "(" + strings.Join(keys, ", ") + ") > (" + strings.Join(params, ", ") + ")", args
}

func (postgres) now(c *column) string {
	if strings.HasSuffix(c.sqlType, " with time zone") {
		return postgresInstant("now() at time zone 'UTC'")
	}
	return postgresInstant("localtimestamp")
}
