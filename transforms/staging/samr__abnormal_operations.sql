/* model
description: Entries of the list of abnormal operations as of the last snapshot.
grain: [record_id]
inputs: [landing.samr__abnormal_operations]
checks:
  - fail: {not_null: [record_id, subject_id, listed_on]}
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
        listed_on,
        reason,
        authority_name,
        removed_on,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.samr__abnormal_operations
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
    listed_on,
    reason,
    authority_name,
    removed_on
from versions
where version = 1
