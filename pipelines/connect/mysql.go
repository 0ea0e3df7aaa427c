package connect

import (
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"strconv"

	driver "github.com/go-sql-driver/mysql"
)

func openMySQL(dsn string, c Config) (*sql.DB, string, error) {
	cfg, err := driver.ParseDSN(dsn)
	if err != nil {
		return nil, "", err
	}
	cfg.ParseTime, cfg.InterpolateParams, cfg.MultiStatements, cfg.AllowAllFiles = false, false, false, false
	cfg.Logger = &driver.NopLogger{}
	if cfg.Timeout == 0 {
		cfg.Timeout = connectTimeout
	}
	if cfg.ReadTimeout == 0 {
		cfg.ReadTimeout = c.Read
	}
	for name, value := range c.Session {
		if cfg.Params == nil {
			cfg.Params = map[string]string{}
		}
		cfg.Params[name] = value
	}
	connector, err := driver.NewConnector(cfg)
	if err != nil {
		return nil, "", err
	}
	return sql.OpenDB(connector), cfg.Passwd, nil
}

// Error numbers of the MySQL and MariaDB manuals.
var (
	mysqlTemporary = []uint16{1040, 1053, 1077, 1152, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226, 1317, 1927, 1969, 3024, 4031}
	mysqlSetup     = []uint16{1044, 1045, 1049, 1054, 1109, 1130, 1136, 1142, 1143, 1146, 1227, 1356, 1364, 1449, 1698}
	// Doubled key, null, out of range, wrong, too long, not of the character set,
	// row too long, against a constraint (MySQL, MariaDB), no partition, no such
	// foreign row.
	mysqlRow = []uint16{1062, 1048, 1264, 1265, 1292, 1366, 1406, 1118, 3819, 4025, 1526, 1452}
)

func mysqlClass(err error) error {
	var fault *driver.MySQLError
	switch {
	case errors.Is(err, driver.ErrInvalidConn):
		return ErrTemporary
	case !errors.As(err, &fault):
		return nil
	case slices.Contains(mysqlTemporary, fault.Number):
		return ErrTemporary
	case slices.Contains(mysqlSetup, fault.Number):
		return ErrSetup
	}
	return nil
}

func mysqlData(err error) (code, words string, ok bool) {
	var fault *driver.MySQLError
	if !errors.As(err, &fault) || !slices.Contains(mysqlRow, fault.Number) {
		return "", "", false
	}
	words = fault.Message
	if slices.Contains(mysqlQuoted, fault.Number) {
		words = mysqlValue.ReplaceAllString(words, "$1'…'$2")
	}
	return "MYSQL_" + strconv.Itoa(int(fault.Number)), words, true
}

// Messages that begin with the value: doubled, and wrong in two ways.
var (
	mysqlQuoted = []uint16{1062, 1292, 1366}
	mysqlValue  = regexp.MustCompile(`(?s)^(.*? (?:entry|value:) )'.*'( for (?:key|column) .*)$`)
)
