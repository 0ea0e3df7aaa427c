package evaluators

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
)

// Positions in a scorecard: 0 is its base, 1 and up are its characteristics.
const (
	PositionBounds = 999
	PositionVeto   = 1000 // the first veto; the others follow
)

// counted is one row for each subject of a scorecard, at position 0, and one
// for each record that one of its characteristics or vetoes looks at. What
// depends on the day, look-back and age, is settled here: the tables after it
// read this one and the rules.
//
// value is what the record brings to the measure: 1 for each, present and
// count; thousandths of a point for each with decay; for sum and newest the
// column, in fen where it is an _amount, else in thousandths; for share 1 if it
// fits, else 0; for escalate the number of its step. label is the text that
// grades look at.
func (s *RuleSet) counted() model.Model {
	m := model.Model{
		Name: "scores.counted", File: "evaluators/compile_counted.go", Stage: model.Evaluate,
		Description: "The subjects of each scorecard, at position 0, and the records that its characteristics and vetoes look at on the day.",
		Grain:       []string{"subject_id", "scorecard", "position", "record_id"},
		Checks: []model.Check{
			{Severity: "fail", NotNull: []string{"subject_id", "record_id"}},
			{Severity: "fail", Refers: &model.Reference{Column: "subject_id", To: "intermediate.subjects"}},
		},
	}
	var parts, unknown []string
	for _, card := range s.Scorecards {
		m.Inputs = append(m.Inputs, card.Population)
		parts = append(parts, countedRow{subject: "subject_id", record: "''", day: "cast(null as date)"}.sql(card, "base", 0)+"\nfrom "+card.Population)
		for i := range card.Characteristics {
			c, active := s.Sourced(card.Characteristics[i])
			parts = append(parts, c.countedSQL(card, i+1, active))
			m.Inputs = append(m.Inputs, c.Fact)
			m.Local.Days = append(m.Local.Days, c.days()...)
			for _, d := range c.Decay {
				m.Local.Days = append(m.Local.Days, model.Passing{Table: c.Fact, Column: c.DayColumn(), Months: int(d.WithinMonths)})
			}
			if c.Kind() == KindGrades {
				unknown = append(unknown, fmt.Sprintf("scorecard = %s and position = %d and label not in (%s)",
					engine.Quote(card.Name), i+1, quoteAll(sortedKeys(c.Grades))))
			}
		}
		for i, v := range card.Vetoes {
			parts = append(parts, v.row(one).sql(card, v.Name, PositionVeto+i)+v.from(card, nil))
			m.Inputs = append(m.Inputs, v.Fact)
			m.Local.Days = append(m.Local.Days, v.days()...)
		}
	}
	if parts == nil {
		parts = []string{countedRow{subject: "cast(null as varchar)", record: "''", day: "cast(null as date)"}.sql(&Scorecard{}, "base", 0) +
			"\nfrom run.parameters\nwhere false"}
	}
	if unknown != nil {
		m.Checks = append(m.Checks, model.Check{Severity: "fail",
			NoRows: "select subject_id, label from scores.counted where " + strings.Join(unknown, " or ")})
	}
	m.Local.Days = distinctDays(m.Local.Days)
	m.Inputs = distinct(append(m.Inputs, "run.parameters", "intermediate.subjects"))
	m.SQL = strings.Join(parts, "\nunion all\n")
	return m
}

// countedRow are the expressions of a row that differ between parts.
type countedRow struct {
	subject, record, day string
	value, label         string // empty: NULL
	choice               string // of newest: 1 for the record that is it
}

const one = "cast(1 as bigint)"

func (r countedRow) sql(card *Scorecard, name string, position int) string {
	sql := fmt.Sprintf(`select
    %s as subject_id,
    %s as scorecard,
    %s as characteristic,
    cast(%d as bigint) as position,
    %s as record_id,
    %s as event_on,
    %s as value,
    %s as label`, r.subject, engine.Quote(card.Name), engine.Quote(name), position, r.record, r.day,
		cmp.Or(r.value, "cast(null as bigint)"), cmp.Or(r.label, "cast(null as varchar)"))
	if r.choice != "" {
		sql += ",\n    " + r.choice + " as choice"
	}
	return sql
}

func (l *Leaf) row(value string) countedRow {
	return countedRow{subject: "facts.subject_id", record: "facts.record_id", day: "facts." + l.DayColumn(), value: value}
}

// from is the FROM and WHERE of the records that the leaf looks at.
func (l *Leaf) from(card *Scorecard, more []string) string {
	return fmt.Sprintf(`
from %s as facts
inner join %s as population
    on population.subject_id = facts.subject_id
cross join run.parameters as parameters
where %s`, l.Fact, card.Population, strings.Join(append(l.conditions(), more...), "\n    and "))
}

