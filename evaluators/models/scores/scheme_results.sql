/* model
description: The result of each subject in each scheme on the day, and its level on the common scale 1 to 4, 0 unranked. What its authority sent comes first; a scheme that is computed as well fills in where there is none.
grain: [subject_id, scheme]
inputs:
  - marts.industry_results_in_force
  - scores.scorecard_results
  - intermediate.subjects
  - rules.schemes
  - rules.scheme_levels
  - run.parameters
local: true
checks:
  - fail: {not_null: [grade, industry_level, status]}
  - fail: {accepted: {column: industry_level, values: ["0", "1", "2", "3", "4"]}}
*/
with

computed as (
    select
        results.subject_id,
        schemes.scheme,
        results.grade,
        coalesce(levels.industry_level, 0) as industry_level,
        parameters.as_of as evaluated_on,
        schemes.status
    from scores.scorecard_results as results
    cross join run.parameters as parameters
    inner join intermediate.subjects as subjects
        on subjects.subject_id = results.subject_id
    inner join rules.schemes as schemes
        on schemes.scorecard = results.scorecard
    left join rules.scheme_levels as levels
        on levels.scheme = schemes.scheme and levels.grade = results.grade
    left join marts.industry_results_in_force as imported
        on imported.subject_id = results.subject_id and imported.scheme = schemes.scheme
    where imported.subject_id is null
)

select
    imported.subject_id,
    imported.scheme,
    imported.grade,
    imported.industry_level,
    imported.event_on as evaluated_on,
    imported.valid_until,
    imported.record_id,
    schemes.status
from marts.industry_results_in_force as imported
inner join rules.schemes as schemes
    on schemes.scheme = imported.scheme
union all
select
    subject_id,
    scheme,
    grade,
    industry_level,
    evaluated_on,
    cast(null as date) as valid_until,
    '' as record_id,
    status
from computed
