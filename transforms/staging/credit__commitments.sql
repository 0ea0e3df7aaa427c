/* model
description: Credit commitments and how they were kept.
grain: [record_id]
inputs: [landing.credit__commitments]
checks:
  - fail: {not_null: [record_id, subject_id, made_on]}
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
        commitment_kind,
        made_on,
        performance,
        breach,
        confirmed_on,
        authority_name,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.credit__commitments
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
    commitment_kind,
    made_on,
    performance,
    breach,
    confirmed_on,
    authority_name
from versions
where version = 1
