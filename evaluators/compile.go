package evaluators

import (
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
)

// Models are the tables of judgement: those compiled from scorecards and
// schemes, and the written ones under models/ that join the rule tables.
func (s *RuleSet) Models() ([]model.Model, error) {
	overlay, err := model.Load(modelFiles, "models/overlay", model.Evaluate)
	if err != nil {
		return nil, err
	}
	lists, err := model.Load(modelFiles, "models/lists", model.List)
	if err != nil {
		return nil, err
	}
	scores, err := model.Load(modelFiles, "models/scores", model.Evaluate)
	if err != nil {
		return nil, err
	}
	models := []model.Model{s.contributions(), s.vetoes(), s.scorecardResults()}
	for i := range models {
		models[i].Local.Is = true // a subject is judged by its own records
	}
	return slices.Concat(models, scores, overlay, lists), nil
}

// contributions is one row for the base points of each subject and one for each
// record that a characteristic counts, also where the cap leaves it nothing.
func (s *RuleSet) contributions() model.Model {
	m := model.Model{
		Name: "scores.contributions", File: "evaluators/compile.go", Stage: model.Evaluate,
		Description: "What each record gives to or takes from each scorecard, in thousandths of a point.",
		Grain:       []string{"subject_id", "scorecard", "position", "record_id"},
		Checks: []model.Check{
			{Severity: "fail", NotNull: []string{"subject_id", "reason_code", "points_milli"}},
			{Severity: "fail", Refers: &model.Reference{Column: "subject_id", To: "intermediate.subjects"}},
		},
	}
	var parts []string
	for _, card := range s.Scorecards {
		parts = append(parts, fmt.Sprintf(`select
    subject_id,
    %s as scorecard,
    'base' as characteristic,
    cast(0 as bigint) as position,
    'BASE' as reason_code,
    '' as record_id,
    cast(%d as bigint) as points_milli
from %s`, engine.Quote(card.Name), milli(card.BasePoints), card.Population))
		m.Inputs = append(m.Inputs, card.Population)
		for i, c := range card.Characteristics {
			parts = append(parts, c.sql(card, i+1))
			m.Inputs = append(m.Inputs, c.Fact)
		}
	}
	m.Inputs = distinct(append(m.Inputs, "run.parameters", "intermediate.subjects"))
	m.SQL = strings.Join(parts, "\nunion all\n")
	return m
}

// sql gives the nth record the points up to n less the points up to n-1, so
// that the records of a characteristic add up to its capped points exactly.
func (c Characteristic) sql(card *Scorecard, position int) string {
	bound := "least" // the cap is above for bonus points, below for deductions
	if c.Each < 0 {
		bound = "greatest"
	}
	return fmt.Sprintf(`select
    numbered.subject_id,
    %[1]s as scorecard,
    %[2]s as characteristic,
    cast(%[3]d as bigint) as position,
    %[4]s as reason_code,
    numbered.record_id,
    %[5]s(%[6]d * numbered.nth, %[7]d) - %[5]s(%[6]d * (numbered.nth - 1), %[7]d) as points_milli
from (
    select
        facts.subject_id,
        facts.record_id,
        row_number() over (
            partition by facts.subject_id
            order by facts.event_on asc nulls last, facts.record_id asc nulls last
        ) as nth
    from %[8]s as facts
    inner join %[9]s as population
        on population.subject_id = facts.subject_id
    cross join run.parameters as parameters
    where %[10]s
) as numbered`,
		engine.Quote(card.Name), engine.Quote(c.Name), position, engine.Quote(c.ReasonCode),
		bound, milli(c.Each), milli(c.Cap), c.Fact, card.Population, c.condition())
}

// condition is the WHERE of a leaf over facts and parameters.
func (l Leaf) condition() string {
	conditions := []string{"facts.event_on <= parameters.as_of"}
	for _, column := range sortedKeys(l.Where) {
		values := make([]string, len(l.Where[column]))
		for i, v := range l.Where[column] {
			values[i] = engine.Quote(v)
		}
		conditions = append(conditions, fmt.Sprintf("facts.%s in (%s)", column, strings.Join(values, ", ")))
	}
	if l.WithinMonths > 0 {
		conditions = append(conditions, fmt.Sprintf("facts.event_on > fx_add_months(parameters.as_of, -%d)", l.WithinMonths))
	}
	return strings.Join(conditions, "\n        and ")
}

