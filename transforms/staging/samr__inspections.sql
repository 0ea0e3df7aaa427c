/* model
description: Results of inspections, the newest version of each.
grain: [record_id]
inputs: [landing.samr__inspections]
checks:
  - fail: {not_null: [record_id, subject_id, inspected_on, result_code]}
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
        inspection_field,
        inspection_mode,
        inspected_on,
        result_code,
        problem,
        authority_name,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.samr__inspections
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
    inspection_field,
    inspection_mode,
    inspected_on,
    result_code,
    problem,
    authority_name
from versions
where version = 1
