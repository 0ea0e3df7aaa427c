/* model
description: Yearly environmental credit grades 绿 蓝 黄 红.
grain: [record_id]
inputs: [landing.ecology__grades]
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
        score,
        evaluated_on,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.ecology__grades
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
    score,
    evaluated_on
from versions
where version = 1
