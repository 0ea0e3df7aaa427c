/* model
description: Public registration facts as of the last snapshot, for subjects the registration extract does not cover.
grain: [record_id]
inputs: [landing.samr__public_register]
checks:
  - fail: {not_null: [record_id, subject_id, subject_name]}
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
        subject_id_status,
        subject_name,
        entity_type,
        established_on,
        business_scope,
        city_name,
        address,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.samr__public_register
    where is_current
)

select
    record_id,
    batch_id,
    line,
    flags,
    known_on,
    subject_id,
    subject_id_status,
    subject_name,
    entity_type,
    established_on,
    business_scope,
    city_name,
    address
from versions
where version = 1
