/* model
description: Honours for good faith, the newest version of each.
grain: [record_id]
inputs: [landing.credit__honours]
checks:
  - fail: {not_null: [record_id, subject_id, awarded_on]}
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
        honour_name,
        honour_level,
        awarded_on,
        valid_to,
        authority_name,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.credit__honours
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
    honour_name,
    honour_level,
    awarded_on,
    valid_to,
    authority_name
from versions
where version = 1
