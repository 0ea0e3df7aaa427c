package evaluators

import (
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
)

// schemeResults is one row for each subject and scheme that has a result.
func (s *RuleSet) schemeResults() model.Model {
	m := model.Model{
		Name: "scores.scheme_results", File: "evaluators/compile_schemes.go", Stage: model.Evaluate,
		Description: "The newest result of each subject in each industry scheme, and its level on the common scale 1 to 4, 0 unranked.",
		Grain:       []string{"subject_id", "scheme"},
		Inputs:      []string{"run.parameters", "rules.scheme_levels", "rules.schemes", "intermediate.subjects"},
		Checks: []model.Check{
			{Severity: "fail", NotNull: []string{"grade", "industry_level", "status"}},
			{Severity: "fail", Accepted: &model.Accepted{Column: "industry_level", Values: []string{"0", "1", "2", "3", "4"}}},
		},
	}
	var parts []string
	for _, scheme := range s.Schemes {
		if scheme.Imported != nil {
			parts = append(parts, scheme.importedSQL())
			m.Inputs = append(m.Inputs, scheme.Imported.Fact)
		} else {
			parts = append(parts, scheme.computedSQL())
			m.Inputs = append(m.Inputs, "scores.scorecard_results")
		}
	}
	m.Inputs = distinct(m.Inputs)
	if parts == nil {
		parts = []string{`select
    cast(null as varchar) as subject_id,
    cast(null as varchar) as scheme,
    cast(null as varchar) as grade,
    cast(null as date) as evaluated_on,
    cast(null as varchar) as record_id
from run.parameters
where false`}
	}
	m.SQL = fmt.Sprintf(`select
    newest.subject_id,
    newest.scheme,
    newest.grade,
    coalesce(levels.industry_level, 0) as industry_level,
    newest.evaluated_on,
    newest.record_id,
    schemes.status
from (
%s
) as newest
inner join intermediate.subjects as subjects
    on subjects.subject_id = newest.subject_id
inner join rules.schemes as schemes
    on schemes.scheme = newest.scheme
left join rules.scheme_levels as levels
    on levels.scheme = newest.scheme and levels.grade = newest.grade`, strings.Join(parts, "\nunion all\n"))
	return m
}

func (c *Scheme) importedSQL() string {
	return fmt.Sprintf(`select
    subject_id,
    %[1]s as scheme,
    grade,
    evaluated_on,
    record_id
from (
    select
        results.subject_id,
        results.grade,
        results.evaluated_on,
        results.record_id,
        row_number() over (
            partition by results.subject_id
            order by results.evaluated_year desc nulls last, results.evaluated_on desc nulls last, results.record_id asc nulls last
        ) as choice
    from %[2]s as results
    cross join run.parameters as parameters
    where results.evaluated_on <= parameters.as_of
        and results.evaluated_on > fx_add_months(parameters.as_of, -%[3]d)
) as ranked
where choice = 1`, engine.Quote(c.Name), c.Imported.Fact, c.Imported.ValidMonths)
}

func (c *Scheme) computedSQL() string {
	return fmt.Sprintf(`select
    results.subject_id,
    %s as scheme,
    results.grade,
    parameters.as_of as evaluated_on,
    '' as record_id
from scores.scorecard_results as results
cross join run.parameters as parameters
where results.scorecard = %s`, engine.Quote(c.Name), engine.Quote(c.Computed.Scorecard))
}

func distinct(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
