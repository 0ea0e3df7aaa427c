/* model
description: The risk class of each subject on the day, of market supervision. How likely it is to break rules is an axis of its own, shown beside the record of what it did and never part of its class.
grain: [subject_id]
inputs: [staging.samr__risk_classes, intermediate.subjects, run.parameters]
checks:
  - fail: {not_null: [record_id, risk_class, classified_on]}
*/
with

known as (
    select
        results.subject_id,
        results.record_id,
        results.risk_class,
        results.classified_on,
        row_number() over (
            partition by results.subject_id
            order by results.classified_on desc nulls last, results.record_id asc nulls last
        ) as newest
    from staging.samr__risk_classes as results
    cross join run.parameters as parameters
    inner join intermediate.subjects as subjects
        on subjects.subject_id = results.subject_id
    where results.classified_on <= parameters.as_of
)

select
    subject_id,
    record_id,
    risk_class,
    classified_on
from known
where newest = 1
