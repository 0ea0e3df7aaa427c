/* model
description: Every row that is attached to no registered subject for its code, refused or accepted, and whether somebody has answered it. What an approved correction decided, and what waits for its replay or for the right code to be registered, is decided, and nobody is asked again. Rows of one dataset, code and name are one case.
grain: [dataset, batch_id, line]
inputs:
  - landing.records
  - landing.rejects
  - landing.replayed_rejects
  - intermediate.subjects
  - intermediate.corrections
  - ref.catalogue
  - run.batches
checks:
  - fail: {not_null: [case_id, department, sent_code, why, state, known_on]}
  - fail: {accepted: {column: why, values: [CODE_INVALID, SCIENTIFIC_CODE, CODE_SUSPECT, CODE_UNREGISTERED]}}
  - fail: {accepted: {column: state, values: [waiting, decided, answered]}}
  - warn: {no_rows: "select corrections.correction_no || ' corrects every record of a code that is registered' as correction from intermediate.corrections as corrections inner join intermediate.subjects as subjects on subjects.subject_id = corrections.wrong_code where corrections.name_key is null and corrections.operation <> '保留原码'"}
  - fail: {no_rows: "select * from marts.unattached where (state = 'waiting') <> (answered_on is null)"}
*/
with

-- Refused for the subject's own code, and not for that of an authority.
refused as (
    select
        rejects.dataset, rejects.batch_id, rejects.line, rejects.record_id, rejects.match_id,
        rejects.subject_id as sent_code, rejects.subject_name, rejects.reason as why, cast(null as date) as replayed_on
    from landing.rejects as rejects
    inner join ref.catalogue as catalogue
        on catalogue.dataset = rejects.dataset and catalogue.subject_field = rejects.field
    where rejects.reason in ('CODE_INVALID', 'SCIENTIFIC_CODE') and rejects.subject_id is not null
    union all
    select
        rejects.dataset, rejects.batch_id, rejects.line, rejects.record_id, rejects.match_id,
        rejects.subject_id as sent_code, rejects.subject_name, rejects.reason as why, rejects.replayed_on
    from landing.replayed_rejects as rejects
    inner join ref.catalogue as catalogue
        on catalogue.dataset = rejects.dataset and catalogue.subject_field = rejects.field
    where rejects.reason in ('CODE_INVALID', 'SCIENTIFIC_CODE') and rejects.subject_id is not null
),

-- What a replay let in stands above, with the batch that refused it.
unregistered as (
    select
        records.dataset, records.batch_id, records.line, records.record_id, records.match_id,
        records.subject_id as sent_code, records.subject_name,
        case when position('CODE_SUSPECT' in records.flags) > 0 then 'CODE_SUSPECT' else 'CODE_UNREGISTERED' end as why,
        row_number() over (
            partition by records.dataset, records.record_id
            order by records.batch_no desc nulls last, records.line desc nulls last
        ) as version
    from landing.records as records
    left join intermediate.subjects as subjects
        on subjects.subject_id = records.subject_id
    where
        records.is_current
        and records.subject_id is not null
        and subjects.subject_id is null
        and position('CODE_CORRECTED' in records.flags) = 0
        and records.dataset not in ('credit/code_corrections', 'credit/code_feedback')
        and not coalesce(records.is_withdrawal, false)
),

told as (
    select
        dataset, batch_id, line, record_id, match_id, sent_code, subject_name, why, replayed_on,
        replayed_on is not null as is_landed
    from refused
    union all
    select
        dataset, batch_id, line, record_id, match_id, sent_code, subject_name, why, cast(null as date) as replayed_on,
        true as is_landed
    from unregistered
    where version = 1
),

choices as (
    select
        told.dataset, told.batch_id, told.line,
        corrections.correction_no, corrections.operation, corrections.right_code, corrections.decided_on,
        row_number() over (
            partition by told.dataset, told.batch_id, told.line
            order by corrections.approval_rank desc nulls last
        ) as choice
    from told
    inner join intermediate.corrections as corrections
        on corrections.wrong_code = told.sent_code
        and (corrections.applies_to is null or corrections.applies_to = told.dataset)
        and (corrections.name_key is null or corrections.name_key = fx_name_key(told.subject_name))
),

-- The department sent the same record later, under a registered code and the
-- same name. That attaches nothing: it only says that the row was answered.
resent as (
    select told.dataset, told.batch_id, told.line, min(records.known_on) as resent_on
    from told
    inner join run.batches as batches
        on batches.dataset = told.dataset and batches.batch_id = told.batch_id
    inner join landing.records as records
        on records.dataset = told.dataset
        and records.match_id = told.match_id
        and records.batch_no > batches.batch_no
        and fx_name_key(records.subject_name) = fx_name_key(told.subject_name)
    inner join intermediate.subjects as subjects
        on subjects.subject_id = records.subject_id
    group by told.dataset, told.batch_id, told.line
),

answers as (
    select
        told.dataset, told.batch_id, told.line,
        choices.correction_no,
        choices.decided_on,
        case
            when choices.operation is null then told.replayed_on
            when choices.operation = '删除' then choices.decided_on
            when told.is_landed and (choices.operation = '保留原码' or right_subjects.subject_id is not null)
                then coalesce(told.replayed_on, choices.decided_on)
        end as corrected_on,
        coalesce(choices.operation, '重新核对') as operation,
        resent.resent_on
    from told
    left join choices
        on choices.dataset = told.dataset and choices.batch_id = told.batch_id and choices.line = told.line and choices.choice = 1
    left join intermediate.subjects as right_subjects
        on right_subjects.subject_id = choices.right_code
    left join resent
        on resent.dataset = told.dataset and resent.batch_id = told.batch_id and resent.line = told.line
)

select
    told.dataset,
    batches.department,
    told.batch_id,
    told.line,
    told.record_id,
    fx_left(fx_sha256(told.dataset || '|' || told.sent_code || '|' || coalesce(fx_name_key(told.subject_name), '')), 12) as case_id,
    told.sent_code,
    told.subject_name,
    told.why,
    case when answers.corrected_on is not null or answers.resent_on is not null then 'answered' when answers.correction_no is not null then 'decided' else 'waiting' end as state,
    coalesce(answers.corrected_on, answers.resent_on, answers.decided_on) as answered_on,
    case
        when answers.corrected_on is not null then answers.operation
        when answers.resent_on is not null then '重报'
        when answers.correction_no is not null then answers.operation
    end as answered_by,
    answers.correction_no,
    batches.known_on
from told
inner join run.batches as batches
    on batches.dataset = told.dataset and batches.batch_id = told.batch_id
inner join answers
    on answers.dataset = told.dataset and answers.batch_id = told.batch_id and answers.line = told.line
