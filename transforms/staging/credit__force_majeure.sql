/* model
description: Recognitions that a record was caused by force majeure.
grain: [record_id]
inputs: [landing.credit__force_majeure]
checks:
  - fail: {not_null: [record_id, case_no, subject_id, document_no]}
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
        subject_id,
        subject_name,
        document_no,
        recognised_on,
        authority_name,
        evidence_document,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.credit__force_majeure
    where is_current
)

select
    record_id,
    batch_id,
    line,
    flags,
    known_on,
    case_no,
    subject_id,
    subject_name,
    document_no,
    recognised_on,
    authority_name,
    evidence_document
from versions
where version = 1
