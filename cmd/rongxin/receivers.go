package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/courier"
	"rongxin/pipelines/transport/drop"
	"rongxin/pipelines/transport/exchange"
	"rongxin/pipelines/transport/rest"
)

// receiver is one entry of receivers in rongxin.yml: what it gets and how fast,
// and one section that says by which transport.
type receiver struct {
	Name      string           `yaml:"-"`
	Tables    []string         `yaml:"tables"` // names of mappings; all when empty
	Source    string           `yaml:"source"` // cd_source; 350100 (福州市) when empty
	Lanes     int              `yaml:"lanes"`  // batches under way at once, each of other enterprises
	Batch     int              `yaml:"batch"`  // records of a batch
	Rate      float64          `yaml:"rate"`   // batches a second at most; 0 is no bound
	Retry     retrySchedule    `yaml:"retry"`
	AnswerDue time.Duration    `yaml:"answer_due"` // a batch without a receipt for so long is handed over again
	Signing   signing.Settings `yaml:"signing"`

	REST     *rest.Settings     `yaml:"rest"`
	Exchange *exchange.Settings `yaml:"exchange"`
	Drop     *drop.Settings     `yaml:"drop"`
	Courier  *courier.Settings  `yaml:"courier"`
}

// retrySchedule says how patiently a batch is handed over again.
type retrySchedule struct {
	Attempts int             `yaml:"attempts"` // in one call
	Waits    []time.Duration `yaml:"waits"`    // the n-th repeat waits a random time up to the n-th, or the last
	Patience time.Duration   `yaml:"patience"` // asked to wait longer, a call gives up
}

// withDefaults fills in what is not set, from the settings that are for all
// receivers where there is one.
func (r receiver) withDefaults(name string, c Config) receiver {
	r.Name = name
	r.Source = cmp.Or(r.Source, "350100")
	r.Lanes = cmp.Or(r.Lanes, 8)
	r.Batch = cmp.Or(r.Batch, c.BatchSize)
	r.Retry.Attempts = cmp.Or(r.Retry.Attempts, c.Attempts)
	if len(r.Retry.Waits) == 0 {
		r.Retry.Waits = publish.DefaultSchedule
	}
	r.Retry.Patience = cmp.Or(r.Retry.Patience, 30*time.Second)
	r.AnswerDue = cmp.Or(r.AnswerDue, 24*time.Hour)
	return r
}

// transportSettings are the section of a transport.
type transportSettings interface{ Check() error }

// sections are those that are given, by the name of their transport.
func (r receiver) sections() map[string]transportSettings {
	given := map[string]transportSettings{}
	if r.REST != nil {
		given["rest"] = r.REST
	}
	if r.Exchange != nil {
		given["exchange"] = r.Exchange
	}
	if r.Drop != nil {
		given["drop"] = r.Drop
	}
	if r.Courier != nil {
		given["courier"] = r.Courier
	}
	return given
}

var transports = []string{"rest", "exchange", "drop", "courier"}

// transport is the name of the one section given.
func (r receiver) transport() string {
	for name := range r.sections() {
		return name
	}
	return ""
}

var (
	receiverName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	sourceCode   = regexp.MustCompile(`^[0-9A-Z]{2,20}$`)
	tableName    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
)

// check tells everything that is wrong with one entry, each with its key.
func (r receiver) check(name string, c Config) error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("receivers."+name+format, args...))
	}
	if !receiverName.MatchString(name) {
		fault(": want a name in small letters, digits, - _ .")
	}
	given := r.sections()
	if len(given) != 1 {
		fault(": has %d of the sections %s: give one, it says how the batches travel", len(given), strings.Join(transports, ", "))
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		faults = append(faults, under("receivers."+name+"."+key+".", given[key].Check()))
	}
	faults = append(faults, under("receivers."+name+".signing.", r.Signing.Check()))
	r = r.withDefaults(name, c)
	for i, table := range r.Tables {
		if !tableName.MatchString(table) || slices.Contains(r.Tables[:i], table) {
			fault(".tables: %q: want names of mappings, each once", table)
		}
	}
	if !sourceCode.MatchString(r.Source) {
		fault(".source: %q: want the code of the province, city or department that sends, such as 350100", r.Source)
	}
	if r.Lanes < 1 || r.Lanes > 256 {
		fault(".lanes: %d is not between 1 and 256", r.Lanes)
	}
	if r.Batch < 1 || r.Batch > 10000 {
		fault(".batch: %d is not between 1 and 10000", r.Batch)
	}
	if r.Rate < 0 || r.Rate > 10000 {
		fault(".rate: %g is not between 0 and 10000", r.Rate)
	}
	if r.Retry.Attempts < 1 || r.Retry.Attempts > 100 {
		fault(".retry.attempts: %d is not between 1 and 100", r.Retry.Attempts)
	}
	for i, wait := range r.Retry.Waits {
		if wait <= 0 || wait > 24*time.Hour || i > 0 && wait < r.Retry.Waits[i-1] {
			fault(".retry.waits: %v: want waits above 0 and at most 24h, none below the one before it", r.Retry.Waits)
			break
		}
	}
	if r.Retry.Patience < 0 || r.Retry.Patience > 24*time.Hour {
		fault(".retry.patience: %v is not between 0s and 24h", r.Retry.Patience)
	}
	if r.AnswerDue < time.Minute {
		fault(".answer_due: %v is below 1m", r.AnswerDue)
	}
	return errors.Join(faults...)
}

