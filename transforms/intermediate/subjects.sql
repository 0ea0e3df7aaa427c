/* model
description: Every subject that is registered, enterprise or social organisation, one row a credit code, with what is known of it on the day.
grain: [subject_id]
inputs: [staging.samr__registrations, staging.samr__public_register, staging.civil__organisations, ref.divisions]
checks:
  - fail: {not_null: [subject_id, subject_name, division_code, registration_status]}
  - warn: {rows_changed: 20%}
*/
with

registered as (
    select
        subject_id,
        subject_id_status,
        subject_name,
        registration_no,
        entity_type,
        established_on,
        industry_code,
        division_code as stated_division_code,
        registration_status,
        'samr/registrations' as dataset,
        record_id,
        known_on,
        line,
        1 as source_rank
    from staging.samr__registrations
    union all
    select
        subject_id,
        subject_id_status,
        subject_name,
        cast(null as varchar) as registration_no,
        entity_type,
        established_on,
        cast(null as varchar) as industry_code,
        substr(subject_id, 3, 6) as stated_division_code,
        '存续' as registration_status,
        'samr/public_register' as dataset,
        record_id,
        known_on,
        line,
        2 as source_rank
    from staging.samr__public_register
    union all
    select
        subject_id,
        subject_id_status,
        subject_name,
        cast(null as varchar) as registration_no,
        entity_type,
        established_on,
        cast(null as varchar) as industry_code,
        coalesce(division_code, substr(subject_id, 3, 6)) as stated_division_code,
        case when registration_status = '正常' then '存续' else registration_status end as registration_status,
        'civil/organisations' as dataset,
        record_id,
        known_on,
        line,
        3 as source_rank
    from staging.civil__organisations
),

-- One code on two names is a fault of the register: the first row speaks for
-- the code, and the others are told to the department.
ranked as (
    select
        subject_id,
        subject_id_status,
        subject_name,
        registration_no,
        entity_type,
        established_on,
        industry_code,
        stated_division_code,
        registration_status,
        dataset,
        record_id,
        row_number() over (
            partition by subject_id
            order by source_rank asc nulls last, known_on desc nulls last, line asc nulls last, record_id asc nulls last
        ) as choice
    from registered
),

name_counts as (
    select
        subject_id,
        count(distinct subject_name) as names
    from registered
    group by subject_id
)

select
    ranked.subject_id,
    ranked.subject_id_status,
    ranked.subject_name,
    ranked.registration_no,
    ranked.entity_type,
    ranked.established_on,
    ranked.industry_code,
    coalesce(divisions.city_division_code, '350100') as division_code,
    ranked.registration_status,
    name_counts.names as names_seen,
    ranked.dataset,
    ranked.record_id
from ranked
inner join name_counts
    on name_counts.subject_id = ranked.subject_id
left join ref.divisions as divisions
    on divisions.division_code = ranked.stated_division_code
where ranked.choice = 1
