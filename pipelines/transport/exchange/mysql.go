package exchange

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"rongxin/pipelines/publish"
)

type mysql struct{}

// session makes a value that does not fit an error, as the standard has it.
func (mysql) session(timeout time.Duration) map[string]string {
	seconds := strconv.Itoa(max(1, int(timeout.Seconds())))
	return map[string]string{
		"sql_mode": "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO'", "time_zone": "'+08:00'",
		"innodb_lock_wait_timeout": seconds, "lock_wait_timeout": seconds,
	}
}

func (mysql) quote(name string) string { return "`" + name + "`" }

func (mysql) param(int) string { return "?" }

func (mysql) shared() string { return " lock in share mode" }

func (mysql) insertNew() (before, after string) { return "insert ignore into ", "" }

func (mysql) now() string { return "unix_timestamp()" }

func (mysql) byBytes(column string) string { return column + " collate utf8mb4_bin" }

// What one statement of MySQL takes: at most 65535 parameters, and no more than
// is worth preparing.
const (
	maxParams = 60_000
	maxRows   = 250
)

// write inserts many rows with each statement, which is prepared once for all of
// its size.
func (mysql) write(ctx context.Context, _ *sql.Conn, tx *sql.Tx, t table, m *publish.Message) error {
	var statement *sql.Stmt // the transaction closes it
	values, args := make([]value, len(t.columns)), []any(nil)
	size, prepared := min(maxRows, maxParams/len(t.columns)), 0
	for from := 0; from < len(m.Rows); from += size {
		size = min(size, len(m.Rows)-from)
		args = args[:0]
		for i := from; i < from+size; i++ {
			if err := t.row(m, i, values); err != nil {
				return err
			}
			for _, v := range values {
				if v.set {
					args = append(args, v.text)
				} else {
					args = append(args, nil)
				}
			}
		}
		if size != prepared {
			var err error
			if statement, err = tx.PrepareContext(ctx, insertInto(t, size)); err != nil {
				return err
			}
			prepared = size
		}
		if _, err := statement.ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// insertInto is a statement that inserts so many rows.
func insertInto(t table, rows int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(t.columns)), ", ") + "), "
	return "insert into " + t.name + " (" + strings.Join(t.columns, ", ") + ") values " + strings.TrimSuffix(strings.Repeat(one, rows), ", ")
}

func (mysql) columns(ctx context.Context, tx *sql.Tx, schema, table string) ([]found, error) {
	rows, err := tx.QueryContext(ctx, `
		select column_name, lower(data_type), if(lower(data_type) in ('text', 'mediumtext', 'longtext'), 0, coalesce(character_maximum_length, 0)), is_nullable = 'YES',
			column_default is not null or extra <> ''
		from information_schema.columns
		where table_schema = coalesce(nullif(?, ''), database()) and table_name = ? order by ordinal_position`, schema, table)
	return scanColumns(rows, err, map[string]kind{
		"varchar": text, "char": text, "text": text, "mediumtext": text, "longtext": text,
		"tinyint": whole, "smallint": whole, "mediumint": whole, "int": whole, "bigint": whole, "decimal": whole,
		"datetime": instant, "timestamp": instant, "date": day,
	})
}
