package evaluators

import (
	"fmt"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
)

// vetoes is one row for each record that a veto in effect rests on. A veto of
// the score names the grade of its score.
func (s *RuleSet) vetoes() model.Model {
	var reasons, effects, grades, severities, scores, atLeast pick
	for _, card := range s.Scorecards {
		for i, v := range card.Vetoes {
			effect, grade := v.effect(card)
			if v.Score != nil {
				scores.add(card, PositionVeto+i, fmt.Sprint(int64(*v.Score)))
			}
			reasons.add(card, PositionVeto+i, engine.Quote(v.ReasonCode))
			effects.add(card, PositionVeto+i, engine.Quote(effect))
			grades.add(card, PositionVeto+i, engine.Quote(grade))
			severities.add(card, PositionVeto+i, fmt.Sprint(card.badness(grade)))
			if v.AtLeast > 1 {
				atLeast.add(card, PositionVeto+i, fmt.Sprint(v.AtLeast))
			}
		}
	}
	from := "scores.counted"
	if !atLeast.empty() {
		from = fmt.Sprintf(`(
    select
        subject_id, scorecard, characteristic, position, record_id,
        count(*) over (partition by subject_id, scorecard, position) as records
    from scores.counted
    where position >= %d
) as counted`, PositionVeto)
	}
	where := fmt.Sprintf("position >= %d", PositionVeto)
	if !atLeast.empty() {
		where = fmt.Sprintf("records >= coalesce(%s, 1)", atLeast.sql("bigint"))
	}
	return model.Model{
		Name: "scores.vetoes", File: "evaluators/compile_results.go", Stage: model.Evaluate,
		Description: "Records that set a scorecard's grade whatever the points, or bound its grade or its score.",
		Grain:       []string{"subject_id", "scorecard", "reason_code", "record_id"},
		Inputs:      []string{"scores.counted"},
		SQL: fmt.Sprintf(`select
    subject_id,
    scorecard,
    characteristic,
    position,
    %s as reason_code,
    record_id,
    %s as effect,
    %s as grade,
    cast(%s as bigint) as severity,
    cast(%s as bigint) as score_milli
from %s
where %s`, reasons.sql("varchar"), effects.sql("varchar"), grades.sql("varchar"), severities.sql("bigint"), scores.sql("bigint"), from, where),
	}
}

// effect is grade, ceiling or score, and the grade that it comes to.
func (v *Veto) effect(card *Scorecard) (effect, grade string) {
	switch {
	case v.Score != nil:
		return "score", card.gradeOf(*v.Score)
	case v.Ceiling != "":
		return "ceiling", v.Ceiling
	}
	return "grade", v.Grade
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

// gradeOf is the grade of a score.
func (s *Scorecard) gradeOf(score Points) string {
	grade := ""
	for _, g := range s.Grades {
		if s.Better == "higher" && score >= *g.From {
			grade = g.Grade
		}
		if s.Better == "lower" && grade == "" && (g.UpTo == nil || score <= *g.UpTo) {
			grade = g.Grade
		}
	}
	return grade
}

// gradeSQL is the CASE that turns points into their grade.
func (s *Scorecard) gradeSQL() string {
	worst := s.Grades[0].Grade
	if s.Better == "lower" {
		worst = s.Grades[len(s.Grades)-1].Grade
	}
	return fmt.Sprintf("case %selse %s end", s.betterSQL(engine.Quote), engine.Quote(worst))
}

// severitySQL is the CASE that says how bad the grade of points is; NULL for the
// worst, which no ceiling changes.
func (s *Scorecard) severitySQL() string {
	return "case " + s.betterSQL(func(grade string) string { return fmt.Sprint(s.badness(grade)) }) + "end"
}

// betterSQL are the WHENs of all grades but the worst.
func (s *Scorecard) betterSQL(say func(grade string) string) string {
	var b strings.Builder
	if s.Better == "higher" {
		for i := len(s.Grades) - 1; i > 0; i-- {
			fmt.Fprintf(&b, "when score_milli >= %d then %s ", int64(*s.Grades[i].From), say(s.Grades[i].Grade))
		}
		return b.String()
	}
	for _, g := range s.Grades[:len(s.Grades)-1] {
		fmt.Fprintf(&b, "when score_milli <= %d then %s ", int64(*g.UpTo), say(g.Grade))
	}
	return b.String()
}

// scorecardResults is the score and the grade of each subject of a scorecard.
func (s *RuleSet) scorecardResults() model.Model {
	var grades, severities, versions pick
	var names []string
	for _, card := range s.Scorecards {
		grades.card(card, card.gradeSQL())
		severities.card(card, card.severitySQL())
		versions.card(card, fmt.Sprint(card.Version))
		names = append(names, card.Name)
	}
	return model.Model{
		Name: "scores.scorecard_results", File: "evaluators/compile_results.go", Stage: model.Evaluate,
		Description: "The score of each subject on each scorecard: the sum of its contributions, nothing else. A subject that lacks what cannot be missing has the grade not_evaluated.",
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
        cast(sum(case when record_id = '' then 0 else 1 end) as bigint) as records_counted,
        max(case when missing = %[2]s then missing end) as missing
    from scores.contributions
    group by subject_id, scorecard
),

scored as (
    select
        subject_id,
        scorecard,
        cast(%[1]s as bigint) as scorecard_version,
        score_milli,
        records_counted,
        coalesce(missing, %[3]s) as points_grade,
        case when missing is null then %[4]s end as points_severity
    from totals
),

ranked_vetoes as (
    select
        subject_id,
        scorecard,
        effect,
        grade,
        severity,
        reason_code,
        row_number() over (
            partition by subject_id, scorecard, effect
            order by severity desc nulls last, reason_code asc nulls last, record_id asc nulls last
        ) as choice
    from scores.vetoes
),

-- A ceiling acts on the grade that points or a veto gave.
judged as (
    select
        scored.subject_id,
        scored.scorecard,
        scored.scorecard_version,
        scored.score_milli,
        scored.points_grade,
        scored.records_counted,
        coalesce(sets.grade, scored.points_grade) as set_grade,
        sets.reason_code as set_reason_code,
        ceilings.grade as ceiling_grade,
        ceilings.reason_code as ceiling_reason_code,
        coalesce(ceilings.severity > coalesce(sets.severity, scored.points_severity), false) as is_bounded
    from scored
    left join ranked_vetoes as sets
        on sets.subject_id = scored.subject_id and sets.scorecard = scored.scorecard
        and sets.effect = 'grade' and sets.choice = 1
    left join ranked_vetoes as ceilings
        on ceilings.subject_id = scored.subject_id and ceilings.scorecard = scored.scorecard
        and ceilings.effect = 'ceiling' and ceilings.choice = 1
)

select
    subject_id,
    scorecard,
    scorecard_version,
    score_milli,
    points_grade,
    case when is_bounded then ceiling_grade else set_grade end as grade,
    case when is_bounded then ceiling_reason_code else set_reason_code end as veto_reason_code,
    records_counted
from judged`, versions.sql("bigint"), engine.Quote(string(credit.NotEvaluated)), grades.sql("varchar"), severities.sql("bigint")),
	}
}
