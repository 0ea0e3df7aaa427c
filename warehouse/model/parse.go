package model

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"rongxin/internal/strictyaml"
)

// header is the YAML comment a model file opens with.
type header struct {
	Description string                `yaml:"description"`
	Grain       []string              `yaml:"grain"`
	Inputs      []string              `yaml:"inputs"`
	Local       bool                  `yaml:"local"`
	Days        []Passing             `yaml:"days"`
	Checks      []map[string]checkDef `yaml:"checks"`
}

type checkDef struct {
	Unique      []string   `yaml:"unique"`
	NotNull     []string   `yaml:"not_null"`
	Accepted    *Accepted  `yaml:"accepted"`
	Refers      *Reference `yaml:"refers"`
	NoRows      string     `yaml:"no_rows"`
	MinRows     int64      `yaml:"min_rows"`
	RowsChanged string     `yaml:"rows_changed"`
}

const (
	opening = "/* model\n"
	closing = "*/\n"
)

// Parse reads one model file. The path is the name: marts/penalties.sql is
// marts.penalties. The file is a header in a comment and then one SELECT.
func Parse(file string, data []byte, stage Stage) (Model, error) {
	m := Model{
		File:  file,
		Stage: stage,
		Name:  path.Base(path.Dir(file)) + "." + strings.TrimSuffix(path.Base(file), ".sql"),
	}
	rest, ok := bytes.CutPrefix(data, []byte(opening))
	if !ok {
		return m, fmt.Errorf("%s:1:1: a model opens with its header, the line %q", file, strings.TrimSpace(opening))
	}
	head, sql, ok := bytes.Cut(rest, []byte(closing))
	if !ok {
		return m, fmt.Errorf("%s:1:1: the header has no closing */", file)
	}
	var h header
	doc := strictyaml.DecodeAt(file, 1, head, &h)
	if h.Description == "" {
		doc.Fault("description", "is missing: say what one row is and who needs it")
	}
	if len(h.Grain) == 0 {
		doc.Fault("grain", "is missing: name the columns that make a row unique")
	}
	for i, c := range h.Checks {
		at := fmt.Sprintf("checks[%d]", i)
		for severity, def := range c {
			if severity != "fail" && severity != "warn" {
				doc.Fault(at, "severity %q is neither fail nor warn", severity)
			}
			check := Check{Severity: severity, Unique: def.Unique, NotNull: def.NotNull, Accepted: def.Accepted,
				Refers: def.Refers, NoRows: def.NoRows, MinRows: def.MinRows, RowsChanged: def.RowsChanged}
			if check.kinds() != 1 {
				doc.Fault(at, "has %d kinds of check, wants one", check.kinds())
			}
			m.Checks = append(m.Checks, check)
		}
	}
	m.Description, m.Grain, m.Inputs, m.SQL = h.Description, h.Grain, h.Inputs, strings.TrimSpace(string(sql))
	m.Local = Local{Is: h.Local, Days: h.Days}
	for _, fault := range m.localFaults() {
		doc.Fault(fault[0], "%s", fault[1])
	}
	if m.SQL == "" {
		doc.Fault("", "there is no SELECT after the header")
	}
	return m, doc.Err()
}

// Load parses every .sql file below root, all faults at once.
func Load(fsys fs.FS, root string, stage Stage) ([]Model, error) {
	var models []Model
	var faults []error
	err := fs.WalkDir(fsys, root, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(file) != ".sql" {
			return err
		}
		data, err := fs.ReadFile(fsys, file)
		if err != nil {
			return err
		}
		m, err := Parse(file, data, stage)
		faults = append(faults, err)
		models = append(models, m)
		return nil
	})
	return models, errors.Join(append(faults, err)...)
}

func (c Check) kinds() int {
	n := 0
	for _, set := range []bool{c.Unique != nil, c.NotNull != nil, c.Accepted != nil, c.Refers != nil,
		c.NoRows != "", c.MinRows > 0, c.RowsChanged != ""} {
		if set {
			n++
		}
	}
	return n
}
