/* model
description: National public credit results, every batch received.
grain: [record_id]
inputs: [landing.ndrc__public_results]
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
        grade,
        score,
        evaluated_on,
        period,
        model_version,
        result_batch,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.ndrc__public_results
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
    grade,
    score,
    evaluated_on,
    period,
    model_version,
    result_batch
from versions
where version = 1
