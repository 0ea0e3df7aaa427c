package explain

import (
	"context"
	"errors"
	"fmt"

	"rongxin/warehouse/engine"
)

// CheckAll holds every score of the run against its evidence: the contributions
// add up to it, and each contribution that names a record names one that is
// there and counts. It returns the number of subjects and the codes of those
// for which this fails, in order.
func CheckAll(ctx context.Context, db *engine.DB) (subjects int64, bad []string, err error) {
	if err := db.QueryRow(ctx, "select count(*) from intermediate.subjects").Scan(&subjects); err != nil {
		return 0, nil, fmt.Errorf("count subjects: %w", err)
	}
	rows, err := db.Query(ctx, `with

sums as (
    select subject_id, scorecard, cast(sum(points_milli) as bigint) as sum_milli
    from scores.contributions
    group by subject_id, scorecard
),

citable as (
    select subject_id, record_id
    from marts.subject_records
    where state is null or state = 'in_force'
)

select coalesce(sums.subject_id, results.subject_id) as subject_id
from sums
full join scores.scorecard_results as results
    on results.subject_id = sums.subject_id and results.scorecard = sums.scorecard
where sums.sum_milli is distinct from results.score_milli
union
select lines.subject_id
from scores.contributions as lines
left join citable
    on citable.subject_id = lines.subject_id and citable.record_id = lines.record_id
where lines.record_id <> '' and citable.record_id is null
order by subject_id`)
	if err != nil {
		return 0, nil, fmt.Errorf("check scores: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			return 0, nil, err
		}
		bad = append(bad, code)
	}
	return subjects, bad, rows.Err()
}
