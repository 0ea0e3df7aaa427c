package evaluators

import (
	"fmt"
	"slices"
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
	windows, parts := "", []string{}
	for _, card := range s.Scorecards {
		base.card(card, fmt.Sprint(int64(card.BasePoints)))
		for i := range card.Characteristics {
			c := &card.Characteristics[i]
			reasons.add(card, i+1, engine.Quote(c.ReasonCode))
			points.add(card, i+1, c.pointsSQL())
			if ifNone, ok := c.IfNone(); ok {
				parts = append(parts, c.absentSQL(card, i+1, ifNone))
			}
		}
	}
	if s.needs(func(c *Characteristic) bool { return c.usesTotal() }) {
		windows += fmt.Sprintf(",\n        cast(sum(value) over (%s) as bigint) as total", inOrder)
	}
	for step := 1; s.needs(func(c *Characteristic) bool { return c.Escalate != nil && len(c.Escalate.Steps) >= step }); step++ {
		windows += fmt.Sprintf(",\n        cast(sum(case when value = %d then 1 else 0 end) over (%s) as bigint) as step_%d", step, inOrder, step)
	}
	parts = append([]string{fmt.Sprintf(`select
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
    from numbered`, reasons.sql("varchar"), points.sql("bigint"))}, parts...)
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
),

points as (
    %s
)
%s`, inOrder, windows, PositionBounds, strings.Join(parts, "\n    union all\n    "), s.boundedSQL(&m))
	return m
}

// inOrder is the order in which a characteristic looks at records.
const inOrder = "partition by subject_id, scorecard, position order by event_on asc nulls last, record_id asc nulls last"

const contributionColumns = "subject_id, scorecard, characteristic, position, reason_code, record_id, points_milli, missing"

// boundedSQL adds what bounds and vetoes of the score change.
func (s *RuleSet) boundedSQL(m *model.Model) string {
	var lowest, highest pick
	var vetoed, lower []string
	for _, card := range s.Scorecards {
		if card.Lowest != nil {
			lowest.card(card, fmt.Sprint(int64(*card.Lowest)))
		}
		if card.Highest != nil {
			highest.card(card, fmt.Sprint(int64(*card.Highest)))
		}
		if slices.ContainsFunc(card.Vetoes, func(v Veto) bool { return v.Score != nil }) {
			vetoed = append(vetoed, card.Name)
			if card.Better == "lower" {
				lower = append(lower, card.Name)
			}
		}
	}
	score := "coalesce(total_milli, 0)"
	if !lowest.empty() {
		score = fmt.Sprintf("coalesce(greatest(%s, coalesce(%s, %s)), 0)", score, lowest.sql("bigint"), score)
	}
	if !highest.empty() {
		score = fmt.Sprintf("coalesce(least(%s, coalesce(%s, %s)), 0)", score, highest.sql("bigint"), score)
	}
	ctes := fmt.Sprintf(`,

totals as (
    select subject_id, scorecard, cast(sum(points_milli) as bigint) as total_milli
    from points
    group by subject_id, scorecard
),

bounded as (
    select subject_id, scorecard, total_milli, %s as score_milli
    from totals
)`, score)
	selects := fmt.Sprintf(`

select %s
from points
union all
select
    subject_id, scorecard, 'bounds' as characteristic, cast(%d as bigint) as position, 'BOUNDS' as reason_code,
    '' as record_id, cast(score_milli - total_milli as bigint) as points_milli, cast(null as varchar) as missing
from bounded
where score_milli <> total_milli`, contributionColumns, PositionBounds)
	switch {
	case vetoed != nil:
		m.Inputs = append(m.Inputs, "scores.vetoes")
		better, worst := "least(bounded.score_milli, score_vetoes.score_milli)", "score_milli"
		if lower != nil {
			better = fmt.Sprintf("case when bounded.scorecard in (%s) then greatest(bounded.score_milli, score_vetoes.score_milli) else %s end", quoteAll(lower), better)
			worst = fmt.Sprintf("case when scorecard in (%s) then -score_milli else score_milli end", quoteAll(lower))
		}
		return ctes + fmt.Sprintf(scoreVetoes, worst, better) + selects + scoreVetoRows
	case lowest.empty() && highest.empty():
		return "\nselect " + contributionColumns + "\nfrom points"
	}
	return ctes + selects
}

// scoreVetoes are the vetoes that decide a score, of several the one that bounds
// it most, with the points that they take.
const scoreVetoes = `,

