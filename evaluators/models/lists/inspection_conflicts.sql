/* model
description: Which inspector does not visit which enterprise, by the conflicts that the inspection plan knows; one row for each, the first of the plan's names where several hold.
grain: [plan, subject_id, inspector_id]
inputs:
  - lists.inspectors
  - staging.inspection__interests
  - staging.inspection__visits
  - staging.inspection__results
  - staging.inspection__returned_results
  - rules.inspection_conflicts
  - run.parameters
checks:
  - fail: {not_null: [conflict, reason]}
*/
with

results as (
    select subject_id, inspected_on, inspector_codes
    from staging.inspection__results
    union all
    select subject_id, inspected_on, inspector_codes
    from staging.inspection__returned_results
),

relations as (
    select inspector_id, subject_id, 'former_employer' as conflict, declared_on as known_on, ended_on
    from staging.inspection__interests
    where relation = '曾任职'
    union all
    select inspector_id, subject_id, 'declared_interest' as conflict, declared_on as known_on, ended_on
    from staging.inspection__interests
    where relation <> '曾任职'
    union all
    select inspector_id, subject_id, 'recent_visit' as conflict, inspected_on as known_on, cast(null as date) as ended_on
    from staging.inspection__visits
    union all
    select inspectors.inspector_id, results.subject_id, 'recent_visit' as conflict, results.inspected_on as known_on, cast(null as date) as ended_on
    from results
    inner join lists.inspectors as inspectors
        on position('、' || inspectors.inspector_id || '、' in '、' || results.inspector_codes || '、') > 0
),

-- Employment in the past stays a conflict; a declared interest ends with its last day.
holding as (
    select
        conflicts.plan, relations.subject_id, relations.inspector_id, conflicts.conflict, conflicts.meaning as reason,
        row_number() over (
            partition by conflicts.plan, relations.subject_id, relations.inspector_id
            order by
                case conflicts.conflict when 'former_employer' then 1 when 'declared_interest' then 2 else 3 end asc nulls last
        ) as choice
    from relations
    cross join run.parameters as parameters
    inner join rules.inspection_conflicts as conflicts
        on conflicts.conflict = relations.conflict
    inner join lists.inspectors as inspectors
        on inspectors.inspector_id = relations.inspector_id
    where
        relations.known_on <= parameters.as_of
        and (relations.conflict <> 'declared_interest' or relations.ended_on is null or relations.ended_on > parameters.as_of)
        and (conflicts.months is null or relations.known_on > fx_add_months(parameters.as_of, -conflicts.months))
)

select plan, subject_id, inspector_id, conflict, reason
from holding
where choice = 1
