package database

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// mysql reads MySQL and MariaDB.
type mysql struct{}

func (mysql) mark() string { return "`" }

func (mysql) placeholder() string { return "?" }

// session asks for text as it is stored: the server would turn what it cannot
// convert into question marks.
func (mysql) session(version string, timeout time.Duration) []string {
	limit := fmt.Sprintf("set session max_execution_time = %d", timeout.Milliseconds())
	if strings.Contains(version, "MariaDB") {
		limit = fmt.Sprintf("set session max_statement_time = %g", timeout.Seconds())
	}
	return []string{"set session time_zone = '+08:00'", "set session character_set_results = null", limit,
		fmt.Sprintf("set session lock_wait_timeout = %d", max(1, int(timeout.Seconds())))}
}

func (mysql) columns(ctx context.Context, tx *sql.Tx, schema, table string) ([]column, error) {
	rows, err := tx.QueryContext(ctx, `select column_name, lower(data_type), lower(column_type), is_nullable = 'YES',
			coalesce(character_set_name, ''), coalesce(collation_name, ''), coalesce(numeric_scale, 0)
		from information_schema.columns where table_schema = ? and table_name = ? order by ordinal_position`, schema, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []column
	for rows.Next() {
		var c column
		var dataType, charset string
		var scale int
		if err := rows.Scan(&c.name, &dataType, &c.sqlType, &c.nullable, &charset, &c.collation, &scale); err != nil {
			return nil, err
		}
		name, err := quote(mysql{}, c.name)
		if err != nil {
			return nil, err
		}
		c.kind = mysqlKind(dataType, scale)
		c.value = "cast(" + name + " as char)"
		c.key = c.value
		switch {
		case charset != "" && c.kind != unfit: // enum and set are texts that are no key
			c.value, c.key = name, name
			c.param = "convert(%s using " + charset + ") collate " + c.collation
			if c.decode = decoderOf(charset); c.decode == nil {
				c.kind, c.sqlType = unfit, c.sqlType+" character set "+charset
			}
		case c.kind == instant:
			c.key = "date_format(" + name + ", '%Y-%m-%d %H:%i:%s.%f')"
			c.param = "cast(%s as datetime(6))"
			if dataType == "date" {
				c.param = "cast(%s as date)"
			}
		case strings.Contains(c.sqlType, "unsigned"):
			c.param = "cast(%s as unsigned)"
		case c.kind == whole:
			c.param = "cast(%s as signed)"
		default:
			c.param = "cast(%s as decimal(65,30))"
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

func mysqlKind(dataType string, scale int) kind {
	switch dataType {
	case "tinyint", "smallint", "mediumint", "int", "bigint", "year":
		return whole
	case "decimal":
		if scale == 0 {
			return whole
		}
		return exact
	case "date", "datetime", "timestamp":
		return instant
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext":
		return text
	case "float", "double", "time", "enum", "set", "json", "uuid", "inet6":
		return loose
	}
	return unfit
}

func (mysql) unique(ctx context.Context, tx *sql.Tx, schema, table string) ([][]string, bool, error) {
	var kind string
	err := tx.QueryRowContext(ctx, `select table_type from information_schema.tables where table_schema = ? and table_name = ?`,
		schema, table).Scan(&kind)
	if err != nil || kind != "BASE TABLE" {
		return nil, false, err
	}
	list, err := stringsOf(tx.QueryContext(ctx, `select group_concat(column_name separator '\n')
		from information_schema.statistics where table_schema = ? and table_name = ? and non_unique = 0
		group by index_name having sum(sub_part is not null) = 0 and count(*) = count(column_name)`, schema, table))
	return splitSets(list), true, err
}

// after spells the order out, which the server turns into ranges of an index;
// a comparison of rows would read the whole of it.
func (mysql) after(keys, params []string) (condition string, args []int) {
	for i := range params {
		params[i] = fmt.Sprintf(params[i], "?")
	}
	var any []string
	for i := range keys {
		var all []string
		for j := range i {
			all = append(all, keys[j]+" = "+params[j])
			args = append(args, j)
		}
		any = append(any, strings.Join(append(all, keys[i]+" > "+params[i]), " and "))
		args = append(args, i)
	}
	return "(" + strings.Join(any, " or ") + ")", args
}

func (mysql) now(*column) string { return "date_format(now(6), '%Y-%m-%d %H:%i:%s.%f')" }
