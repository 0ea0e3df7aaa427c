/* model
description: What departments propose for wrong codes, each with the decision on it, if there is one.
grain: [proposal_no]
inputs: [staging.credit__code_feedback, staging.credit__code_corrections]
checks:
  - fail: {not_null: [case_id, operation, applies_to, wrong_code, proposer, state]}
  - fail: {accepted: {column: state, values: [open, approved, refused]}}
*/
with

-- The number follows from what is proposed: another proposal is another number.
proposed as (
    select
        'JC' || fx_left(fx_sha256(
            case_id || '|' || operation || '|' || coalesce(subject_id, '') || '|' || coalesce(evidence, '') || '|' || proposer
        ), 10) as proposal_no,
        case_id,
        department,
        applies_to,
        wrong_code,
        subject_name,
        operation,
        case when operation = '赋新码' then subject_id end as right_code,
        evidence,
        proposer,
        known_on
    from staging.credit__code_feedback
    where operation is not null
)

select
    proposed.proposal_no,
    proposed.case_id,
    proposed.department,
    proposed.applies_to,
    proposed.wrong_code,
    proposed.subject_name,
    proposed.operation,
    proposed.right_code,
    proposed.evidence,
    proposed.proposer,
    proposed.known_on,
    case decisions.decision when '同意' then 'approved' when '不同意' then 'refused' else 'open' end as state,
    decisions.approver,
    decisions.decided_on
from proposed
left join staging.credit__code_corrections as decisions
    on decisions.correction_no = proposed.proposal_no