func (s *RuleSet) vetoes() model.Model {
	m := model.Model{
		Name: "scores.vetoes", File: "evaluators/compile.go", Stage: model.Evaluate,
		Description: "Records that set a scorecard's grade whatever the points.",
		Grain:       []string{"subject_id", "scorecard", "reason_code", "record_id"},
	}
	var parts []string
	for _, card := range s.Scorecards {
		for _, v := range card.Vetoes {
			parts = append(parts, fmt.Sprintf(`select
    facts.subject_id,
    %s as scorecard,
    %s as reason_code,
    facts.record_id,
    %s as grade,
    cast(%d as bigint) as severity
from %s as facts
inner join %s as population
    on population.subject_id = facts.subject_id
cross join run.parameters as parameters
where %s`, engine.Quote(card.Name), engine.Quote(v.ReasonCode), engine.Quote(v.Grade), card.badness(v.Grade),
				v.Fact, card.Population, v.condition()))
			m.Inputs = append(m.Inputs, v.Fact, card.Population)
		}
	}
	if parts == nil {
		parts = []string{`select
    cast(null as varchar) as subject_id,
    cast(null as varchar) as scorecard,
    cast(null as varchar) as reason_code,
    cast(null as varchar) as record_id,
    cast(null as varchar) as grade,
    cast(null as bigint) as severity
from run.parameters
where false`}
	}
	m.Inputs = distinct(append(m.Inputs, "run.parameters"))
	m.SQL = strings.Join(parts, "\nunion all\n")
	return m
}

// badness orders the grades of a scorecard, 1 the best.
func (s *Scorecard) badness(grade string) int {
	for i, g := range s.Grades {
		if g.Grade == grade {
			if s.Better == "higher" {
				return len(s.Grades) - i
			}
			return i + 1
		}
	}
	return 0
}

// gradeSQL is the CASE that turns points_milli into a grade.
func (s *Scorecard) gradeSQL(points string) string {
	var b strings.Builder
	b.WriteString("case ")
	if s.Better == "higher" {
		for i := len(s.Grades) - 1; i > 0; i-- {
			fmt.Fprintf(&b, "when %s >= %d then %s ", points, milli(*s.Grades[i].From), engine.Quote(s.Grades[i].Grade))
		}
		fmt.Fprintf(&b, "else %s end", engine.Quote(s.Grades[0].Grade))
		return b.String()
	}
	last := len(s.Grades) - 1
	for _, g := range s.Grades[:last] {
		fmt.Fprintf(&b, "when %s <= %d then %s ", points, milli(*g.UpTo), engine.Quote(g.Grade))
	}
	fmt.Fprintf(&b, "else %s end", engine.Quote(s.Grades[last].Grade))
	return b.String()
}

func (s *RuleSet) scorecardResults() model.Model {
	var grades, versions, names []string
	for _, card := range s.Scorecards {
		grades = append(grades, fmt.Sprintf("when totals.scorecard = %s then %s", engine.Quote(card.Name), card.gradeSQL("totals.score_milli")))
		versions = append(versions, fmt.Sprintf("when totals.scorecard = %s then %d", engine.Quote(card.Name), card.Version))
		names = append(names, card.Name)
	}
	return model.Model{
		Name: "scores.scorecard_results", File: "evaluators/compile.go", Stage: model.Evaluate,
		Description: "The score of each subject on each scorecard: the sum of its contributions, nothing else.",
		Grain:       []string{"subject_id", "scorecard"},
		Inputs:      []string{"scores.contributions", "scores.vetoes"},
		Checks: []model.Check{
			{Severity: "fail", NotNull: []string{"score_milli", "grade"}},
			{Severity: "fail", Accepted: &model.Accepted{Column: "scorecard", Values: names}},
			{Severity: "fail", NoRows: "select subject_id from scores.scorecard_results where score_milli < 0"},
		},
		SQL: fmt.Sprintf(`with

totals as (
    select
        subject_id,
        scorecard,
        cast(sum(points_milli) as bigint) as score_milli,
        count(*) - 1 as records_counted
    from scores.contributions
    group by subject_id, scorecard
),

worst_vetoes as (
    select
        subject_id,
        scorecard,
        grade,
        reason_code,
        row_number() over (
            partition by subject_id, scorecard
            order by severity desc nulls last, reason_code asc nulls last, record_id asc nulls last
        ) as choice
    from scores.vetoes
)

select
    totals.subject_id,
    totals.scorecard,
    cast(case %s end as bigint) as scorecard_version,
    totals.score_milli,
    case %s end as points_grade,
    coalesce(worst_vetoes.grade, case %s end) as grade,
    worst_vetoes.reason_code as veto_reason_code,
    totals.records_counted
from totals
left join worst_vetoes
    on worst_vetoes.subject_id = totals.subject_id
    and worst_vetoes.scorecard = totals.scorecard
    and worst_vetoes.choice = 1`, strings.Join(versions, " "), strings.Join(grades, " "), strings.Join(grades, " ")),
	}
}

func distinct(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
