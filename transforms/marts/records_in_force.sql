/* model
description: Records that count on the day; why others do not, intermediate.record_states says. Nothing else is scored.
grain: [subject_id, record_id]
inputs: [intermediate.records, intermediate.record_states, intermediate.subjects]
checks:
  - fail: {not_null: [subject_id, category, record_group, event_on]}
  - fail: {refers: {column: subject_id, to: intermediate.subjects}}
*/
select
    records.subject_id,
    records.record_id,
    records.category,
    records.record_group,
    states.severity,
    records.kind,
    records.field,
    records.detail,
    records.document_no,
    records.authority_name,
    records.event_on,
    records.fine_amount,
    states.publicity_until,
    states.repairable_on,
    states.objection_case_no
from intermediate.records as records
inner join intermediate.record_states as states
    on states.record_id = records.record_id
where states.state = 'in_force'
