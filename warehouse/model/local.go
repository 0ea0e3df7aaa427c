package model

import (
	"fmt"
	"slices"
	"strings"
)

// SubjectID is the column that tables which speak of subjects have in common.
const SubjectID = "subject_id"

// Parameters is the one-row table with the day of the run.
const Parameters = "run.parameters"

// Local says that the rows of a subject follow from the rows of that subject in
// the model's inputs, and from tables that speak of no subject. Such a model may
// be evaluated for some subjects apart from the others: range by range, so that
// memory is bounded, or only for those whose inputs changed.
type Local struct {
	Is bool `json:"is"`
	// Days are all the ways in which the day of the run enters. A model that reads
	// run.parameters and names none is evaluated whole for each day.
	Days []Passing `json:"days,omitempty"`
}

// A Passing is a date that the SELECT compares with the day of the run, or with
// the day so many months before it: the outcome for a row differs between two
// days when the one is before its date, so moved, and the other is not.
type Passing struct {
	Table  string `yaml:"table" json:"table"`
	Column string `yaml:"column" json:"column"`
	Months int    `yaml:"months" json:"months"`
}

// IsShared tells the tables that speak of no subject: rules, references, the run.
func IsShared(table string) bool {
	schema, _, _ := strings.Cut(table, ".")
	return schema == "rules" || schema == "ref" || schema == "run"
}

// localFaults says by key of the header what does not fit together in a claim
// to be local. What the SELECT does is told by tests: see modeltest.
func (m Model) localFaults() (faults [][2]string) {
	add := func(key, format string, args ...any) {
		faults = append(faults, [2]string{key, fmt.Sprintf(format, args...)})
	}
	if !m.Local.Is {
		if len(m.Local.Days) > 0 {
			add("days", "a model that is not local needs none")
		}
		return faults
	}
	if len(m.Grain) > 0 && m.Grain[0] != SubjectID {
		add("grain", "of a local model begins with subject_id, so that its table is sorted by subject")
	}
	if m.Step != nil {
		add("local", "a step in Go sees all values at once")
	}
	for _, in := range m.Inputs {
		if IsShared(in) && strings.HasPrefix(in, "run.") && in != Parameters {
			add("inputs", "a local model reads of the run only %s, not %s", Parameters, in)
		}
	}
	for i, p := range m.Local.Days {
		at := fmt.Sprintf("days[%d]", i)
		if IsShared(p.Table) || !slices.Contains(m.Inputs, p.Table) {
			add(at, "%s is no input with subjects", p.Table)
		}
		if p.Column == "" || p.Months < 0 {
			add(at, "wants a column, and how many months it looks back from the day")
		}
	}
	if len(m.Local.Days) > 0 && !slices.Contains(m.Inputs, Parameters) {
		add("days", "the model does not read %s", Parameters)
	}
	return faults
}
