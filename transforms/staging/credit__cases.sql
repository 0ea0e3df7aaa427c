/* model
description: Repair and objection cases, the newest state of each.
grain: [record_id]
inputs: [landing.credit__cases]
checks:
  - fail: {not_null: [record_id, case_no, subject_id, document_no, applied_on]}
*/
with

versions as (
    select
        record_id,
        batch_id,
        line,
        flags,
        known_on,
        case_no,
        case_kind,
        case_status,
        subject_id,
        subject_name,
        document_no,
        applied_on,
        closed_on,
        outcome,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.credit__cases
    where is_current
)

select
    record_id,
    batch_id,
    line,
    flags,
    known_on,
    case_no,
    case_kind,
    case_status,
    subject_id,
    subject_name,
    document_no,
    applied_on,
    closed_on,
    outcome
from versions
where version = 1
