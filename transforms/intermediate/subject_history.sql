/* model
description: Names and registration statuses of each subject over time, as the register's snapshots told them, under corrected codes.
grain: [subject_id, known_from, subject_name, registration_status]
inputs: [landing.samr__registrations, landing.samr__public_register, landing.civil__organisations, intermediate.corrections]
checks:
  - fail: {not_null: [subject_id, subject_name, registration_status, known_from]}
*/
with

told as (
    select
        'samr/registrations' as dataset,
        subject_id,
        subject_name,
        registration_status,
        known_on
    from landing.samr__registrations
    union all
    select
        'samr/public_register' as dataset,
        subject_id,
        subject_name,
        '存续' as registration_status,
        known_on
    from landing.samr__public_register
    union all
    select
        'civil/organisations' as dataset,
        subject_id,
        subject_name,
        case when registration_status = '正常' then '存续' else registration_status end as registration_status,
        known_on
    from landing.civil__organisations
),

corrected as (
    select
        coalesce(corrections.right_code, told.subject_id) as subject_id,
        told.subject_name,
        told.registration_status,
        told.known_on
    from told
    left join intermediate.corrections as corrections
        on corrections.wrong_code = told.subject_id
        and (corrections.applies_to is null or corrections.applies_to = told.dataset)
        and (corrections.name_key is null or corrections.name_key = fx_name_key(told.subject_name))
    where coalesce(corrections.operation, '') <> '删除'
)

select
    subject_id,
    subject_name,
    registration_status,
    min(known_on) as known_from,
    max(known_on) as known_to
from corrected
group by subject_id, subject_name, registration_status
