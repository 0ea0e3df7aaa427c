/* model
description: What repairs, objections and recognitions of force majeure say of each record on the day.
grain: [record_id]
inputs: [intermediate.records, staging.credit__cases, staging.credit__force_majeure, run.parameters]
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

recognised as (
    select subject_id, document_no, min(recognised_on) as recognised_on, min(case_no) as case_no
    from staging.credit__force_majeure
    group by subject_id, document_no
)

select
    records.record_id,
    repairs.repaired_on,
    repairs.case_no as repair_case_no,
    withdrawals.withdrawn_on,
    withdrawals.case_no as withdrawal_case_no,
    objections.case_no as objection_case_no,
    recognised.recognised_on as excluded_on,
    recognised.case_no as exclusion_case_no
from intermediate.records as records
left join repairs
    on repairs.subject_id = records.subject_id and repairs.document_no = records.document_no
left join withdrawals
    on withdrawals.subject_id = records.subject_id and withdrawals.document_no = records.document_no
left join objections
    on objections.subject_id = records.subject_id and objections.document_no = records.document_no
left join recognised
    on recognised.subject_id = records.subject_id and recognised.document_no = records.document_no
where
    repairs.case_no is not null
    or withdrawals.case_no is not null
    or objections.case_no is not null
    or recognised.case_no is not null
