/* model
description: Everything found wrong with what departments sent, each with its place in the extract, the measure of data quality that it counts in, and the division of its subject (000000 where that is not known). Nothing here is a judgement on an enterprise.
grain: [dataset, batch_id, line, field, finding]
inputs:
  - landing.records
  - landing.rejects
  - landing.samr__permits
  - marts.record_versions
  - marts.unattached
  - intermediate.corrections
  - intermediate.code_findings
  - intermediate.clocked_records
  - intermediate.subjects
  - intermediate.subject_history
  - intermediate.lifecycle_findings
  - intermediate.scheme_findings
  - rules.quality_findings
  - rules.quality_reviewed
  - ref.flags
  - ref.divisions
  - run.batches
  - run.parameters
checks:
  - fail: {not_null: [dataset, batch_id, line, finding, source]}
*/
with

rejected as (
    select dataset, batch_id, line, field, reason as finding, 'reject' as source, detail, original, subject_id
    from landing.rejects
),

-- A record has one clock, that of its first version. Landing sees one delivery
-- and flags every version anew.
clocks as (
    select
        dataset, batch_id, line,
        row_number() over (partition by dataset, record_id order by batch_no asc nulls last, line asc nulls last) as version
    from landing.records
    where
        (clock_days is not null or position(';CLOCK_UNKNOWN;' in ';' || flags || ';') > 0)
        and not coalesce(is_withdrawal, false)
),

flagged as (
    select
        records.dataset, records.batch_id, records.line, '' as field, flags.flag as finding,
        'flag' as source, records.subject_id as detail, cast(null as varchar) as original, records.subject_id
    from landing.records as records
    inner join ref.flags as flags
        on position(';' || flags.flag || ';' in ';' || records.flags || ';') > 0
    left join intermediate.clocked_records as clocked
        on clocked.dataset = records.dataset and clocked.batch_id = records.batch_id and clocked.line = records.line
    left join clocks
        on clocks.dataset = records.dataset and clocks.batch_id = records.batch_id and clocks.line = records.line
    where
        records.flags <> ''
        and (flags.flag <> 'LATE' or clocked.record_id is not null)
        and (flags.flag <> 'CLOCK_UNKNOWN' or clocks.version = 1)
),

-- A code that was looked into and kept is not wrong.
kept_codes as (
    select records.dataset, records.batch_id, records.line
    from landing.records as records
    inner join intermediate.corrections as corrections
        on corrections.wrong_code = records.subject_id
        and (corrections.applies_to is null or corrections.applies_to = records.dataset)
        and (corrections.name_key is null or corrections.name_key = fx_name_key(records.subject_name))
    where corrections.operation = '保留原码'
    group by records.dataset, records.batch_id, records.line
),

repeated_rows as (
    select
        dataset, batch_id, line,
        row_number() over (
            partition by dataset, batch_id, record_id, coalesce(is_withdrawal, false)
            order by line asc nulls last
        ) as copy
    from landing.records
),

-- Where the register does not know a code, its other records say whose it is: a
-- name that one row alone bears, against one name in all the others.
names_of_strangers as (
    select records.subject_id, records.subject_name, count(*) as rows_
    from landing.records as records
    left join intermediate.subjects as subjects
        on subjects.subject_id = records.subject_id
    where
        records.is_current
        and records.subject_id is not null
        and subjects.subject_id is null
        and position('CODE_CORRECTED' in records.flags) = 0
    group by records.subject_id, records.subject_name
),

strangers as (
    select subject_id
    from names_of_strangers
    group by subject_id
    having count(*) = 2 and min(rows_) = 1 and max(rows_) > 1
),

odd_names as (
    select names_of_strangers.subject_id, names_of_strangers.subject_name
    from names_of_strangers
    inner join strangers
        on strangers.subject_id = names_of_strangers.subject_id
    where names_of_strangers.rows_ = 1
),

