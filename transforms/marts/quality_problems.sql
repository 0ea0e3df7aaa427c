/* model
description: What was found wrong, by department, dataset, month of receipt and kind, with what has been answered since; rejects are the findings of source reject.
grain: [department, dataset, month, source, finding]
inputs: [marts.quality_findings, marts.unattached, landing.replayed_rejects, intermediate.deliveries]
checks:
  - fail: {not_null: [department, dataset, month, source, finding]}
*/
with

found as (
    select dataset, batch_id, line, source, finding
    from marts.quality_findings
    union all
    select dataset, batch_id, line, 'reject' as source, reason as finding
    from landing.replayed_rejects
    union all
    select dataset, batch_id, line, 'check' as source, why as finding
    from marts.unattached
    where state = 'answered' and why = 'CODE_UNREGISTERED'
)

select
    deliveries.department,
    found.dataset,
    deliveries.month,
    found.source,
    found.finding,
    count(*) as findings,
    count(distinct deliveries.delivery_id || ':' || cast(found.line as varchar)) as rows_
from found
inner join intermediate.deliveries as deliveries
    on deliveries.dataset = found.dataset and deliveries.batch_id = found.batch_id
group by deliveries.department, found.dataset, deliveries.month, found.source, found.finding
