package evaluators

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rongxin/internal/strictyaml"
	"rongxin/warehouse/landing"
)

// CheckFacts holds what scorecards look at against the tables that there are:
// every table, and every column with a type that fits. All faults are told.
func (l *Library) CheckFacts(tables map[string][]landing.Column) error {
	var faults []error
	for _, r := range l.rules {
		card, ok := r.rule.(*Scorecard)
		if !ok {
			continue
		}
		f := factCheck{doc: r.doc, tables: tables}
		f.columns("population", card.Population, map[string]string{"subject_id": "VARCHAR"})
		for i := range card.Characteristics {
			if c := &card.Characteristics[i]; c.Result == "" {
				at := fmt.Sprintf("characteristics[%d]", i)
				f.columns(at+".fact", c.Fact, c.needs())
			}
		}
		for i := range card.Vetoes {
			at := fmt.Sprintf("vetoes[%d]", i)
			f.columns(at+".fact", card.Vetoes[i].Fact, card.Vetoes[i].needs())
		}
		faults = append(faults, f.faults...)
	}
	return errors.Join(faults...)
}

// Types of columns that rules ask for.
const (
	aText   = "VARCHAR"
	aDay    = "DATE"
	aNumber = "a number"
)

// needs are the columns that a leaf looks at, each with its type.
func (l *Leaf) needs() map[string]string {
	needs := map[string]string{"subject_id": aText, "record_id": aText, l.DayColumn(): aDay}
	for column := range l.Where {
		needs[column] = aText
	}
	return needs
}

func (c *Characteristic) needs() map[string]string {
	needs := c.Leaf.needs()
	for column := range c.Of {
		needs[column] = aText
	}
	if c.Escalate != nil {
		needs[c.Escalate.Column] = aText
	}
	if _, column := c.MeasureOf(); column != "" {
		needs[column] = aNumber
		if c.Kind() == KindGrades {
			needs[column] = aText
		}
	}
	return needs
}

type factCheck struct {
	doc    *strictyaml.Document
	tables map[string][]landing.Column
	faults []error
}

// columns asks for columns of a table, by name and type.
func (f *factCheck) columns(at, table string, needs map[string]string) {
	columns, ok := f.tables[table]
	if !ok {
		f.faults = append(f.faults, f.doc.At(at, "there is no table %s", table))
		return
	}
	for _, name := range sortedKeys(needs) {
		i := slices.IndexFunc(columns, func(c landing.Column) bool { return c.Name == name })
		if i < 0 {
			names := make([]string, len(columns))
			for i, c := range columns {
				names[i] = c.Name
			}
			f.faults = append(f.faults, f.doc.At(at, "%s has no column %s; it has %s", table, name, strings.Join(names, ", ")))
		} else if kind := columns[i].Type; kind != needs[name] && !(needs[name] == aNumber && isNumber(kind)) {
			f.faults = append(f.faults, f.doc.At(at, "%s of %s is %s, wants %s", name, table, kind, needs[name]))
		}
	}
}

func isNumber(kind string) bool {
	return kind == "BIGINT" || kind == "INTEGER" || strings.HasPrefix(kind, "DECIMAL")
}
