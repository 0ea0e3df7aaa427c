package evaluators

import (
	"fmt"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
)

// contributions is one row for the base points of each subject, one for each
// record that a characteristic counts, also where the cap leaves it nothing,
// one for a characteristic that says something where there is no record, and
// one each for what bounds and a veto of the score change in the end.
func (s *RuleSet) contributions() model.Model {
	m := model.Model{
		Name: "scores.contributions", File: "evaluators/compile_points.go", Stage: model.Evaluate,
		Description: "What each record gives to or takes from each scorecard, in thousandths of a point; missing says what no record came to, points or not_evaluated.",
		Grain:       []string{"subject_id", "scorecard", "position", "record_id"},
		Inputs:      []string{"intermediate.subjects", "scores.counted"},
		Checks: []model.Check{
			{Severity: "fail", NotNull: []string{"subject_id", "reason_code", "points_milli"}},
			{Severity: "fail", Refers: &model.Reference{Column: "subject_id", To: "intermediate.subjects"}},
		},
	}
	var base, reasons, points pick
	windows, absences := "", []string{}
	for _, card := range s.Scorecards {
		base.card(card, fmt.Sprint(int64(card.BasePoints)))
		for i := range card.Characteristics {
			c := &card.Characteristics[i]
			reasons.add(card, i+1, engine.Quote(c.ReasonCode))
			points.add(card, i+1, c.pointsSQL())
			if ifNone, ok := c.IfNone(); ok {
				absences = append(absences, c.absenceSQL(card, i+1, ifNone))
			}
		}
	}
	if s.needs(func(c *Characteristic) bool { return c.usesTotal() }) {
		windows += fmt.Sprintf(",\n        cast(sum(value) over (%s) as bigint) as total", inOrder)
	}
	for step := 1; s.needs(func(c *Characteristic) bool { return c.Escalate != nil && len(c.Escalate.Steps) >= step }); step++ {
		windows += fmt.Sprintf(",\n        cast(sum(case when value = %d then 1 else 0 end) over (%s) as bigint) as step_%d", step, inOrder, step)
	}
	parts := []string{fmt.Sprintf(`select
        subject_id,
        scorecard,
        characteristic,
        position,
        'BASE' as reason_code,
        record_id,
        cast(%s as bigint) as points_milli,
        cast(null as varchar) as missing
    from scores.counted
    where position = 0`, base.sql("bigint")), fmt.Sprintf(`select
        subject_id,
        scorecard,
        characteristic,
        position,
        %s as reason_code,
        record_id,
        cast(%s as bigint) as points_milli,
        cast(null as varchar) as missing
    from numbered`, reasons.sql("varchar"), points.sql("bigint"))}
	absent := ""
	if len(absences) > 0 {
		absent = fmt.Sprintf("\n\nabsences as (\n    %s\n),", strings.Join(absences, "\n    union all\n    "))
		parts = append(parts, absentSQL)
	}
	m.SQL = fmt.Sprintf(`with

numbered as (
    select
        subject_id,
        scorecard,
        characteristic,
        position,
        record_id,
        value,
        label,
        row_number() over (%s) as nth%s
    from scores.counted
    where position > 0 and position < %d
),%s

points as (
    %s
)
%s`, inOrder, windows, PositionVeto, absent, strings.Join(parts, "\n    union all\n    "), s.boundedSQL(&m))
	return m
}

// inOrder is the order in which a characteristic looks at records.
const inOrder = "partition by subject_id, scorecard, position order by event_on asc nulls last, record_id asc nulls last"

const contributionColumns = "subject_id, scorecard, characteristic, position, reason_code, record_id, points_milli, missing"

func (s *RuleSet) needs(need func(*Characteristic) bool) bool {
	for _, card := range s.Scorecards {
		for i := range card.Characteristics {
			if need(&card.Characteristics[i]) {
				return true
			}
		}
	}
	return false
}

// absentSQL is a row for each subject and each of the absences whose
// characteristic has no record of the subject.
const absentSQL = `select
        base.subject_id,
        base.scorecard,
        absences.characteristic,
        absences.position,
        absences.reason_code,
        '' as record_id,
        absences.points_milli,
        absences.missing
    from scores.counted as base
    inner join absences on absences.scorecard = base.scorecard
    left join scores.counted as records
        on records.subject_id = base.subject_id and records.scorecard = base.scorecard and records.position = absences.position
    where base.position = 0 and records.subject_id is null`

// absenceSQL says what a characteristic without a record comes to.
func (c *Characteristic) absenceSQL(card *Scorecard, position int, ifNone Missing) string {
	missing := "'points'"
	if ifNone.NotEvaluated {
		missing = engine.Quote(string(credit.NotEvaluated))
	} else if c.Missing == nil {
		missing = "cast(null as varchar)"
	}
	return fmt.Sprintf(`select
        %s as scorecard,
        %s as characteristic,
        cast(%d as bigint) as position,
        %s as reason_code,
        cast(%d as bigint) as points_milli,
        %s as missing`, engine.Quote(card.Name), engine.Quote(c.Name), position, engine.Quote(c.ReasonCode), int64(ifNone.Points), missing)
}
