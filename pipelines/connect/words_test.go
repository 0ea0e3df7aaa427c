package connect

import (
	"errors"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

// What a server says of a row may end in a log, and rows hold names and numbers.
func TestWordsDoNotHoldTheValue(t *testing.T) {
	const value = "张三 it's \"so\""
	for _, fault := range []error{
		&driver.MySQLError{Number: 1062, Message: "Duplicate entry '" + value + "' for key 'PRIMARY'"},
		&driver.MySQLError{Number: 1366, Message: "Incorrect integer value: '" + value + "' for column `d`.`t`.`points` at row 1"},
		&driver.MySQLError{Number: 1292, Message: "Incorrect datetime value: '" + value + "' for column 'cd_time' at row 2"},
		&pgconn.PgError{Code: "22P02", Message: `invalid input syntax for type bigint: "` + "张三" + `"`},
		&pgconn.PgError{Code: "22003", Message: `value "张三" is out of range for type integer`},
	} {
		code, words, ok := mysqlData(fault)
		if !ok {
			code, words, ok = postgresData(fault)
		}
		if !ok || code == "" || strings.Contains(words, "张三") || strings.Contains(words, "so") && strings.Contains(words, "it's") {
			t.Errorf("%v: %s %s %v", fault, code, words, ok)
		}
	}
	for _, fault := range []error{
		&driver.MySQLError{Number: 1406, Message: "Data too long for column 'subject_name' at row 1"},
		&pgconn.PgError{Code: "23502", Message: `null value in column "subject_name" of relation "t" violates not-null constraint`},
	} {
		_, words, ok := mysqlData(fault)
		if !ok {
			_, words, _ = postgresData(fault)
		}
		if !strings.Contains(words, "subject_name") {
			t.Errorf("%v: the column does not show: %s", fault, words)
		}
	}
	for _, fault := range []error{errors.New("other"), &driver.MySQLError{Number: 1205}, &pgconn.PgError{Code: "40001"}} {
		if _, _, ok := mysqlData(fault); ok {
			t.Errorf("%v is about a row", fault)
		}
		if _, _, ok := postgresData(fault); ok {
			t.Errorf("%v is about a row", fault)
		}
	}
}
