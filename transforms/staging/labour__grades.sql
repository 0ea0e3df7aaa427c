/* model
description: Yearly labour integrity grades A B C.
grain: [record_id]
inputs: [landing.labour__grades]
checks:
  - fail: {not_null: [record_id, subject_id, grade, evaluated_on]}
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
        evaluated_year,
        grade,
        evaluated_on,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.labour__grades
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
    evaluated_year,
    grade,
    evaluated_on
from versions
where version = 1
