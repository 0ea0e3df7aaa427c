/* model
description: The corrections of credit codes in force on the day. Of two for the same code, name and dataset the newer approval stands.
grain: [correction_no]
inputs: [staging.credit__code_corrections, run.parameters]
checks:
  - fail: {not_null: [operation, wrong_code, proposer, approver, decided_on, approval_rank]}
  - fail: {no_rows: "select correction_no from staging.credit__code_corrections where decision = '同意' and approver = proposer"}
  - fail: {no_rows: "select correction_no from intermediate.corrections where operation = '赋新码' and (right_code is null or right_code = wrong_code)"}
  - fail: {no_rows: "select later.correction_no || ' corrects what ' || earlier.correction_no || ' corrects to: one correction must do both' as chain from intermediate.corrections as earlier inner join intermediate.corrections as later on later.wrong_code = earlier.right_code and (later.applies_to = earlier.applies_to or later.applies_to is null or earlier.applies_to is null) and (later.name_key = earlier.name_key or later.name_key is null or earlier.name_key is null) where earlier.operation = '赋新码' and later.operation <> '保留原码'"}
*/
with

approved as (
    select
        corrections.correction_no,
        corrections.operation,
        corrections.applies_to,
        corrections.wrong_code,
        case when corrections.scope = '同名记录' then corrections.subject_name end as subject_name,
        case when corrections.scope = '同名记录' then fx_name_key(corrections.subject_name) end as name_key,
        case when corrections.operation = '赋新码' then corrections.subject_id end as right_code,
        case when corrections.operation = '赋新码' then corrections.subject_id_status when corrections.operation = '保留原码' then 'valid' end as right_status,
        corrections.reason,
        corrections.evidence,
        corrections.proposer,
        corrections.approver,
        corrections.decided_on,
        corrections.valid_from,
        row_number() over (
            order by corrections.decided_on asc nulls last, corrections.decision_no asc nulls last, corrections.correction_no asc nulls last
        ) as approval_rank
    from staging.credit__code_corrections as corrections
    cross join run.parameters as parameters
    where corrections.decision = '同意' and corrections.valid_from <= parameters.as_of
),

newest as (
    select
        correction_no, operation, applies_to, wrong_code, subject_name, name_key, right_code, right_status, reason, evidence,
        proposer, approver, decided_on, valid_from, approval_rank,
        row_number() over (
            partition by wrong_code, coalesce(applies_to, ''), coalesce(name_key, '')
            order by approval_rank desc nulls last
        ) as choice
    from approved
)

select
    correction_no,
    operation,
    applies_to,
    wrong_code,
    subject_name,
    name_key,
    right_code,
    right_status,
    reason,
    evidence,
    proposer,
    approver,
    decided_on,
    valid_from,
    approval_rank
from newest
where choice = 1
