package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rongxin/internal/strictyaml"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/secret"
)

// Config is everything that is set outside the data. It comes from the
// defaults, then rongxin.yml, then RONGXIN_* variables, then flags, and is
// checked once.
type Config struct {
	Home            string `yaml:"home"`              // RONGXIN_HOME: the warehouse directory
	Keys            string `yaml:"keys"`              // RONGXIN_KEYS: the directory of keys, never inside the home
	OpsDSNFile      string `yaml:"ops_dsn_file"`      // RONGXIN_OPS_DSN_FILE: where the operations store is, readable by its owner only; ops.db in the home without it
	Threads         int    `yaml:"threads"`           // RONGXIN_THREADS: threads of the engine and of landing
	Memory          string `yaml:"memory"`            // RONGXIN_MEMORY: what the engine may hold, such as 2GB
	Bucket          int    `yaml:"bucket"`            // RONGXIN_BUCKET: subjects that are judged at once
	Catalog         string `yaml:"catalog"`           // RONGXIN_CATALOG: a folder of contracts instead of the built-in ones
	Rules           string `yaml:"rules"`             // RONGXIN_RULES: a folder of rules instead of the built-in ones
	Mappings        string `yaml:"mappings"`          // RONGXIN_MAPPINGS: a folder of mappings instead of the built-in ones
	CodeExceptions  string `yaml:"code_exceptions"`   // RONGXIN_CODE_EXCEPTIONS: reviewed list of credit codes that are right although a check fails
	Actor           string `yaml:"actor"`             // RONGXIN_ACTOR: who is asking, for the register of queries
	Platform        string `yaml:"platform"`          // RONGXIN_PLATFORM: address of the receiving platform
	PlatformName    string `yaml:"platform_name"`     // RONGXIN_PLATFORM_NAME: what it is called in the outbox
	PlatformKeyFile string `yaml:"platform_key_file"` // RONGXIN_PLATFORM_KEY_FILE: signing key, readable by its owner only
	Attempts        int    `yaml:"platform_attempts"` // RONGXIN_PLATFORM_ATTEMPTS: requests for one batch before giving up for now
	BatchSize       int    `yaml:"batch_size"`        // RONGXIN_BATCH_SIZE: records sent at once
	LogLevel        string `yaml:"log_level"`         // RONGXIN_LOG_LEVEL: debug, info, warn, error
	SQLHistory      string `yaml:"sql_history"`       // RONGXIN_SQL_HISTORY: what the shell of rongxin sql remembers; a file of the user without it

	AirflowURL          string `yaml:"airflow_url"`           // RONGXIN_AIRFLOW_URL: address of the scheduler, for rongxin dag
	AirflowUser         string `yaml:"airflow_user"`          // RONGXIN_AIRFLOW_USER: who asks it
	AirflowPasswordFile string `yaml:"airflow_password_file"` // RONGXIN_AIRFLOW_PASSWORD_FILE: that user's password, readable by its owner only

	Pushgateway      string `yaml:"pushgateway"`        // RONGXIN_PUSHGATEWAY: address that every verb pushes its metrics to; none by default
	Lineage          string `yaml:"lineage"`            // RONGXIN_LINEAGE: on or off: whether events of lineage are written
	LineageNamespace string `yaml:"lineage_namespace"`  // RONGXIN_LINEAGE_NAMESPACE: of our jobs and datasets in these events
	LineageURL       string `yaml:"lineage_url"`        // RONGXIN_LINEAGE_URL: where they are sent besides
	LineageTokenFile string `yaml:"lineage_token_file"` // RONGXIN_LINEAGE_TOKEN_FILE: token for that, readable by its owner only
	TraceFile        string `yaml:"trace_file"`         // RONGXIN_TRACE_FILE: spans are appended here

	Databases map[string]exchangeDatabase `yaml:"databases"` // departments' exchange databases by name; only in rongxin.yml
	Receivers map[string]receiver         `yaml:"receivers"` // who is sent results, by name; only in rongxin.yml
}

// configName is looked for in the working directory.
const configName = "rongxin.yml"

func defaults() Config {
	actor := "unknown"
	if u, err := user.Current(); err == nil {
		actor = u.Username
	}
	return Config{Home: "rongxin-home", Threads: 2, Memory: "2GB", Bucket: 100_000, Actor: actor,
		PlatformName: "hlwjg", Attempts: 8, BatchSize: 500, LogLevel: "warn", Lineage: lineageOn, LineageNamespace: "rongxin"}
}

// settings names each value as RONGXIN_* and rongxin.yml do.
func (c *Config) settings() map[string]any {
	return map[string]any{
		"home": &c.Home, "keys": &c.Keys, "ops_dsn_file": &c.OpsDSNFile, "threads": &c.Threads, "memory": &c.Memory, "bucket": &c.Bucket, "catalog": &c.Catalog, "rules": &c.Rules, "mappings": &c.Mappings,
		"code_exceptions": &c.CodeExceptions,
		"actor":           &c.Actor, "platform": &c.Platform, "platform_name": &c.PlatformName,
		"platform_key_file": &c.PlatformKeyFile, "platform_attempts": &c.Attempts, "batch_size": &c.BatchSize, "log_level": &c.LogLevel, "sql_history": &c.SQLHistory,
		"airflow_url": &c.AirflowURL, "airflow_user": &c.AirflowUser, "airflow_password_file": &c.AirflowPasswordFile,
		"pushgateway": &c.Pushgateway,
		"lineage":     &c.Lineage, "lineage_namespace": &c.LineageNamespace, "lineage_url": &c.LineageURL, "lineage_token_file": &c.LineageTokenFile, "trace_file": &c.TraceFile,
	}
}

