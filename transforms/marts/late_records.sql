/* model
description: Each 双公示 record that came after its deadline, with its place in the extract; no name and no code of anybody.
grain: [dataset, record_id]
inputs: [intermediate.clocked_records, intermediate.deliveries, run.batches]
checks:
  - fail: {not_null: [department, dataset, month, batch_id, line, working_days]}
*/
select
    batches.department,
    records.dataset,
    records.record_id,
    deliveries.month,
    records.document_no,
    records.decided_on,
    records.deadline_on,
    records.reported_on,
    records.clock_days as working_days,
    records.batch_id,
    batches.extract_name,
    records.line
from intermediate.clocked_records as records
inner join run.batches as batches
    on batches.dataset = records.dataset and batches.batch_id = records.batch_id
inner join intermediate.deliveries as deliveries
    on deliveries.dataset = records.dataset and deliveries.batch_id = records.batch_id
where records.is_publication and records.is_late