// conditions are the WHERE of a leaf over facts and parameters.
func (l *Leaf) conditions() []string {
	conditions := append([]string{fmt.Sprintf("facts.%s <= parameters.as_of", l.DayColumn())}, fits(l.Where)...)
	if l.WithinMonths > 0 {
		conditions = append(conditions, l.younger(l.WithinMonths))
	}
	return conditions
}

// days are the dates that decide whether the leaf looks at a record on the day.
func (l *Leaf) days() []model.Passing {
	days := []model.Passing{{Table: l.Fact, Column: l.DayColumn()}}
	if l.WithinMonths > 0 {
		days = append(days, model.Passing{Table: l.Fact, Column: l.DayColumn(), Months: int(l.WithinMonths)})
	}
	return days
}

func distinctDays(days []model.Passing) []model.Passing {
	slices.SortFunc(days, func(a, b model.Passing) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Months, b.Months))
	})
	return slices.Compact(days)
}

// younger holds for a record of the last so many months.
func (l *Leaf) younger(months int64) string {
	return fmt.Sprintf("facts.%s > fx_add_months(parameters.as_of, -%d)", l.DayColumn(), months)
}

func fits(where map[string]Value) []string {
	var conditions []string
	for _, column := range sortedKeys(where) {
		conditions = append(conditions, fmt.Sprintf("facts.%s in (%s)", column, quoteAll(where[column])))
	}
	return conditions
}

// countedSQL selects the records of a characteristic, of newest the newest one.
func (c *Characteristic) countedSQL(card *Scorecard, position int, active bool) string {
	row, has := c.rowSQL()
	if !active {
		has = append(has, "false")
	}
	from := c.from(card, has)
	if measure, _ := c.MeasureOf(); measure != MeasureNewest {
		return row.sql(card, c.Name, position) + from
	}
	row.choice = fmt.Sprintf("row_number() over (partition by facts.subject_id order by %s desc nulls last, facts.record_id desc nulls last)", row.day)
	return fmt.Sprintf(`select
    subject_id,
    scorecard,
    characteristic,
    position,
    record_id,
    event_on,
    value,
    label
from (
    %s
) as newest
where choice = 1`, strings.ReplaceAll(row.sql(card, c.Name, position)+from, "\n", "\n    "))
}

// rowSQL is what a record brings, and what it must have to be looked at.
func (c *Characteristic) rowSQL() (row countedRow, has []string) {
	measure, column := c.MeasureOf()
	row = c.row(one)
	switch {
	case c.Decay != nil:
		var b strings.Builder
		for _, d := range c.Decay {
			fmt.Fprintf(&b, "when %s then %d ", c.younger(d.WithinMonths), int64(*c.Each)*int64(d.Keep)/10000)
		}
		row.value = "cast(case " + b.String() + "else 0 end as bigint)"
	case c.Kind() == KindGrades:
		row.value, row.label = "", "facts."+column
		has = []string{fmt.Sprintf("facts.%s is not null", column)}
	case c.Kind() == KindEscalate:
		var b strings.Builder
		steps := make([]string, len(c.Escalate.Steps))
		for i, step := range c.Escalate.Steps {
			steps[i] = step.Is
			fmt.Fprintf(&b, "when %s then %d ", engine.Quote(step.Is), i+1)
		}
		row.value = fmt.Sprintf("cast(case facts.%s %send as bigint)", c.Escalate.Column, b.String())
		has = fits(map[string]Value{c.Escalate.Column: steps})
	case measure == MeasureShare:
		row.value = fmt.Sprintf("cast(case when %s then 1 else 0 end as bigint)", strings.Join(fits(c.Of), " and "))
	case strings.HasSuffix(column, "_amount"):
		row.value = fmt.Sprintf("cast(facts.%s as bigint)", column)
		has = []string{fmt.Sprintf("facts.%s is not null", column)}
	case column != "":
		row.value = fmt.Sprintf("cast(facts.%s * 1000 as bigint)", column)
		has = []string{fmt.Sprintf("facts.%s is not null", column)}
	}
	return row, has
}

// Sourced is the characteristic with the table of the result that it takes. A
// scheme that is not active, or not there, has no results.
func (s *RuleSet) Sourced(c Characteristic) (sourced *Characteristic, active bool) {
	switch c.Result {
	case "":
	case national:
		c.Fact = "marts.public_results_in_force"
	default:
		c.Fact, c.Where = "marts.industry_results_in_force", map[string]Value{"scheme": {c.Result}}
		scheme := s.scheme(c.Result)
		return &c, scheme != nil && scheme.statusOn(s.day) == "active"
	}
	return &c, true
}

// national is the name of the national public result among results.
const national = "national"

func quoteAll(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = engine.Quote(text)
	}
	return strings.Join(quoted, ", ")
}