// loadConfig reads file, or rongxin.yml where there is one, and the variables
// of environ.
func loadConfig(file string, environ []string) (Config, error) {
	c := defaults()
	must := file != ""
	if !must {
		file = configName
	}
	data, err := os.ReadFile(file)
	if err == nil {
		err = strictyaml.Decode(file, data, &c).Err()
	} else if errors.Is(err, fs.ErrNotExist) && !must {
		err = nil
	}
	if err != nil {
		return c, err
	}
	return c, c.fromEnvironment(environ)
}

func (c *Config) fromEnvironment(environ []string) error {
	settings, faults := c.settings(), []error(nil)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		key, ok := strings.CutPrefix(name, "RONGXIN_")
		if !ok {
			continue
		}
		switch target := settings[strings.ToLower(key)].(type) {
		case *string:
			*target = value
		case *int:
			n, err := strconv.Atoi(value)
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: %q is not a number", name, value))
			}
			*target = n
		default:
			faults = append(faults, fmt.Errorf("%s: no such setting; see rongxin --help", name))
		}
	}
	return errors.Join(faults...)
}

// memorySize is how the engine lets a size be written.
var memorySize = regexp.MustCompile(`(?i)^[0-9]+(\.[0-9]+)? ?[kmgt]i?b$`)

func (c Config) check() error {
	var faults []error
	if c.Home == "" {
		faults = append(faults, errors.New("home: is empty"))
	}
	if err := c.checkKeys(); err != nil {
		faults = append(faults, err)
	}
	if c.Actor == "" {
		faults = append(faults, errors.New("actor: is empty: the register of queries asks who"))
	}
	if c.Threads < 1 || c.Threads > 256 {
		faults = append(faults, fmt.Errorf("threads: %d is not between 1 and 256", c.Threads))
	}
	if !memorySize.MatchString(c.Memory) {
		faults = append(faults, fmt.Errorf("memory: %q is not a size such as 2GB", c.Memory))
	}
	for key, n := range map[string]int{"bucket": c.Bucket, "batch_size": c.BatchSize, "platform_attempts": c.Attempts} {
		if n < 1 {
			faults = append(faults, fmt.Errorf("%s: %d is below 1", key, n))
		}
	}
	for key, dir := range map[string]string{"catalog": c.Catalog, "rules": c.Rules, "mappings": c.Mappings} {
		if info, err := os.Stat(dir); dir != "" && (err != nil || !info.IsDir()) {
			faults = append(faults, fmt.Errorf("%s: %s is not a folder", key, dir))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Databases)) {
		faults = append(faults, c.Databases[name].check(name))
	}
	if err := c.checkLineage(); err != nil {
		faults = append(faults, err)
	}
	if err := c.checkReceivers(); err != nil {
		faults = append(faults, err)
	}
	if u, err := url.Parse(c.Pushgateway); c.Pushgateway != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil) {
		faults = append(faults, errors.New("pushgateway: want an address such as http://127.0.0.1:9091, without a user"))
	}
	if _, err := logLevel(c.LogLevel); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// checkKeys keeps the keys apart from what they protect: whoever copies the
// warehouse, for a backup or an analyst, must not copy them with it.
func (c Config) checkKeys() error {
	home, err := realPath(c.Home)
	if err != nil {
		return err
	}
	keys, err := realPath(c.keysDir())
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(home, keys); err == nil && (rel == "." || filepath.IsLocal(rel)) {
		return fmt.Errorf("keys: %s lies inside the home %s; name a directory outside of it", keys, home)
	}
	return nil
}

// keysDir is the directory of keys: the one that is set, or that beside the home.
func (c Config) keysDir() string {
	if c.Keys != "" {
		return c.Keys
	}
	if home, err := filepath.Abs(c.Home); err == nil {
		return home + ".keys"
	}
	return filepath.Clean(c.Home) + ".keys"
}

// realPath is an absolute path with the links of its existing part resolved.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) && path != filepath.Dir(path) {
		parent, err := realPath(filepath.Dir(path))
		return filepath.Join(parent, filepath.Base(path)), err
	}
	return real, err
}

func (c Config) keys() *secret.Ring { return secret.NewRing(c.keysDir()) }

func (c Config) engine() engine.Config {
	return engine.Config{Threads: c.Threads, Memory: c.Memory, TempDir: filepath.Join(c.Home, "spill")}
}

// opsPlace is where the operations store is: a file in the home, or the server
// that the data source name leads to.
func (c Config) opsPlace() (string, error) {
	if c.OpsDSNFile == "" {
		return filepath.Join(c.Home, "ops.db"), nil
	}
	dsn, err := secret.ReadFile(c.OpsDSNFile, maxDSN)
	if err != nil {
		return "", fmt.Errorf("ops_dsn_file: %w", err)
	}
	if !strings.HasPrefix(string(dsn), "postgres://") && !strings.HasPrefix(string(dsn), "postgresql://") {
		return "", fmt.Errorf("%w: ops_dsn_file: %s holds no data source name that begins with postgres://", errConfig, c.OpsDSNFile)
	}
	return string(dsn), nil
}

// maxDSN is the length of a data source name, with room to spare.
const maxDSN = 4096
