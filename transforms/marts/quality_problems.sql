/* model
description: What was found wrong, by department, dataset, month of receipt and kind; rejects are the findings of source reject.
grain: [department, dataset, month, source, finding]
inputs: [marts.quality_findings]
checks:
  - fail: {not_null: [department, dataset, month, source, finding]}
*/
select
    department,
    dataset,
    substr(cast(known_on as varchar), 1, 7) as month,
    source,
    finding,
    count(*) as findings,
    count(distinct batch_id || ':' || cast(line as varchar)) as rows_
from marts.quality_findings
group by department, dataset, substr(cast(known_on as varchar), 1, 7), source, finding
