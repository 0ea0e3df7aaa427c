/* model
description: The tiered supervision lists. One row for each department, scheme and subject, and one for each subject that left since the list before.
grain: [department, scheme, division_code, subject_id]
inputs:
  - overlay.scheme_classes
  - overlay.subject_classes
  - intermediate.subjects
  - marts.records_in_force
  - lists.reasons
  - rules.schemes
  - rules.tiers
  - ref.divisions
  - ref.industries
  - run.parameters
  - run.previous_list
checks:
  - fail: {not_null: [department, scheme, subject_id, subject_name, division_code, change, row_hash]}
  - fail: {accepted: {column: change, values: [new, up, down, same, left]}}
  - fail: {no_rows: "select subject_id from lists.supervision where change <> 'left' and supervision_class is null"}
  - fail: {no_rows: "select subject_id from lists.supervision where change <> 'left' and reason_1 is null"}
  - warn: {rows_changed: 20%}
*/
with

entries as (
    select
        classes.subject_id, classes.scheme, classes.public_grade, classes.public_evaluated_on,
        classes.industry_grade, classes.industry_evaluated_on, classes.matrix_class, classes.supervision_class,
        classes.override_code, classes.is_marked, classes.is_conflict
    from overlay.scheme_classes as classes
    where not classes.is_out and classes.scheme <> 'none'
    union all
    select
        classes.subject_id, schemes.scheme, classes.public_grade, classes.public_evaluated_on,
        classes.industry_grade, classes.industry_evaluated_on, classes.matrix_class, classes.supervision_class,
        classes.override_code, classes.is_marked, classes.is_conflict
    from overlay.subject_classes as classes
    cross join rules.schemes as schemes
    where not classes.is_out and schemes.is_overall
),

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

evidence as (
    select subject_id, count(*) as evidence_count
    from marts.records_in_force
    where category <> '守信荣誉'
    group by subject_id
),

listed as (
    select
        schemes.department,
        entries.scheme,
        schemes.title as scheme_title,
        entries.subject_id,
        subjects.subject_name,
        subjects.division_code,
        subjects.industry_code,
        entries.public_grade,
        entries.public_evaluated_on,
        entries.industry_grade,
        entries.industry_evaluated_on,
        entries.matrix_class,
        entries.supervision_class,
        entries.override_code,
        entries.is_marked,
        entries.is_conflict,
        schemes.publication_range
    from entries
    inner join rules.schemes as schemes
        on schemes.scheme = entries.scheme
    inner join intermediate.subjects as subjects
        on subjects.subject_id = entries.subject_id
),

compared as (
    select
        listed.department, listed.scheme, listed.scheme_title, listed.subject_id, listed.subject_name,
        listed.division_code, listed.industry_code, listed.public_grade, listed.public_evaluated_on,
        listed.industry_grade, listed.industry_evaluated_on, listed.matrix_class, listed.supervision_class,
        listed.override_code, listed.is_marked, listed.is_conflict, listed.publication_range,
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
        cast(null as varchar) as industry_code, cast(null as varchar) as public_grade,
        cast(null as date) as public_evaluated_on, cast(null as varchar) as industry_grade,
        cast(null as date) as industry_evaluated_on, cast(null as bigint) as matrix_class,
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
)

select
    compared.department,
    compared.scheme,
    compared.scheme_title,
    compared.subject_id,
    compared.subject_name,
    compared.division_code,
    divisions.division_name,
    compared.industry_code,
    industries.industry_name,
    compared.public_grade,
    compared.public_evaluated_on,
    compared.industry_grade,
    compared.industry_evaluated_on,
    compared.matrix_class,
    compared.supervision_class,
    tiers.class_title,
    compared.override_code,
    compared.is_marked,
    compared.is_conflict,
    tiers.check_ratio_bp,
    tiers.max_checks,
    tiers.frequency,
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
    fx_sha256(
        cast(parameters.as_of as varchar) || '|' || compared.department || '|' || compared.scheme || '|'
        || compared.subject_id || '|' || compared.subject_name || '|'
        || coalesce(cast(compared.supervision_class as varchar), '')
    ) as row_hash
from compared
cross join run.parameters as parameters
left join rules.tiers as tiers
    on tiers.supervision_class = compared.supervision_class
left join ref.divisions as divisions
    on divisions.division_code = compared.division_code
left join ref.industries as industries
    on industries.industry_code = compared.industry_code
left join reasons
    on reasons.subject_id = compared.subject_id and reasons.scheme = compared.scheme
left join evidence
    on evidence.subject_id = compared.subject_id
