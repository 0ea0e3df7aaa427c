// Package model describes the tables of a run before they exist: one SELECT,
// the tables it reads, its grain and the checks that guard it. Facts and
// judgements are built from the same description, so that there is one way to
// order, run, check and prove them.
package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/landing"
)

// Stage is the part of a run a model belongs to.
type Stage int

// Stages in their order.
const (
	Transform Stage = iota
	Evaluate
	List
)

func (s Stage) String() string { return [...]string{"transform", "evaluate", "list"}[s] }

// A Model is one table: a name, a SELECT and its contract.
type Model struct {
	Name        string // schema.table
	File        string // where a person finds it
	Stage       Stage
	Description string
	Grain       []string // unique together, and the sort order of the table
	Inputs      []string // the tables the SELECT reads, schema.table
	Checks      []Check
	SQL         string
	Step        *Step // nil: the rows of the SELECT are the table
	Local       Local
}

// A Step in Go makes a table from what a SELECT finds, for the few facts that no
// SQL of the common subset can compute. The SELECT then has one text column.
type Step struct {
	Version int // raised with every change that can change the rows
	Columns []landing.Column
	Rows    func(values []string) [][]any // equal values, equal rows; as in a seed
}

// Hash identifies the model by everything that can change its result.
func (m Model) Hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%q\x00%s", m.Name, m.Grain, m.SQL)
	if m.Step != nil {
		fmt.Fprintf(h, "\x00step %d %q", m.Step.Version, m.Step.Columns)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A Check guards one table. Exactly one of its kinds is set.
type Check struct {
	Severity    string     // fail stops the run; warn is reported
	Unique      []string   // these columns together name one row
	NotNull     []string   // each of these has a value in every row
	Accepted    *Accepted  // a column has only these values
	Refers      *Reference // a column's values stand in another table
	NoRows      string     // a SELECT that must find nothing
	MinRows     int64      // at least so many rows
	RowsChanged string     // at most this share of rows more or fewer than in the previous run
}

// Accepted lists the values a column may have; NULL is always allowed.
type Accepted struct {
	Column string   `yaml:"column"`
	Values []string `yaml:"values"`
}

// Reference says that every non-null value of Column stands in To, a
// schema.table with a column of the same name.
type Reference struct {
	Column string `yaml:"column"`
	To     string `yaml:"to"`
}

// String names the check as it stands in reports.
func (c Check) String() string {
	switch {
	case c.Unique != nil:
		return "unique " + strings.Join(c.Unique, ", ")
	case c.NotNull != nil:
		return "not null " + strings.Join(c.NotNull, ", ")
	case c.Accepted != nil:
		return "accepted values of " + c.Accepted.Column
	case c.Refers != nil:
		return c.Refers.Column + " refers to " + c.Refers.To
	case c.NoRows != "":
		return "no rows: " + strings.Join(strings.Fields(c.NoRows), " ")
	case c.MinRows > 0:
		return fmt.Sprintf("at least %d rows", c.MinRows)
	default:
		return "rows changed by at most " + c.RowsChanged
	}
}

// Order sorts models so that each comes after the models it reads. Inputs that
// are no models (landed datasets, rules, parameters) must be in given. Unknown
// inputs, double names, circles and inputs of a later stage are errors that
// name the models.
func Order(models []Model, given func(table string) bool) ([]Model, error) {
	byName := make(map[string]Model, len(models))
	for _, m := range models {
		if other, ok := byName[m.Name]; ok {
			return nil, fmt.Errorf("%s: two models make %s; the other is %s", m.File, m.Name, other.File)
		}
		byName[m.Name] = m
		if faults := m.localFaults(); faults != nil {
			return nil, fmt.Errorf("%s: %s: %s: %s", m.File, m.Name, faults[0][0], faults[0][1])
		}
	}
	names := make([]string, 0, len(models))
	for name := range byName {
		names = append(names, name)
	}
	slices.Sort(names)

	var ordered []Model
	state := map[string]int{} // 1 on the path, 2 done
	var visit func(name string, path []string) error
	visit = func(name string, path []string) error {
		m := byName[name]
		path = append(path, name)
		if state[name] == 1 {
			return fmt.Errorf("%s: models read each other in a circle: %s", m.File, strings.Join(path, " → "))
		}
		state[name] = 1
		for _, in := range m.Inputs {
			read, ok := byName[in]
			if !ok {
				if !given(in) {
					return fmt.Errorf("%s: input %s does not exist", m.File, in)
				}
				continue
			}
			if read.Stage > m.Stage {
				return fmt.Errorf("%s: a model of stage %s cannot read %s of stage %s", m.File, m.Stage, in, read.Stage)
			}
			if state[in] != 2 {
				if err := visit(in, path); err != nil {
					return err
				}
			}
		}
		state[name] = 2
		ordered = append(ordered, m)
		return nil
	}
	for _, name := range names {
		if state[name] != 2 {
			if err := visit(name, nil); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(ordered, func(a, b Model) int { return int(a.Stage) - int(b.Stage) })
	return ordered, nil
}
