/* model
description: Supervision classes set by hand, each with reason, approver and expiry.
grain: [record_id]
inputs: [landing.credit__manual_overrides]
checks:
  - fail: {not_null: [record_id, subject_id, supervision_class, reason, approver, expires_on]}
*/
with

versions as (
    select
        record_id,
        batch_id,
        line,
        flags,
        known_on,
        subject_id,
        subject_name,
        document_no,
        supervision_class,
        reason,
        approver,
        approved_on,
        expires_on,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.credit__manual_overrides
    where is_current
)

select
    record_id,
    batch_id,
    line,
    flags,
    known_on,
    subject_id,
    subject_name,
    document_no,
    supervision_class,
    reason,
    approver,
    approved_on,
    expires_on
from versions
where version = 1
