/* model
description: Subjects with a fire inspection, passed or failed, that is no older than a failed one may be used; the population of the fire scheme.
grain: [subject_id]
inputs: [staging.fire__inspections, intermediate.subjects, rules.publicity_periods, run.parameters]
checks:
  - fail: {not_null: [subject_id]}
*/
select
    inspections.subject_id,
    count(*) as inspections
from staging.fire__inspections as inspections
cross join run.parameters as parameters
inner join intermediate.subjects as subjects
    on subjects.subject_id = inspections.subject_id
inner join rules.publicity_periods as publicity
    on publicity.record_class = '消防监督检查不合格'
    and inspections.inspected_on >= publicity.effective_from
    and (publicity.effective_to is null or inspections.inspected_on <= publicity.effective_to)
where
    inspections.inspected_on <= parameters.as_of
    and fx_add_months(inspections.inspected_on, publicity.max_months) > parameters.as_of
group by inspections.subject_id
