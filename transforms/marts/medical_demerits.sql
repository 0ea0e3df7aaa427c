/* model
description: Points that medical institutions were given for bad practice, of records that count on the day.
grain: [subject_id, record_id]
inputs: [staging.health__demerits, marts.records_in_force]
checks:
  - fail: {not_null: [subject_id, points, event_on]}
*/
select
    records.subject_id,
    records.record_id,
    demerits.points,
    demerits.period,
    records.event_on,
    records.document_no
from staging.health__demerits as demerits
inner join marts.records_in_force as records
    on records.record_id = demerits.record_id
