/* model
description: Subjects that hold a licence of a medical institution on the day, the population of the medical scheme.
grain: [subject_id]
inputs: [staging.health__licences, intermediate.subjects, run.parameters]
checks:
  - fail: {not_null: [subject_id]}
*/
select
    licences.subject_id,
    count(*) as licences
from staging.health__licences as licences
cross join run.parameters as parameters
inner join intermediate.subjects as subjects
    on subjects.subject_id = licences.subject_id
where
    licences.record_status = '有效'
    and licences.decided_on <= parameters.as_of
    and licences.valid_to >= parameters.as_of
group by licences.subject_id
