/* model
description: Each batch and the delivery that its rows came with, itself or for a replay its parent; the month of a row is that in which the department sent it.
grain: [dataset, batch_id]
inputs: [run.batches]
checks:
  - fail: {not_null: [dataset, batch_id, delivery_id, department, month]}
*/
select
    batches.dataset,
    batches.batch_id,
    coalesce(parents.batch_id, batches.batch_id) as delivery_id,
    batches.department,
    substr(cast(coalesce(parents.known_on, batches.known_on) as varchar), 1, 7) as month,
    parents.batch_id is not null as is_replay
from run.batches as batches
left join run.batches as parents
    on parents.dataset = batches.dataset and parents.batch_id = batches.parent_batch_id
