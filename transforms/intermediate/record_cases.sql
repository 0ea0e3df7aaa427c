/* model
description: What repairs, objections, changed decisions and recognitions of force majeure say of each record on the day.
grain: [record_id]
inputs:
  - intermediate.records
  - staging.credit__cases
  - staging.credit__revocations
  - staging.credit__force_majeure
  - run.parameters
checks:
  - fail: {refers: {column: record_id, to: intermediate.records}}
*/
with

closed_cases as (
    select
        cases.case_no,
        cases.case_kind,
        cases.outcome,
        cases.subject_id,
        cases.document_no,
        cases.closed_on
    from staging.credit__cases as cases
    cross join run.parameters as parameters
    where cases.case_status in ('已通过', '已完成') and cases.closed_on <= parameters.as_of
),

repairs as (
    select subject_id, document_no, min(closed_on) as repaired_on, min(case_no) as case_no
    from closed_cases
    where case_kind = '修复' and outcome = '停止公示'
    group by subject_id, document_no
),

withdrawals as (
    select subject_id, document_no, min(closed_on) as withdrawn_on, min(case_no) as case_no
    from closed_cases
    where case_kind = '异议' and outcome = '撤销'
    group by subject_id, document_no
),

objections as (
    select cases.subject_id, cases.document_no, min(cases.case_no) as case_no
    from staging.credit__cases as cases
    cross join run.parameters as parameters
    where cases.case_kind = '异议' and cases.case_status in ('待审核', '待核实') and cases.applied_on <= parameters.as_of
    group by cases.subject_id, cases.document_no
),

changes as (
    select
        changes.case_no,
        changes.change_kind,
        changes.subject_id,
        changes.document_no,
        changes.decided_on
    from staging.credit__revocations as changes
    cross join run.parameters as parameters
    where changes.decided_on <= parameters.as_of
),

revocations as (
    select subject_id, document_no, min(decided_on) as revoked_on, min(case_no) as case_no
    from changes
    where change_kind <> '变更'
    group by subject_id, document_no
),

-- A decision that was changed, and a record that an objection had corrected: what
-- was sent before speaks no more, what is sent from the day on does.
amendments as (
    select subject_id, document_no, max(amended_on) as amended_on, max(case_no) as case_no
    from (
        select subject_id, document_no, decided_on as amended_on, case_no
        from changes
        where change_kind = '变更'
        union all
        select subject_id, document_no, closed_on as amended_on, case_no
        from closed_cases
        where case_kind = '异议' and outcome = '更正'
    ) as corrected
    group by subject_id, document_no
),

-- No document, no recognition.
recognised as (
    select
        majeure.subject_id, majeure.document_no, min(majeure.recognised_on) as recognised_on,
        min(majeure.case_no) as case_no
    from staging.credit__force_majeure as majeure
    cross join run.parameters as parameters
    where majeure.recognised_on <= parameters.as_of and majeure.evidence_document <> ''
    group by majeure.subject_id, majeure.document_no
)

select
    records.record_id,
    repairs.repaired_on,
    repairs.case_no as repair_case_no,
    withdrawals.withdrawn_on,
    withdrawals.case_no as withdrawal_case_no,
    revocations.revoked_on,
    revocations.case_no as revocation_case_no,
    amendments.amended_on,
    amendments.case_no as amendment_case_no,
    objections.case_no as objection_case_no,
    recognised.recognised_on as excluded_on,
    recognised.case_no as exclusion_case_no
from intermediate.records as records
left join repairs
    on repairs.subject_id = records.subject_id and repairs.document_no = records.document_no
left join withdrawals
    on withdrawals.subject_id = records.subject_id and withdrawals.document_no = records.document_no
left join revocations
    on revocations.subject_id = records.subject_id and revocations.document_no = records.document_no
left join amendments
    on amendments.subject_id = records.subject_id and amendments.document_no = records.document_no
left join objections
    on objections.subject_id = records.subject_id and objections.document_no = records.document_no
left join recognised
    on recognised.subject_id = records.subject_id and recognised.document_no = records.document_no
where
    repairs.case_no is not null
    or withdrawals.case_no is not null
    or revocations.case_no is not null
    or amendments.case_no is not null
    or objections.case_no is not null
    or recognised.case_no is not null
