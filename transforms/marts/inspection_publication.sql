/* model
description: The publication of each result of a draw or list, due so many working days after the inspection, by the plan of the overall list, and where it stands on the day.
grain: [assignment_id, department, subject_id]
inputs:
  - intermediate.inspection_results
  - staging.inspection__publications
  - rules.inspection_plans
  - rules.inspection_plan_schemes
  - rules.schemes
  - ref.calendar
  - run.parameters
checks:
  - fail: {not_null: [subject_name, inspected_on, state]}
  - fail: {accepted: {column: state, values: [on_time, late, open, overdue, unknown]}}
*/
with

published as (
    select assignment_id, department, subject_id, min(published_on) as published_on
    from staging.inspection__publications
    group by assignment_id, department, subject_id
),

limits as (
    select plans.publish_within_working_days as within_days
    from rules.inspection_plans as plans
    inner join rules.inspection_plan_schemes as plan_schemes
        on plan_schemes.plan = plans.plan
    inner join rules.schemes as schemes
        on schemes.scheme = plan_schemes.scheme and schemes.is_overall
),

last_days as (
    select working_no, min(day_on) as day_on
    from ref.calendar
    where is_working
    group by working_no
),

clocked as (
    select
        results.assignment_id,
        results.draw_id,
        results.department,
        results.subject_id,
        results.subject_name,
        results.inspected_on,
        results.result_codes,
        results.is_problem,
        published.published_on,
        last_days.day_on as due_on,
        ended.working_no - begun.working_no as working_days,
        limits.within_days,
        parameters.as_of
    from intermediate.inspection_results as results
    cross join run.parameters as parameters
    cross join limits
    left join published
        on published.assignment_id = results.assignment_id
        and published.department = results.department
        and published.subject_id = results.subject_id
    left join ref.calendar as begun
        on begun.day_on = results.inspected_on
    left join ref.calendar as ended
        on ended.day_on = coalesce(published.published_on, parameters.as_of)
    left join last_days
        on last_days.working_no = begun.working_no + limits.within_days
)

select
    assignment_id,
    draw_id,
    department,
    subject_id,
    subject_name,
    inspected_on,
    result_codes,
    is_problem,
    published_on,
    due_on,
    working_days,
    within_days - working_days as days_left,
    case
        when due_on is null then 'unknown'
        when published_on <= due_on then 'on_time'
        when published_on is not null then 'late'
        when as_of > due_on then 'overdue'
        else 'open'
    end as state
from clocked