score_vetoes as (
    select
        subject_id,
        scorecard,
        characteristic,
        position,
        reason_code,
        record_id,
        score_milli,
        row_number() over (
            partition by subject_id, scorecard
            order by %s asc nulls last, position asc nulls last, record_id asc nulls last
        ) as choice
    from scores.vetoes
    where effect = 'score'
),

taken as (
    select
        score_vetoes.subject_id,
        score_vetoes.scorecard,
        score_vetoes.characteristic,
        score_vetoes.position,
        score_vetoes.reason_code,
        score_vetoes.record_id,
        %s - bounded.score_milli as points_milli
    from score_vetoes
    inner join bounded
        on bounded.subject_id = score_vetoes.subject_id and bounded.scorecard = score_vetoes.scorecard
    where score_vetoes.choice = 1
)`

const scoreVetoRows = `
union all
select
    subject_id, scorecard, characteristic, position, reason_code, record_id,
    cast(points_milli as bigint) as points_milli, cast(null as varchar) as missing
from taken
where points_milli <> 0`

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

// absentSQL is the row without a record of each subject that has none.
func (c *Characteristic) absentSQL(card *Scorecard, position int, ifNone Missing) string {
	missing := "'points'"
	if ifNone.NotEvaluated {
		missing = engine.Quote(string(credit.NotEvaluated))
	} else if c.Missing == nil {
		missing = "cast(null as varchar)"
	}
	return fmt.Sprintf(`select
        base.subject_id,
        base.scorecard,
        %s as characteristic,
        cast(%[2]d as bigint) as position,
        %[3]s as reason_code,
        '' as record_id,
        cast(%[4]d as bigint) as points_milli,
        %[5]s as missing
    from scores.counted as base
    left join scores.counted as records
        on records.subject_id = base.subject_id and records.scorecard = base.scorecard and records.position = %[2]d
    where base.scorecard = %[6]s and base.position = 0 and records.subject_id is null`,
		engine.Quote(c.Name), position, engine.Quote(c.ReasonCode), int64(ifNone.Points), missing, engine.Quote(card.Name))
}

func (c *Characteristic) usesTotal() bool {
	measure, _ := c.MeasureOf()
	return c.Decay != nil || measure == MeasureSum || measure == MeasureShare
}

// pointsSQL is what the characteristic gives with a record less what it gave
// before it.
func (c *Characteristic) pointsSQL() string {
	measure, _ := c.MeasureOf()
	switch kind := c.Kind(); {
	case c.Decay != nil:
		return c.capped("total") + " - " + c.capped("(total - value)")
	case kind == KindEach:
		return c.capped(fmt.Sprintf("%d * nth", int64(*c.Each))) + " - " + c.capped(fmt.Sprintf("%d * (nth - 1)", int64(*c.Each)))
	case kind == KindPresent:
		return fmt.Sprintf("case when nth = 1 then %d else 0 end", int64(*c.Present))
	case kind == KindGrades:
		var b strings.Builder
		for _, grade := range sortedKeys(c.Grades) {
			fmt.Fprintf(&b, "when %s then %d ", engine.Quote(grade), int64(c.Grades[grade]))
		}
		return "case label " + b.String() + "end"
	case kind == KindEscalate:
		with, before := make([]string, len(c.Escalate.Steps)), make([]string, len(c.Escalate.Steps))
		for i := range with {
			with[i] = fmt.Sprintf("step_%d", i+1)
			before[i] = fmt.Sprintf("(step_%d - case when value = %d then 1 else 0 end)", i+1, i+1)
		}
		return c.capped(c.Escalate.sql(with)) + " - " + c.capped(c.Escalate.sql(before))
	case measure == MeasureNewest:
		return c.bandSQL("value", "1")
	case measure == MeasureCount:
		return c.bandSQL("nth", "1") + " - " + c.before(c.bandSQL("(nth - 1)", "1"))
	case measure == MeasureShare:
		return c.bandSQL("total * 10000", "nth") + " - " + c.before(c.bandSQL("(total - value) * 10000", "(nth - 1)"))
	default: // sum
		return c.bandSQL("total", "1") + " - " + c.before(c.bandSQL("(total - value)", "1"))
	}
}

// before is nothing before the first record: what no record gives is on a row
// of its own, which a subject with records does not have.
func (c *Characteristic) before(points string) string {
	return "case when nth = 1 then 0 else " + points + " end"
}

// capped bounds points: the cap is above for bonus points, below for deductions.
func (c *Characteristic) capped(points string) string {
	if *c.Cap < 0 {
		return fmt.Sprintf("greatest(%s, %d)", points, int64(*c.Cap))
	}
	return fmt.Sprintf("least(%s, %d)", points, int64(*c.Cap))
}

// bandSQL gives the points of the band of value / of, without dividing.
func (c *Characteristic) bandSQL(value, of string) string {
	var b strings.Builder
	bounds := c.Bounds()
	for i := len(bounds) - 1; i >= 0; i-- {
		bound := fmt.Sprint(bounds[i])
		if of != "1" {
			bound += " * " + of
		}
		fmt.Fprintf(&b, "when %s >= %s then %d ", value, bound, int64(c.Bands[i+1].Points))
	}
	return fmt.Sprintf("case %selse %d end", b.String(), int64(c.Bands[0].Points))
}

const maxSteps = 5

// sql adds up the steps: whole groups go up a step, the rest stays.
func (e *Escalation) sql(counts []string) string {
	var terms []string
	carried := ""
	for i, step := range e.Steps {
		n := counts[i]
		if carried != "" {
			n = "(" + n + " + " + carried + ")"
		}
		carried = ""
		if step.Every > 0 {
			carried = fmt.Sprintf("fx_div_floor(%s, %d)", n, step.Every)
			n = fmt.Sprintf("(%s - %d * %s)", n, step.Every, carried)
		}
		terms = append(terms, fmt.Sprintf("%d * %s", int64(step.Each), n))
	}
	return strings.Join(terms, " + ")
}

// A pick is a CASE that picks an expression by scorecard and position.
type pick struct {
	cards []string
	byPos map[string][]string // scorecard → WHEN of its positions; nil: one ELSE for all
	all   map[string]string
}

func (p *pick) add(card *Scorecard, position int, expression string) {
	if p.byPos == nil {
		p.byPos = map[string][]string{}
	}
	if p.byPos[card.Name] == nil {
		p.cards = append(p.cards, card.Name)
	}
	p.byPos[card.Name] = append(p.byPos[card.Name], fmt.Sprintf("when %d then %s", position, expression))
}

// card adds one expression for all positions.
func (p *pick) card(card *Scorecard, expression string) {
	if p.all == nil {
		p.all = map[string]string{}
	}
	p.cards = append(p.cards, card.Name)
	p.all[card.Name] = expression
}

func (p *pick) empty() bool { return len(p.cards) == 0 }

// sql is the CASE; where nothing was added it is NULL of the type.
func (p *pick) sql(kind string) string {
	if p.empty() {
		return "cast(null as " + kind + ")"
	}
	var b strings.Builder
	for _, card := range p.cards {
		expression, ok := p.all[card]
		if !ok {
			expression = "case position\n            " + strings.Join(p.byPos[card], "\n            ") + "\n        end"
		}
		fmt.Fprintf(&b, "\n        when %s then %s", engine.Quote(card), expression)
	}
	return "case scorecard" + b.String() + "\n    end"
}
