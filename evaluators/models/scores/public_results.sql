/* model
description: The public grade of every subject. The national result where one holds on the day, its own value where there is none, and where the overlay rule says so the city's scorecard instead.
grain: [subject_id]
inputs: [intermediate.subjects, marts.public_results_in_force, scores.scorecard_results, rules.public_source]
local: true
checks:
  - fail: {not_null: [public_grade, source]}
  - fail: {accepted: {column: public_grade, values: [A, B, C, D, not_evaluated]}}
*/
with

city as (
    select results.subject_id, results.scorecard, results.grade
    from scores.scorecard_results as results
    inner join rules.public_source as source
        on source.fallback = results.scorecard
)

select
    subjects.subject_id,
    coalesce(national.grade, city.grade, 'not_evaluated') as public_grade,
    national.event_on as public_evaluated_on,
    national.valid_until as public_valid_until,
    national.result_batch,
    national.record_id,
    case when national.grade is not null then 'national' else coalesce(city.scorecard, 'none') end as source
from intermediate.subjects as subjects
left join marts.public_results_in_force as national
    on national.subject_id = subjects.subject_id
left join city
    on city.subject_id = subjects.subject_id
