/* model
description: Administrative permits of market regulation, the newest version of each decision.
grain: [record_id]
inputs: [landing.samr__permits]
checks:
  - fail: {not_null: [record_id, document_no, decided_on]}
*/
with

versions as (
    select
        record_id,
        batch_id,
        line,
        flags,
        known_on,
        subject_kind,
        subject_id,
        subject_name,
        document_no,
        document_name,
        permit_kind,
        certificate_name,
        permit_no,
        content,
        decided_on,
        valid_from,
        valid_to,
        permit_status,
        authority_name,
        reported_on,
        clock_days,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.samr__permits
    where is_current
)

select
    record_id,
    batch_id,
    line,
    flags,
    known_on,
    subject_kind,
    subject_id,
    subject_name,
    document_no,
    document_name,
    permit_kind,
    certificate_name,
    permit_no,
    content,
    decided_on,
    valid_from,
    valid_to,
    permit_status,
    authority_name,
    reported_on,
    clock_days
from versions
where version = 1