// under puts the name of a section before each of its faults.
func under(prefix string, err error) error {
	var faults []error
	for _, fault := range each(err) {
		faults = append(faults, fmt.Errorf("%s%w", prefix, fault))
	}
	return errors.Join(faults...)
}

// each takes apart what errors.Join put together.
func each(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	var lines []string
	for _, part := range joined.Unwrap() {
		all, lines = append(all, each(part)...), append(lines, part.Error())
	}
	if strings.Join(lines, "\n") != err.Error() {
		return []error{err} // a message that wraps several
	}
	return all
}

// checkReceivers tells everything that is wrong with the receivers.
func (c Config) checkReceivers() error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(c.Receivers)) {
		faults = append(faults, c.Receivers[name].check(name, c))
	}
	faults = append(faults, c.checkSharedTables(), c.checkSharedFolders())
	if _, both := c.Receivers[c.PlatformName]; both && c.Platform != "" {
		faults = append(faults, fmt.Errorf("receivers.%s: the platform of that platform_name has an address already: remove platform or rename one", c.PlatformName))
	}
	return errors.Join(faults...)
}

// checkSharedFolders keeps the files of receivers apart.
func (c Config) checkSharedFolders() error {
	var faults []error
	whose := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Receivers)) {
		server, folders := "", []string{}
		if d := c.Receivers[name].Drop; d != nil {
			if d.SFTP != nil {
				server = d.SFTP.Address + ":"
			}
			folders = []string{d.Out, d.Return}
		}
		if k := c.Receivers[name].Courier; k != nil {
			folders = []string{k.Dir}
		}
		for _, folder := range folders {
			place := server + filepath.Clean(folder)
			if other := whose[place]; other != "" && other != name {
				faults = append(faults, fmt.Errorf("receivers.%s: the folder %s is that of receivers.%s: give each its own", name, folder, other))
			}
			whose[place] = name
		}
	}
	return errors.Join(faults...)
}

// checkSharedTables refuses two receivers behind the same tables: each has numbers
// of batches and a fencing token of its own.
func (c Config) checkSharedTables() error {
	var faults []error
	seen := map[[3]string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Receivers)) {
		r := c.Receivers[name]
		if r.Exchange == nil || r.Exchange.DSNFile == "" {
			continue
		}
		place := [3]string{r.Exchange.DSNFile, r.Exchange.Schema, r.Exchange.Batches}
		if other, ok := seen[place]; ok {
			faults = append(faults, fmt.Errorf("receivers.%s.exchange: has the tables of receivers.%s: give it a schema of its own", name, other))
		}
		seen[place] = name
	}
	return errors.Join(faults...)
}

// platform is the receiver that is given by its address alone: all tables, by
// the HTTP interface.
func (c Config) platform(address string) receiver {
	s := &rest.Settings{URL: address}
	if c.PlatformKeyFile != "" {
		s.KeyFile, s.Requester, s.Service = c.PlatformKeyFile, c.PlatformName, "supervision"
	}
	return receiver{REST: s}.withDefaults(c.PlatformName, c)
}

// receivers are those that --to names: one by its name, one by its address, or
// all of rongxin.yml in the order of their names, the platform first.
func (c Config) receivers(to string) ([]receiver, error) {
	if strings.Contains(to, "://") {
		r := c.platform(to)
		if err := r.REST.Check(); err != nil {
			return nil, fmt.Errorf("%w: --to: %w", errConfig, err)
		}
		return []receiver{r}, nil
	}
	var all []receiver
	if c.Platform != "" {
		r := c.platform(c.Platform)
		if err := r.REST.Check(); err != nil {
			return nil, fmt.Errorf("%w: platform: %w", errConfig, err)
		}
		all = append(all, r)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Receivers)) {
		all = append(all, c.Receivers[name].withDefaults(name, c))
	}
	if to != "" {
		i := slices.IndexFunc(all, func(r receiver) bool { return r.Name == to })
		if i < 0 && to == c.PlatformName {
			return nil, fmt.Errorf("%w: receivers: there is no %s in rongxin.yml; the platform of that name has no address: give it as --to URL, or set RONGXIN_PLATFORM", errConfig, to)
		}
		if i < 0 {
			return nil, fmt.Errorf("%w: receivers: there is no %s in rongxin.yml", errConfig, to)
		}
		all = all[i : i+1]
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: no receiver: give --to NAME or URL, set receivers in rongxin.yml, or set RONGXIN_PLATFORM", errConfig)
	}
	return all, nil
}
