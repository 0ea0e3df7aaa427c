/* model
description: Fire inspections that may be used on the day, passed and failed. A failed one only while its record counts.
grain: [subject_id, record_id]
inputs: [staging.fire__inspections, marts.records_in_force, intermediate.subjects]
checks:
  - fail: {not_null: [subject_id, result, event_on]}
*/
select
    inspections.subject_id,
    inspections.record_id,
    inspections.result,
    records.kind as hazard,
    inspections.inspected_on as event_on,
    inspections.document_no
from staging.fire__inspections as inspections
inner join intermediate.subjects as subjects
    on subjects.subject_id = inspections.subject_id
left join marts.records_in_force as records
    on records.record_id = inspections.record_id
where inspections.result = '合格' or records.record_id is not null
