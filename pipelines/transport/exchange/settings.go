package exchange

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Settings are the section exchange of a receiver.
type Settings struct {
	Driver   string            `yaml:"driver"`   // postgres or mysql, which MariaDB is too
	DSNFile  string            `yaml:"dsn_file"` // the data source name, readable by its owner only
	Schema   string            `yaml:"schema"`   // of all tables; that of the connection when empty
	Tables   map[string]string `yaml:"tables"`   // their name of a table, where it is not ours
	Batches  string            `yaml:"batches"`  // the table of batches; cd_batches
	Fence    string            `yaml:"fence"`    // the table of fencing tokens; cd_fence
	Feedback string            `yaml:"feedback"` // the table of verdicts; cd_feedback
	State    string            `yaml:"state"`    // the view of what the platform holds; none means it does not tell
	Timeout  time.Duration     `yaml:"timeout"`  // of one statement; 1 m
}

// Drivers are the names a database may have as its driver.
var Drivers = []string{"mysql", "postgres"}

// withDefaults fills in what is not set.
func (s Settings) withDefaults() Settings {
	s.Batches = cmp.Or(s.Batches, "cd_batches")
	s.Fence = cmp.Or(s.Fence, "cd_fence")
	s.Feedback = cmp.Or(s.Feedback, "cd_feedback")
	s.Timeout = cmp.Or(s.Timeout, time.Minute)
	return s
}

// Check tells everything that is wrong with the settings, without a look at the
// files. Each fault begins with its key.
func (s Settings) Check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !slices.Contains(Drivers, s.Driver) {
		fault("driver: %q is none of %s", s.Driver, strings.Join(Drivers, ", "))
	}
	if s.DSNFile == "" {
		fault("dsn_file: is missing: the file with the data source name, readable by its owner only")
	}
	names := map[string]string{"schema": s.Schema, "batches": s.Batches, "fence": s.Fence, "feedback": s.Feedback, "state": s.State}
	for ours, theirs := range s.Tables {
		names["tables."+ours] = cmp.Or(theirs, " ")
	}
	for _, key := range slices.Sorted(maps.Keys(names)) {
		if name := names[key]; name != "" && !isIdentifier(name) {
			fault("%s: %q: want a name of at most 63 letters, digits and _", key, strings.TrimSpace(name))
		}
	}
	if t := s.withDefaults().Timeout; t < time.Second || t > time.Hour {
		fault("timeout: %v is not between 1s and 1h", t)
	}
	return errors.Join(faults...)
}

// isIdentifier tells a name of a table or column: at most 63 bytes, the limit of
// PostgreSQL, of letters, digits and _, not beginning with a digit.
func isIdentifier(name string) bool {
	if name == "" || len(name) > 63 || name[0] >= '0' && name[0] <= '9' {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}
