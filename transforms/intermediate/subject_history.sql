/* model
description: Names and registration statuses of each subject over time, as the register's snapshots told them.
grain: [subject_id, known_from, subject_name, registration_status]
inputs: [landing.samr__registrations, landing.samr__public_register]
checks:
  - fail: {not_null: [subject_id, subject_name, registration_status, known_from]}
*/
with

told as (
    select
        subject_id,
        subject_name,
        registration_status,
        known_on
    from landing.samr__registrations
    union all
    select
        subject_id,
        subject_name,
        '存续' as registration_status,
        known_on
    from landing.samr__public_register
)

select
    subject_id,
    subject_name,
    registration_status,
    min(known_on) as known_from,
    max(known_on) as known_to
from told
group by subject_id, subject_name, registration_status