crossed as (
    select
        dataset, batch_id, line, '' as field, 'DUPLICATE_ROW' as finding, cast(null as varchar) as detail
    from repeated_rows
    where copy > 1
    union all
    -- The row in the last snapshot was refused, so what was sent before stands.
    select
        dataset, batch_id, line, '' as field, 'KEPT_FROM_EARLIER' as finding, cast(known_on as varchar) as detail
    from marts.record_versions
    where state = 'kept'
    union all
    select dataset, batch_id, line, field, finding, detail
    from intermediate.code_findings
    union all
    select
        records.dataset, records.batch_id, records.line, 'subject_id' as field,
        'CODE_UNREGISTERED' as finding, records.subject_id as detail
    from landing.records as records
    left join intermediate.subjects as subjects
        on subjects.subject_id = records.subject_id
    left join marts.unattached as answered
        on answered.dataset = records.dataset and answered.batch_id = records.batch_id and answered.line = records.line
        and answered.state = 'answered'
    where
        records.is_current
        and records.subject_id is not null
        and subjects.subject_id is null
        and answered.state is null
        and position('CODE_CORRECTED' in records.flags) = 0
        and records.dataset not in ('credit/code_corrections', 'credit/code_feedback')
    union all
    select
        records.dataset, records.batch_id, records.line, 'subject_name' as field,
        'NAME_MISMATCH' as finding, records.subject_name as detail
    from landing.records as records
    inner join intermediate.subjects as subjects
        on subjects.subject_id = records.subject_id
    left join intermediate.subject_history as history
        on history.subject_id = records.subject_id and history.subject_name = records.subject_name
    where records.is_current and history.subject_id is null and records.dataset not in ('credit/code_corrections', 'credit/code_feedback')
    group by records.dataset, records.batch_id, records.line, records.subject_name
    union all
    select
        records.dataset, records.batch_id, records.line, 'subject_name' as field,
        'NAME_MISMATCH' as finding, records.subject_name as detail
    from landing.records as records
    inner join odd_names
        on odd_names.subject_id = records.subject_id and odd_names.subject_name = records.subject_name
    where records.is_current
    union all
    select
        'samr/permits' as dataset, batch_id, line, 'XK_YXQZI' as field, 'DATES_REVERSED' as finding,
        cast(valid_from as varchar) || ' > ' || cast(valid_to as varchar) as detail
    from landing.samr__permits
    where valid_from > valid_to
    union all
    select dataset, batch_id, line, field, finding, detail
    from intermediate.scheme_findings
    union all
    select dataset, batch_id, line, field, finding, detail
    from intermediate.lifecycle_findings
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
    all_findings.original,
    case when reviewed.finding is null and (kept_codes.line is null or all_findings.finding <> 'CODE_SUSPECT') then counted.measure end as measure,
    coalesce(all_findings.subject_id, rows_.subject_id) as subject_id,
    coalesce(subjects.division_code, divisions.city_division_code, '000000') as division_code,
    batches.known_on,
    batches.is_current
from (
    select dataset, batch_id, line, field, finding, source, detail, original, subject_id from rejected
    union all
    select dataset, batch_id, line, field, finding, source, detail, original, subject_id from flagged
    union all
    select
        dataset, batch_id, line, field, finding, 'check' as source, detail,
        cast(null as varchar) as original, cast(null as varchar) as subject_id
    from crossed
) as all_findings
inner join run.batches as batches
    on batches.batch_id = all_findings.batch_id and batches.dataset = all_findings.dataset
cross join run.parameters as parameters
left join kept_codes
    on kept_codes.dataset = all_findings.dataset and kept_codes.batch_id = all_findings.batch_id and kept_codes.line = all_findings.line
left join landing.records as rows_
    on rows_.dataset = all_findings.dataset and rows_.batch_id = all_findings.batch_id and rows_.line = all_findings.line
left join intermediate.subjects as subjects
    on subjects.subject_id = coalesce(all_findings.subject_id, rows_.subject_id)
left join ref.divisions as divisions
    on divisions.division_code = rows_.division_code
left join rules.quality_findings as counted
    on counted.finding = all_findings.finding
left join rules.quality_reviewed as reviewed
    on reviewed.finding = all_findings.finding
    and reviewed.subject_id = coalesce(all_findings.subject_id, rows_.subject_id)
    and reviewed.effective_from <= parameters.as_of
    and (reviewed.effective_to is null or reviewed.effective_to >= parameters.as_of)
