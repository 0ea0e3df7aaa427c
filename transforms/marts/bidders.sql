/* model
description: Subjects that won a public tender or broke its rules, the population of the bidding scheme.
grain: [subject_id]
inputs: [staging.trading__bids, marts.records_in_force, intermediate.subjects, run.parameters]
checks:
  - fail: {not_null: [subject_id]}
*/
with

seen as (
    select bids.subject_id
    from staging.trading__bids as bids
    cross join run.parameters as parameters
    where bids.decided_on <= parameters.as_of
    union
    select subject_id
    from marts.records_in_force
    where category = '招标投标违法行为'
)

select seen.subject_id
from seen
inner join intermediate.subjects as subjects
    on subjects.subject_id = seen.subject_id
