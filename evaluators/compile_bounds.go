package evaluators

import (
	"fmt"
	"slices"

	"rongxin/warehouse/model"
)

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
	ctes := fmt.Sprintf(`,

totals as (
    select
        subject_id,
        scorecard,
        cast(sum(points_milli) as bigint) as total_milli,
        cast(%s as bigint) as lowest_milli,
        cast(%s as bigint) as highest_milli
    from points
    group by subject_id, scorecard
),

bounded as (
    select
        subject_id,
        scorecard,
        total_milli,
        case
            when total_milli < lowest_milli then lowest_milli
            when total_milli > highest_milli then highest_milli
            else total_milli
        end as score_milli
    from totals
)`, lowest.sql("bigint"), highest.sql("bigint"))
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
