package exchange

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

type postgres struct{}

func (postgres) session(timeout time.Duration) map[string]string {
	milliseconds := strconv.FormatInt(timeout.Milliseconds(), 10)
	return map[string]string{
		"client_encoding": "UTF8", "datestyle": "ISO", "timezone": "Asia/Shanghai", "standard_conforming_strings": "on",
		"statement_timeout": milliseconds, "lock_timeout": milliseconds, "idle_in_transaction_session_timeout": milliseconds,
	}
}

func (postgres) quote(name string) string { return `"` + name + `"` }

func (postgres) param(n int) string { return "$" + strconv.Itoa(n) }

func (postgres) shared() string { return " for share" }

func (postgres) insertNew() (before, after string) { return "insert into ", " on conflict do nothing" }

func (postgres) now() string { return "cast(extract(epoch from clock_timestamp()) as bigint)" }

func (postgres) byBytes(column string) string { return column + ` collate "C"` }

// write copies the rows in the text format of COPY.
func (postgres) write(ctx context.Context, conn *sql.Conn, _ *sql.Tx, t table, rows [][]value) error {
	var b bytes.Buffer
	for _, row := range rows {
		for i, v := range row {
			if i > 0 {
				b.WriteByte('\t')
			}
			if v == nil {
				b.WriteString(`\N`)
			} else {
				copyEscapes.WriteString(&b, *v)
			}
		}
		b.WriteByte('\n')
	}
	statement := "copy " + t.name + " (" + strings.Join(t.columns, ", ") + ") from stdin"
	return conn.Raw(func(driver any) error {
		tag, err := driver.(*stdlib.Conn).Conn().PgConn().CopyFrom(ctx, &b, statement)
		if err == nil && tag.RowsAffected() != int64(len(rows)) {
			err = fmt.Errorf("%d of %d rows were copied", tag.RowsAffected(), len(rows))
		}
		return err
	})
}

// copyEscapes are those of COPY, PostgreSQL manual, "Text Format".
var copyEscapes = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

func (postgres) columns(ctx context.Context, tx *sql.Tx, schema, table string) ([]found, error) {
	rows, err := tx.QueryContext(ctx, `
		select column_name, data_type, coalesce(character_maximum_length, 0), is_nullable = 'YES',
			column_default is not null or is_identity = 'YES' or is_generated <> 'NEVER'
		from information_schema.columns
		where table_schema = coalesce(nullif($1, ''), current_schema()) and table_name = $2 order by ordinal_position`, schema, table)
	return scanColumns(rows, err, map[string]kind{
		"character varying": text, "character": text, "text": text,
		"smallint": whole, "integer": whole, "bigint": whole, "numeric": whole,
		"timestamp without time zone": instant, "date": day,
	})
}
