/* model
description: Registered enterprises as of the last snapshot, one row a registration record.
grain: [record_id]
inputs: [landing.samr__registrations]
checks:
  - fail: {not_null: [record_id, subject_id, subject_name, registration_status]}
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
        registration_no,
        subject_name,
        entity_type,
        capital_amount,
        established_on,
        industry_code,
        division_code,
        address,
        business_scope,
        registration_status,
        approved_on,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.samr__registrations
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
    registration_no,
    subject_name,
    entity_type,
    capital_amount,
    established_on,
    industry_code,
    division_code,
    address,
    business_scope,
    registration_status,
    approved_on
from versions
where version = 1
