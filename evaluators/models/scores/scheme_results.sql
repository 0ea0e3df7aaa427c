/* model
description: The result of each subject in each scheme on the day, and its level on the common scale 1 to 4, 0 unranked. What its authority sent comes first; a scorecard fills in where there is none, or stands in its place where it adjusts that very result. Who is not evaluated has no row. A computed result is of the day of the run and has no date of its own.
grain: [subject_id, scheme]
inputs:
  - marts.industry_results_in_force
  - scores.scorecard_results
  - intermediate.subjects
  - rules.schemes
  - rules.scheme_levels
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
        cast(null as date) as evaluated_on,
        schemes.status
    from scores.scorecard_results as results
    inner join intermediate.subjects as subjects
        on subjects.subject_id = results.subject_id
    inner join rules.schemes as schemes
        on schemes.scorecard = results.scorecard
    left join rules.scheme_levels as levels
        on levels.scheme = schemes.scheme and levels.grade = results.grade
    where results.grade <> 'not_evaluated'
),

imported as (
    select
        results.subject_id,
        results.scheme,
        results.grade,
        results.industry_level,
        results.event_on as evaluated_on,
        results.valid_until,
        results.record_id,
        schemes.status,
        schemes.adjusts
    from marts.industry_results_in_force as results
    inner join rules.schemes as schemes
        on schemes.scheme = results.scheme
)

select
    imported.subject_id,
    imported.scheme,
    imported.grade,
    imported.industry_level,
    imported.evaluated_on,
    imported.valid_until,
    imported.record_id,
    imported.status
from imported
left join computed
    on computed.subject_id = imported.subject_id and computed.scheme = imported.scheme
where computed.subject_id is null or not imported.adjusts
union all
select
    computed.subject_id,
    computed.scheme,
    computed.grade,
    computed.industry_level,
    computed.evaluated_on,
    cast(null as date) as valid_until,
    '' as record_id,
    computed.status
from computed
left join imported
    on imported.subject_id = computed.subject_id and imported.scheme = computed.scheme
where imported.subject_id is null or imported.adjusts
