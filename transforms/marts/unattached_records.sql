/* model
description: Records of conduct under a code that nobody has, by the name they bear. They count for nobody, and a name attaches nothing; but who asks by that name should learn of them.
grain: [subject_name, record_id]
inputs: [intermediate.records, intermediate.record_states, run.batches]
checks:
  - fail: {not_null: [record_id, category, batch_id, extract_name, line]}
*/
select
    coalesce(records.subject_name, '') as subject_name,
    records.record_id,
    records.category,
    records.kind,
    records.detail,
    records.document_no,
    records.authority_name,
    records.event_on,
    records.ended_on,
    records.fine_amount,
    records.subject_id as stated_id,
    records.dataset,
    batches.department,
    records.batch_id,
    batches.extract_name,
    records.line
from intermediate.records as records
inner join intermediate.record_states as states
    on states.record_id = records.record_id
left join run.batches as batches
    on batches.dataset = records.dataset and batches.batch_id = records.batch_id
where states.state = 'unattached'
