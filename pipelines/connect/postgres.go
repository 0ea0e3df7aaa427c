package connect

import (
	"database/sql"
	"errors"
	"regexp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

func openPostgres(dsn string, c Config) (*sql.DB, string, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, "", err
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	for name, value := range c.Session {
		cfg.RuntimeParams[name] = value
	}
	return stdlib.OpenDB(*cfg), cfg.Password, nil
}

// postgresClass reads SQLSTATE, PostgreSQL appendix A.
func postgresClass(err error) error {
	var fault *pgconn.PgError
	if !errors.As(err, &fault) {
		if connect := new(pgconn.ConnectError); errors.As(err, &connect) {
			return ErrTemporary
		}
		return nil
	}
	switch fault.Code[:2] {
	case "08", "40", "53", "55", "57", "58": // connection, rollback, resources, in use, called off, the server's own system
		if fault.Code == "55000" {
			return nil
		}
		return ErrTemporary
	case "28", "3D", "3F", "42": // login, database, schema, privileges and names
		return ErrSetup
	}
	return nil
}

// postgresData reads the classes of data exceptions and of broken constraints.
func postgresData(err error) (code, words string, ok bool) {
	var fault *pgconn.PgError
	if !errors.As(err, &fault) || fault.Code[:2] != "22" && fault.Code[:2] != "23" {
		return "", "", false
	}
	words = fault.Message
	if fault.Code[:2] == "22" { // what is quoted there is the value; elsewhere it is a column or constraint
		words = quotedValue.ReplaceAllString(words, `"…"`)
	}
	return "SQLSTATE_" + fault.Code, words, true
}

var quotedValue = regexp.MustCompile(`(?s)"[^"]*"`)
