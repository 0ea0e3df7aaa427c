/* model
description: Every national result of every batch, never overwritten, and where a subject that had one before is missing from a later batch. A name other than any that the register knows is marked; the code alone says who is meant.
grain: [subject_id, batch_on, result_batch]
inputs: [staging.ndrc__public_results, intermediate.subject_history, run.parameters]
checks:
  - fail: {accepted: {column: state, values: [evaluated, missing]}}
  - fail: {not_null: [batch_on, state, is_renamed]}
*/
with

known as (
    select
        results.subject_id,
        results.result_batch,
        results.record_id,
        results.subject_name,
        results.grade,
        results.score,
        results.period,
        results.model_version,
        results.evaluated_on,
        results.known_on
    from staging.ndrc__public_results as results
    cross join run.parameters as parameters
    where results.evaluated_on <= parameters.as_of
),

batches as (
    select result_batch, max(evaluated_on) as batch_on
    from known
    group by result_batch
),

first_results as (
    select known.subject_id, min(batches.batch_on) as first_on
    from known
    inner join batches
        on batches.result_batch = known.result_batch
    group by known.subject_id
),

expected as (
    select first_results.subject_id, batches.result_batch, batches.batch_on
    from first_results
    inner join batches
        on batches.batch_on >= first_results.first_on
),

registered_names as (
    select distinct subject_id, subject_name
    from intermediate.subject_history
),

registered as (
    select distinct subject_id
    from registered_names
)

select
    expected.subject_id,
    expected.result_batch,
    expected.batch_on,
    case when known.record_id is null then 'missing' else 'evaluated' end as state,
    known.record_id,
    known.subject_name,
    registered.subject_id is not null and known.record_id is not null and registered_names.subject_id is null as is_renamed,
    known.grade,
    known.score,
    known.evaluated_on,
    known.period,
    known.model_version,
    known.known_on
from expected
left join known
    on known.subject_id = expected.subject_id and known.result_batch = expected.result_batch
left join registered
    on registered.subject_id = expected.subject_id
left join registered_names
    on registered_names.subject_id = known.subject_id and registered_names.subject_name = known.subject_name
