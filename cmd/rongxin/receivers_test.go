package main

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// mysqlSchema makes an empty database, which is dropped with the script.
func mysqlSchema(ts *testscript.TestScript, args []string) error {
	dsn := os.Getenv("TEST_MYSQL_DSN")
	if dsn == "" {
		return errors.New("TEST_MYSQL_DSN is not set: put scripts/servers.sh before the command")
	}
	name := "script_" + strings.ToLower(rand.Text())
	server, _, _ := strings.Cut(dsn, "/")
	if err := executeAt(dsn, "create database "+name); err != nil {
		return err
	}
	ts.Defer(func() { ts.Check(executeAt(dsn, "drop database "+name)) })
	return os.WriteFile(ts.MkAbs(args[0]), []byte(server+"/"+name+"\n"), 0o600)
}

func execute(ts *testscript.TestScript, args []string) error {
	dsn := strings.TrimSpace(ts.ReadFile(args[1]))
	return executeAt(dsn, strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), ";\n")...)
}

func executeAt(dsn string, statements ...string) error {
	driver := "mysql"
	if strings.HasPrefix(dsn, "postgres://") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.Exec(strings.TrimSuffix(statement, ";")); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}
