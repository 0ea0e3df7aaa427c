/* model
description: Dishonest judgment debtors (organisations) as of the last snapshot.
grain: [record_id]
inputs: [landing.court__judgment_debtors]
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
        violation_kind,
        performance,
        listed_on,
        removed_on,
        authority_name,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.court__judgment_debtors
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
    violation_kind,
    performance,
    listed_on,
    removed_on,
    authority_name
from versions
where version = 1
