/* model
description: The tiered supervision lists. One row for each department, scheme and subject, and one for each subject that left since the list before.
grain: [department, scheme, division_code, subject_id]
inputs:
  - lists.entries
  - lists.class_codes
  - lists.reasons
  - marts.records_in_force
  - rules.schemes
  - rules.tiers
  - rules.inspection_plans
  - rules.inspection_plan_schemes
  - rules.inspection_quotas
  - ref.divisions
  - run.parameters
  - run.previous_list
checks:
  - fail: {not_null: [period, department, scheme, subject_id, subject_name, division_code, change, run_id, row_hash]}
  - fail: {accepted: {column: change, values: [new, up, down, same, left]}}
  - fail: {no_rows: "select subject_id from lists.supervision where change <> 'left' and supervision_class is null"}
  - fail: {no_rows: "select subject_id from lists.supervision where change <> 'left' and quota_id is null"}
  - fail: {no_rows: "select subject_id from lists.supervision where change <> 'left' and reason_1 is null"}
  - warn: {rows_changed: 20%}
*/
with

reasons as (
    select
        subject_id,
        scheme,
        max(case when position = 1 then reason end) as reason_1,
        max(case when position = 2 then reason end) as reason_2,
        max(case when position = 3 then reason end) as reason_3,
        max(case when position = 4 then reason end) as reason_4
    from lists.reasons
    group by subject_id, scheme
),

-- The first six codes; all of them are in lists.class_codes.
class_codes as (
    select
        subject_id,
        scheme,
        max(case when position = 1 then reason_code end)
            || coalesce(';' || max(case when position = 2 then reason_code end), '')
            || coalesce(';' || max(case when position = 3 then reason_code end), '')
            || coalesce(';' || max(case when position = 4 then reason_code end), '')
            || coalesce(';' || max(case when position = 5 then reason_code end), '')
            || coalesce(';' || max(case when position = 6 then reason_code end), '') as class_codes
    from lists.class_codes
    group by subject_id, scheme
),

evidence as (
    select subject_id, count(*) as evidence_count
    from marts.records_in_force
    where category <> '守信荣誉'
    group by subject_id
),

listed as (
    select
        department, scheme, scheme_title, subject_id, subject_name, division_code, industry_code, industry_name,
        industry_section, case when industry_section is not null then fx_left(industry_code, 2) end as industry_division,
        public_grade, public_evaluated_on, public_batch, industry_scheme, industry_scheme_title, industry_grade,
        -- a computed grade is of the day of the run
        case when industry_grade is not null then coalesce(industry_evaluated_on, parameters.as_of) end as industry_evaluated_on,
        risk_class, risk_classified_on, matrix_class, supervision_class, override_code,
        is_marked, is_conflict, publication_range
    from lists.entries
    cross join run.parameters as parameters
),

-- Each kind of subject takes the first line of its plan that fits it.
kinds as (
    select distinct scheme, supervision_class, industry_section, industry_division, risk_class
    from listed
),

fitting as (
    select
        kinds.scheme, kinds.supervision_class, kinds.industry_section, kinds.industry_division, kinds.risk_class,
        quotas.plan, quotas.quota_id, quotas.check_ratio_bp, quotas.max_checks, quotas.frequency,
        row_number() over (
            partition by kinds.scheme, kinds.supervision_class, kinds.industry_section, kinds.industry_division, kinds.risk_class
            order by quotas.position asc nulls last, quotas.industry_division asc nulls last
        ) as choice
    from kinds
    inner join rules.inspection_plan_schemes as plans
        on plans.scheme = kinds.scheme
    inner join rules.inspection_quotas as quotas
        on quotas.plan = plans.plan
        and quotas.supervision_class = kinds.supervision_class
        and (quotas.industry_section is null or quotas.industry_section = kinds.industry_section)
        and (quotas.industry_division is null or quotas.industry_division = kinds.industry_division)
        and (quotas.risk_class is null or quotas.risk_class = kinds.risk_class)
),

