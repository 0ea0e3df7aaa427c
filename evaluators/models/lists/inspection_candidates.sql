/* model
description: Whom a random draw may draw. One row for each subject of each list, with the line of the inspection plan that fits it, how often it was inspected this year, and, where it is left in peace, why.
grain: [department, scheme, subject_id]
inputs:
  - lists.supervision
  - intermediate.subjects
  - marts.inspection_history
  - staging.credit__inspections
  - rules.inspection_plans
  - rules.inspection_quotas
  - rules.inspection_exclusions
  - rules.inspection_joint_caps
  - run.parameters
checks:
  - fail: {not_null: [plan, subject_name, division_code, supervision_class, quota_id, ratio_bp, min_count, max_checks, max_visits, checks_done, visits_done]}
  - fail: {no_rows: "select subject_id from lists.inspection_candidates where (exclusion is null) <> (reason is null)"}
*/
with

-- Inspections of other departments count too, although only their outcome is known.
history as (
    select subject_id, department, inspected_on, result_codes
    from marts.inspection_history
    union all
    select subject_id, authority_name as department, inspected_on, cast(null as varchar) as result_codes
    from staging.credit__inspections
    where result <> '未检查'
),

known as (
    select history.subject_id, history.department, history.inspected_on, history.result_codes, parameters.as_of
    from history
    cross join run.parameters as parameters
    where history.inspected_on <= parameters.as_of
),

this_year as (
    select subject_id, department, inspected_on
    from known
    where substr(cast(inspected_on as varchar), 1, 4) = substr(cast(as_of as varchar), 1, 4)
),

-- Departments that came on one day came together.
visits as (
    select subject_id, count(distinct inspected_on) as visits_done
    from this_year
    group by subject_id
),

checks as (
    select subject_id, department, count(distinct inspected_on) as checks_done, max(inspected_on) as last_on
    from this_year
    group by subject_id, department
),

ranked_results as (
    select
        subject_id, result_codes,
        row_number() over (
            partition by subject_id
            order by inspected_on desc nulls last, result_codes desc nulls last
        ) as choice
    from known
    where result_codes is not null
),

lines as (
    select plan, quota_id, max(minimum) as min_count
    from rules.inspection_quotas
    group by plan, quota_id
),

listed as (
    select
        supervision.plan, supervision.department, supervision.scheme, supervision.subject_id, supervision.subject_name,
        supervision.division_code, supervision.industry_section, supervision.supervision_class, supervision.risk_class,
        supervision.quota_id, supervision.check_ratio_bp as ratio_bp, supervision.max_checks, supervision.publication_range,
        lines.min_count, caps.max_visits, subjects.established_on, subjects.registration_status,
        coalesce(checks.checks_done, 0) as checks_done, checks.last_on, coalesce(visits.visits_done, 0) as visits_done,
        results.result_codes, plans.period, plans.period_from, parameters.as_of
    from lists.supervision as supervision
    cross join run.parameters as parameters
    inner join rules.inspection_plans as plans
        on plans.plan = supervision.plan
    inner join lines
        on lines.plan = supervision.plan and lines.quota_id = supervision.quota_id
    inner join rules.inspection_joint_caps as caps
        on caps.plan = supervision.plan and caps.supervision_class = supervision.supervision_class
    inner join intermediate.subjects as subjects
        on subjects.subject_id = supervision.subject_id
    left join checks
        on checks.subject_id = supervision.subject_id and checks.department = supervision.department
    left join visits
        on visits.subject_id = supervision.subject_id
    left join ranked_results as results
        on results.subject_id = supervision.subject_id and results.choice = 1
    where supervision.change <> 'left'
),

hits as (
    select
        listed.department, listed.scheme, listed.subject_id, exclusions.exclusion,
        exclusions.meaning || case exclusions.exclusion
            when 'new' then '（' || cast(listed.established_on as varchar) || '成立）'
            when 'closed' then '（' || coalesce(exclusions.registration_status, '检查结果' || exclusions.result_code) || '）'
            when 'inspected' then '（' || cast(listed.last_on as varchar) || '）'
            when 'cap_reached' then '（本部门' || cast(listed.checks_done as varchar) || '次，上限' || cast(listed.max_checks as varchar)
                || '次；各部门' || cast(listed.visits_done as varchar) || '次，上限' || cast(listed.max_visits as varchar) || '次）'
            else ''
        end as reason,
        row_number() over (
            partition by listed.department, listed.scheme, listed.subject_id
            order by
                exclusions.position asc nulls last, exclusions.registration_status asc nulls last,
                exclusions.result_code asc nulls last
        ) as choice
    from listed
    inner join rules.inspection_exclusions as exclusions
        on exclusions.plan = listed.plan
        and case exclusions.exclusion
            when 'new' then listed.established_on > fx_add_months(listed.as_of, -exclusions.months)
            when 'closed' then coalesce(exclusions.registration_status = listed.registration_status, position('、' || exclusions.result_code || '、' in '、' || listed.result_codes || '、') > 0, false)
            when 'inspected' then listed.last_on >= listed.period_from
            when 'cap_reached' then listed.checks_done >= listed.max_checks or listed.visits_done >= listed.max_visits
            when 'no_disturbance' then
                exclusions.supervision_class = listed.supervision_class
                and (exclusions.risk_class is null or exclusions.risk_class = listed.risk_class)
            else false
        end
)

select
    listed.plan,
    listed.period,
    listed.department,
    listed.scheme,
    listed.subject_id,
    listed.subject_name,
    listed.division_code,
    listed.industry_section,
    listed.supervision_class,
    listed.quota_id,
    listed.ratio_bp,
    listed.min_count,
    listed.max_checks,
    listed.checks_done,
    listed.max_visits,
    listed.visits_done,
    hits.exclusion,
    hits.reason,
    listed.publication_range
from listed
left join hits
    on hits.department = listed.department
    and hits.scheme = listed.scheme
    and hits.subject_id = listed.subject_id
    and hits.choice = 1
