package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/database"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/ops"
)

// exchangeDatabase is one entry of databases in rongxin.yml.
type exchangeDatabase struct {
	Driver    string        `yaml:"driver"`
	DSNFile   string        `yaml:"dsn_file"`
	PageRows  int           `yaml:"page_rows"`
	BatchRows int           `yaml:"batch_rows"`
	Timeout   time.Duration `yaml:"timeout"`
}

// connection fills in the defaults.
func (d exchangeDatabase) connection(name string) database.Connection {
	c := database.Connection{Name: name, Driver: d.Driver, DSNFile: d.DSNFile, PageRows: 10_000, BatchRows: 1_000_000, Timeout: time.Minute}
	if d.PageRows != 0 {
		c.PageRows = d.PageRows
	}
	if d.BatchRows != 0 {
		c.BatchRows = d.BatchRows
	}
	if d.Timeout != 0 {
		c.Timeout = d.Timeout
	}
	return c
}

var databaseName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (d exchangeDatabase) check(name string) error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("databases.%s"+format, append([]any{name}, args...)...))
	}
	c := d.connection(name)
	if !databaseName.MatchString(name) {
		fault(": want a name in small letters, digits and _")
	}
	if !slices.Contains(database.Drivers, d.Driver) {
		fault(".driver: %q is none of %s", d.Driver, strings.Join(database.Drivers, ", "))
	}
	if d.DSNFile == "" {
		fault(".dsn_file: is missing: the file with the data source name, readable by its owner only")
	}
	if c.PageRows < 1 || c.PageRows > 1_000_000 {
		fault(".page_rows: %d is not between 1 and 1000000", d.PageRows)
	}
	if c.BatchRows < 1 {
		fault(".batch_rows: %d is below 1", d.BatchRows)
	}
	if c.Timeout < time.Second || c.Timeout > time.Hour {
		fault(".timeout: %v is not between 1s and 1h", d.Timeout)
	}
	return errors.Join(faults...)
}

// pullFlags are what land --database takes besides.
type pullFlags struct{ database, from, reason, override string }

// landDatabase lands what is new in the tables of one exchange database: those
// of the datasets named, or all that the catalogue reads from it.
func (a *app) landDatabase(cmd *cobra.Command, lander *ingest.Lander, catalog *contract.Catalog, contractFile string,
	datasets []string, flags pullFlags, at time.Time) (err error) {
	contracts, err := a.tableContracts(catalog, contractFile, datasets, flags)
	if err != nil {
		return err
	}
	db, err := database.Open(a.cfg.Databases[flags.database].connection(flags.database))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store, err := a.ops(cmd.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	puller := &database.Puller{Home: a.cfg.Home, Store: store, Lander: lander, Database: db, Log: a.log}
	if flags.from != "" {
		if err := a.resetMark(cmd, puller, contracts[0], flags, at); err != nil {
			return err
		}
	}
	var list []landed
	var faults []error
	for _, c := range contracts {
		results, err := puller.Pull(cmd.Context(), database.Request{Contract: c, ReceivedAt: at, Override: flags.override})
		list = append(list, describePulled(c, results, err)...)
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil || len(list) > 0 {
		return a.finishLanding(cmd, list, err)
	}
	return fmt.Errorf("no row is new: %w", errNothing)
}

// describePulled tells of the batches of one table; an error is the last one's.
func describePulled(c *contract.Contract, results []ingest.Result, err error) []landed {
	if err != nil && len(results) == 0 {
		results = []ingest.Result{{}}
	}
	var list []landed
	for i, r := range results {
		var fault error
		if i == len(results)-1 {
			fault = err
		}
		l := describeLanded(c.Source.Table.String(), r, fault)
		l.Dataset = c.Dataset
		list = append(list, l)
	}
	return list
}

// resetMark writes down who begins again where and why, and then does it.
func (a *app) resetMark(cmd *cobra.Command, puller *database.Puller, c *contract.Contract, flags pullFlags, at time.Time) error {
	from, err := database.ParsePosition(flags.from)
	if err != nil {
		return fmt.Errorf("%w: --from: %w", errUsage, err)
	}
	if from > a.now().UnixMicro() {
		return fmt.Errorf("%w: --from: %s lies in the future, nothing would be read", errUsage, flags.from)
	}
	detail, err := json.Marshal(map[string]string{"from": flags.from, "table": c.Source.Table.String()})
	if err != nil {
		return err
	}
	entry := ops.Entry{At: a.now(), Actor: a.cfg.Actor, Action: "land from", Subject: c.Dataset, Purpose: flags.reason, Detail: detail}
	if _, err := puller.Store.Append(cmd.Context(), entry); err != nil {
		return err
	}
	return puller.Reset(cmd.Context(), c, from, at)
}

// tableContracts finds the contracts that a call of land --database is about.
func (a *app) tableContracts(catalog *contract.Catalog, contractFile string, datasets []string, flags pullFlags) ([]*contract.Contract, error) {
	if _, ok := a.cfg.Databases[flags.database]; !ok {
		return nil, fmt.Errorf("%w: databases: there is no %s in rongxin.yml", errConfig, flags.database)
	}
	var list []*contract.Contract
	switch {
	case contractFile != "":
		c, err := readContract(contractFile, a.catalogs()...)
		if err != nil {
			return nil, err
		}
		if len(datasets) > 1 || len(datasets) == 1 && datasets[0] != c.Dataset {
			return nil, fmt.Errorf("%w: %s is the contract of %s", errUsage, contractFile, c.Dataset)
		}
		list = append(list, c)
	case len(datasets) > 0:
		for _, name := range datasets {
			c, err := catalog.Find(name)
			if err != nil {
				return nil, err
			}
			list = append(list, c)
		}
	default:
		for _, c := range catalog.All() {
			if c.Source.Table != nil && c.Source.Table.Database == flags.database {
				list = append(list, c)
			}
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: no contract reads from the database %s", errConfig, flags.database)
	}
	for _, c := range list {
		if c.Source.Table == nil || c.Source.Table.Database != flags.database {
			return nil, fmt.Errorf("%w: the contract of %s does not read from the database %s", errConfig, c.Dataset, flags.database)
		}
	}
	if flags.from+flags.reason != "" && (len(list) != 1 || flags.from == "" || flags.reason == "") {
		return nil, fmt.Errorf("%w: --from begins one dataset again, and wants a --reason that is recorded", errUsage)
	}
	return list, nil
}
