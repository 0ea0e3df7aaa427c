package exchange

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"rongxin/pipelines/publish"
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

// write copies the rows, which are rendered while the server takes those before.
func (postgres) write(ctx context.Context, conn *sql.Conn, _ *sql.Tx, t table, m *publish.Message) error {
	statement := "copy " + t.name + " (" + strings.Join(t.columns, ", ") + ") from stdin"
	return conn.Raw(func(driver any) error {
		rows := &copier{table: t, message: m, values: make([]value, len(t.columns))}
		tag, err := driver.(*stdlib.Conn).Conn().PgConn().CopyFrom(ctx, rows, statement)
		switch {
		case rows.err != nil:
			return rows.err // the server only says that the copying was called off
		case err == nil && tag.RowsAffected() != int64(len(m.Rows)):
			return fmt.Errorf("%d of %d rows were copied", tag.RowsAffected(), len(m.Rows))
		}
		return err
	})
}

// copier reads as a batch in the text format of COPY.
type copier struct {
	table   table
	message *publish.Message
	next    int // row
	values  []value
	lines   []byte // rendered, and not yet read from at on
	at      int
	err     error
}

const copyChunk = 64 << 10

func (c *copier) Read(p []byte) (int, error) {
	if c.at == len(c.lines) {
		c.lines, c.at = c.lines[:0], 0
		for c.next < len(c.message.Rows) && len(c.lines) < copyChunk {
			if c.err = c.table.row(c.message, c.next, c.values); c.err != nil {
				return 0, c.err
			}
			c.lines = appendLine(c.lines, c.values)
			c.next++
		}
		if len(c.lines) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, c.lines[c.at:])
	c.at += n
	return n, nil
}

// appendLine writes a row with the escapes of COPY, PostgreSQL manual, "Text
// Format".
func appendLine(line []byte, values []value) []byte {
	for i, v := range values {
		if i > 0 {
			line = append(line, '\t')
		}
		switch {
		case !v.set:
			line = append(line, `\N`...)
		case strings.ContainsAny(v.text, "\\\t\n\r"):
			line = append(line, copyEscapes.Replace(v.text)...)
		default:
			line = append(line, v.text...)
		}
	}
	return append(line, '\n')
}

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
