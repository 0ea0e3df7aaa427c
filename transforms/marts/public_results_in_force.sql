/* model
description: The national public result of each subject that holds on the day, word for word. The newest supersedes all before it; who is missing from later batches keeps it for the months of the overlay rule.
grain: [subject_id]
inputs: [staging.ndrc__public_results, intermediate.subjects, rules.public_source, run.parameters]
checks:
  - fail: {not_null: [record_id, grade, event_on, valid_until]}
*/
with

known as (
    select
        results.subject_id,
        results.record_id,
        results.grade,
        results.score,
        results.evaluated_on,
        fx_add_days(fx_add_months(results.evaluated_on, source.valid_months), -1) as valid_until,
        results.result_batch,
        parameters.as_of,
        row_number() over (
            partition by results.subject_id
            order by results.evaluated_on desc nulls last, results.result_batch desc nulls last, results.record_id asc nulls last
        ) as newest
    from staging.ndrc__public_results as results
    cross join run.parameters as parameters
    cross join rules.public_source as source
    inner join intermediate.subjects as subjects
        on subjects.subject_id = results.subject_id
    where results.evaluated_on <= parameters.as_of
)

select
    subject_id,
    record_id,
    grade,
    score,
    evaluated_on as event_on,
    valid_until,
    result_batch
from known
where newest = 1 and valid_until >= as_of
