/* model
description: Every finding that a department is told of, whether it wants an answer, and on which day it was answered, by a correction, a replay or a re-send of the row. What is open has no day.
grain: [dataset, batch_id, line, field, finding]
inputs:
  - landing.records
  - landing.rejects
  - landing.replayed_rejects
  - intermediate.corrections
  - marts.unattached
  - marts.quality_findings
  - rules.quality_unanswerable
  - run.batches
checks:
  - fail: {not_null: [department, known_on, wants_answer]}
  - fail: {no_rows: "select * from marts.findings_told where (answered_on is null) <> (answered_by is null)"}
*/
with

told as (
    select dataset, department, batch_id, line, field, finding, source, detail, original, known_on
    from marts.quality_findings
    union all
    select
        rejects.dataset, batches.department, rejects.batch_id, rejects.line,
        rejects.field, rejects.reason as finding, 'reject' as source, rejects.detail, rejects.original, batches.known_on
    from landing.replayed_rejects as rejects
    inner join run.batches as batches
        on batches.dataset = rejects.dataset and batches.batch_id = rejects.batch_id
    union all
    -- Answered by now, so no longer among the findings.
    select
        dataset, department, batch_id, line, 'subject_id' as field, why as finding, 'check' as source,
        sent_code as detail, cast(null as varchar) as original, known_on
    from marts.unattached
    where state = 'answered' and why = 'CODE_UNREGISTERED'
),

answers as (
    select dataset, batch_id, line, reason as finding, replayed_on as answered_on, '重新核对' as answered_by
    from landing.replayed_rejects
    union all
    select dataset, batch_id, line, why as finding, answered_on, answered_by
    from marts.unattached
    where state <> 'waiting'
    union all
    -- A finding on the code of an accepted row.
    select
        records.dataset, records.batch_id, records.line, findings.finding,
        corrections.decided_on as answered_on, corrections.operation as answered_by
    from landing.records as records
    inner join intermediate.corrections as corrections
        on corrections.wrong_code = records.subject_id
        and (corrections.applies_to is null or corrections.applies_to = records.dataset)
        and (corrections.name_key is null or corrections.name_key = fx_name_key(records.subject_name))
    inner join marts.quality_findings as findings
        on findings.dataset = records.dataset and findings.batch_id = records.batch_id and findings.line = records.line
    where
        findings.finding in (
            'CODE_SUSPECT', 'CODE_UNREGISTERED', 'CODE_DIVISION_UNKNOWN', 'KIND_MISMATCH', 'NAME_MISMATCH',
            'DUPLICATE_CODE', 'DUPLICATE_ORGANISATION_CODE', 'DUPLICATE_SUBJECT'
        )
    union all
    -- A refused row that came again in a later delivery and was accepted.
    select
        rejects.dataset, rejects.batch_id, rejects.line, rejects.reason as finding,
        records.known_on as answered_on, '重报' as answered_by
    from landing.rejects as rejects
    inner join run.batches as batches
        on batches.dataset = rejects.dataset and batches.batch_id = rejects.batch_id
    inner join landing.records as records
        on records.dataset = rejects.dataset
        and records.record_id = rejects.record_id
        and records.batch_no > batches.batch_no
),

first_answers as (
    select
        dataset, batch_id, line, finding, answered_on, answered_by,
        row_number() over (
            partition by dataset, batch_id, line, finding
            order by answered_on asc nulls last, answered_by desc nulls last
        ) as choice
    from answers
)

select
    told.dataset,
    told.department,
    told.batch_id,
    told.line,
    told.field,
    told.finding,
    told.source,
    told.detail,
    told.original,
    told.known_on,
    unanswerable.finding is null as wants_answer,
    first_answers.answered_on,
    first_answers.answered_by
from told
left join first_answers
    on first_answers.dataset = told.dataset and first_answers.batch_id = told.batch_id
    and first_answers.line = told.line and first_answers.finding = told.finding and first_answers.choice = 1
left join rules.quality_unanswerable as unanswerable
    on unanswerable.finding = told.finding
