/* model
description: Everything found wrong with what departments sent, each with its place in the extract. Nothing here is a judgement on an enterprise.
grain: [dataset, batch_id, line, field, finding]
inputs:
  - landing.records
  - landing.rejects
  - landing.samr__registrations
  - landing.samr__permits
  - landing.samr__penalties
  - landing.ecology__penalties
  - intermediate.subjects
  - intermediate.subject_history
  - intermediate.record_states
  - intermediate.records
  - staging.tax__grades
  - staging.ecology__grades
  - rules.grade_scores
  - ref.flags
  - run.batches
checks:
  - fail: {not_null: [dataset, batch_id, line, finding, source]}
*/
with

rejected as (
    select dataset, batch_id, line, field, reason as finding, 'reject' as source, detail, original
    from landing.rejects
),

flagged as (
    select
        records.dataset, records.batch_id, records.line, '' as field, flags.flag as finding,
        'flag' as source, records.subject_id as detail, cast(null as varchar) as original
    from landing.records as records
    inner join ref.flags as flags
        on position(';' || flags.flag || ';' in ';' || records.flags || ';') > 0
    where records.flags <> ''
),

repeated_rows as (
    select
        dataset, batch_id, line,
        row_number() over (partition by dataset, batch_id, record_id order by line asc nulls last) as copy
    from landing.records
),

names_of_codes as (
    select batch_id, subject_id
    from landing.samr__registrations
    where is_current
    group by batch_id, subject_id
    having count(distinct subject_name) > 1
),

codes_of_organisations as (
    select substr(subject_id, 9, 9) as organisation_code
    from intermediate.subjects
    group by substr(subject_id, 9, 9)
    having count(*) > 1
),

-- Who a decision says it was taken against, in every dataset that says so.
stated_kinds as (
    select 'samr/permits' as dataset, batch_id, line, subject_id, subject_kind from landing.samr__permits
    union all
    select 'samr/penalties' as dataset, batch_id, line, subject_id, subject_kind from landing.samr__penalties
    union all
    select 'ecology/penalties' as dataset, batch_id, line, subject_id, subject_kind from landing.ecology__penalties
),

scored_grades as (
    select 'tax/grades' as dataset, 'tax' as scheme, batch_id, line, grade, score from staging.tax__grades
    union all
    select 'ecology/grades' as dataset, 'ecology' as scheme, batch_id, line, grade, score from staging.ecology__grades
),

crossed as (
    select
        dataset, batch_id, line, '' as field, 'DUPLICATE_ROW' as finding, cast(null as varchar) as detail
    from repeated_rows
    where copy > 1
    union all
    select
        'samr/registrations' as dataset, rows_.batch_id, rows_.line, '统一社会信用代码' as field,
        'DUPLICATE_CODE' as finding, rows_.subject_id as detail
    from landing.samr__registrations as rows_
    inner join names_of_codes
        on names_of_codes.batch_id = rows_.batch_id and names_of_codes.subject_id = rows_.subject_id
    union all
    select
        'samr/registrations' as dataset, rows_.batch_id, rows_.line, '统一社会信用代码' as field,
        'DUPLICATE_ORGANISATION_CODE' as finding, rows_.subject_id as detail
    from landing.samr__registrations as rows_
    inner join codes_of_organisations
        on codes_of_organisations.organisation_code = substr(rows_.subject_id, 9, 9)
    where rows_.is_current
    union all
    select
        'samr/registrations' as dataset, batch_id, line, '企业类型' as field, 'KIND_MISMATCH' as finding,
        entity_type || ' / ' || subject_id as detail
    from landing.samr__registrations
    where
        is_current
        and (entity_type = '个体工商户' and substr(subject_id, 1, 2) <> '92'
            or entity_type = '农民专业合作社' and substr(subject_id, 1, 2) <> '93'
            or entity_type not in ('个体工商户', '农民专业合作社') and substr(subject_id, 1, 2) in ('92', '93'))
    union all
    select
        dataset, batch_id, line, 'subject_kind' as field, 'KIND_MISMATCH' as finding,
        subject_kind || ' / ' || subject_id as detail
    from stated_kinds
    where
        subject_kind = '个体工商户' and substr(subject_id, 1, 2) <> '92'
        or subject_kind = '法人及非法人组织' and substr(subject_id, 1, 2) = '92'
    union all
    select
        records.dataset, records.batch_id, records.line, 'subject_id' as field,
        'CODE_UNREGISTERED' as finding, records.subject_id as detail
    from landing.records as records
    left join intermediate.subjects as subjects
        on subjects.subject_id = records.subject_id
    where
        records.is_current
        and records.subject_id is not null
        and subjects.subject_id is null
    union all
    select
        records.dataset, records.batch_id, records.line, 'subject_name' as field,
        'NAME_MISMATCH' as finding, records.subject_name as detail
    from landing.records as records
    inner join intermediate.subjects as subjects
        on subjects.subject_id = records.subject_id
    left join intermediate.subject_history as history
        on history.subject_id = records.subject_id and history.subject_name = records.subject_name
    where records.is_current and history.subject_id is null
    group by records.dataset, records.batch_id, records.line, records.subject_name
    union all
    select
        'samr/permits' as dataset, batch_id, line, 'XK_YXQZI' as field, 'DATES_REVERSED' as finding,
        cast(valid_from as varchar) || ' > ' || cast(valid_to as varchar) as detail
    from landing.samr__permits
    where valid_from > valid_to
    union all
    select
        grades.dataset, grades.batch_id, grades.line, '评价得分' as field,
        'GRADE_SCORE_CONFLICT' as finding, grades.grade || ' / ' || cast(grades.score as varchar) as detail
    from scored_grades as grades
    inner join rules.grade_scores as thresholds
        on thresholds.scheme = grades.scheme and thresholds.grade = grades.grade
    where grades.score < thresholds.score_from or grades.score >= thresholds.score_below
    union all
    -- The newest version of the row still came after the decision was withdrawn.
    select
        records.dataset, records.batch_id, records.line, 'document_no' as field,
        'WITHDRAWN_STILL_SENT' as finding, states.case_no as detail
    from intermediate.records as records
    inner join intermediate.record_states as states
        on states.record_id = records.record_id
    where states.state = 'withdrawn' and records.known_on > states.state_on
)

select
    all_findings.dataset,
    batches.department,
    all_findings.batch_id,
    all_findings.line,
    coalesce(all_findings.field, '') as field,
    all_findings.finding,
    all_findings.source,
    all_findings.detail,
    all_findings.original
from (
    select dataset, batch_id, line, field, finding, source, detail, original from rejected
    union all
    select dataset, batch_id, line, field, finding, source, detail, original from flagged
    union all
    select dataset, batch_id, line, field, finding, 'check' as source, detail, cast(null as varchar) as original from crossed
) as all_findings
inner join run.batches as batches
    on batches.batch_id = all_findings.batch_id and batches.dataset = all_findings.dataset