compared as (
    select
        listed.department, listed.scheme, listed.scheme_title, listed.subject_id, listed.subject_name,
        listed.division_code, listed.industry_code, listed.industry_name, listed.industry_section, listed.industry_division,
        listed.public_grade, listed.public_evaluated_on, listed.public_batch, listed.industry_scheme,
        listed.industry_scheme_title, listed.industry_grade, listed.industry_evaluated_on, listed.risk_class,
        listed.risk_classified_on, listed.matrix_class, listed.supervision_class, listed.override_code, listed.is_marked,
        listed.is_conflict, listed.publication_range,
        previous.supervision_class as previous_class,
        case
            when previous.subject_id is null then 'new'
            when listed.supervision_class > previous.supervision_class then 'up'
            when listed.supervision_class < previous.supervision_class then 'down'
            else 'same'
        end as change
    from listed
    left join run.previous_list as previous
        on previous.department = listed.department
        and previous.scheme = listed.scheme
        and previous.subject_id = listed.subject_id
    union all
    select
        previous.department, previous.scheme, coalesce(schemes.title, previous.scheme) as scheme_title,
        previous.subject_id, previous.subject_name, previous.division_code,
        cast(null as varchar) as industry_code, cast(null as varchar) as industry_name,
        cast(null as varchar) as industry_section, cast(null as varchar) as industry_division,
        cast(null as varchar) as public_grade, cast(null as date) as public_evaluated_on,
        cast(null as varchar) as public_batch, cast(null as varchar) as industry_scheme,
        cast(null as varchar) as industry_scheme_title, cast(null as varchar) as industry_grade,
        cast(null as date) as industry_evaluated_on, cast(null as varchar) as risk_class,
        cast(null as date) as risk_classified_on, cast(null as bigint) as matrix_class,
        cast(null as bigint) as supervision_class, cast(null as varchar) as override_code,
        false as is_marked, false as is_conflict,
        coalesce(schemes.publication_range, 'government') as publication_range,
        previous.supervision_class as previous_class,
        'left' as change
    from run.previous_list as previous
    left join listed
        on listed.department = previous.department
        and listed.scheme = previous.scheme
        and listed.subject_id = previous.subject_id
    left join rules.schemes as schemes
        on schemes.scheme = previous.scheme
    where listed.subject_id is null
),

-- A scheme that is gone has left rows only, whose period is that of the overall list.
periods as (
    select plan_schemes.scheme, plans.period, schemes.is_overall
    from rules.inspection_plan_schemes as plan_schemes
    inner join rules.inspection_plans as plans
        on plans.plan = plan_schemes.plan
    inner join rules.schemes as schemes
        on schemes.scheme = plan_schemes.scheme
)

select
    coalesce(periods.period, overall.period) as period,
    compared.department,
    compared.scheme,
    compared.scheme_title,
    'uscc' as subject_id_type,
    compared.subject_id,
    compared.subject_name,
    compared.division_code,
    divisions.division_name,
    compared.industry_code,
    compared.industry_name,
    compared.industry_section,
    compared.public_grade,
    compared.public_evaluated_on,
    compared.public_batch,
    compared.industry_scheme,
    compared.industry_scheme_title,
    compared.industry_grade,
    compared.industry_evaluated_on,
    compared.risk_class,
    compared.risk_classified_on,
    compared.matrix_class,
    compared.supervision_class,
    tiers.class_title,
    compared.override_code,
    class_codes.class_codes,
    compared.is_marked,
    compared.is_conflict,
    fitting.plan,
    fitting.quota_id,
    fitting.check_ratio_bp,
    fitting.max_checks,
    fitting.frequency,
    reasons.reason_1,
    reasons.reason_2,
    reasons.reason_3,
    reasons.reason_4,
    coalesce(evidence.evidence_count, 0) as evidence_count,
    compared.previous_class,
    compared.change,
    compared.publication_range,
    parameters.as_of,
    parameters.rule_set,
    parameters.run_id,
    fx_sha256(
        cast(parameters.as_of as varchar) || '|' || compared.department || '|' || compared.scheme || '|'
        || compared.subject_id || '|' || compared.subject_name || '|'
        || coalesce(cast(compared.supervision_class as varchar), '')
    ) as row_hash
from compared
cross join run.parameters as parameters
left join periods as overall
    on overall.is_overall
left join periods
    on periods.scheme = compared.scheme
left join rules.tiers as tiers
    on tiers.supervision_class = compared.supervision_class
left join fitting
    on fitting.choice = 1
    and fitting.scheme = compared.scheme
    and fitting.supervision_class = compared.supervision_class
    and coalesce(fitting.industry_division, '') = coalesce(compared.industry_division, '')
    and coalesce(fitting.industry_section, '') = coalesce(compared.industry_section, '')
    and coalesce(fitting.risk_class, '') = coalesce(compared.risk_class, '')
left join ref.divisions as divisions
    on divisions.division_code = compared.division_code
left join reasons
    on reasons.subject_id = compared.subject_id and reasons.scheme = compared.scheme
left join class_codes
    on class_codes.subject_id = compared.subject_id and class_codes.scheme = compared.scheme
left join evidence
    on evidence.subject_id = compared.subject_id
