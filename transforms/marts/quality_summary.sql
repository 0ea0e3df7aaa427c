/* model
description: Numerators and denominators of data quality for each dataset on the day, the sum of marts.quality_monthly; rates are left to the reader.
grain: [dataset]
inputs: [run.batches, marts.quality_monthly]
checks:
  - fail: {no_rows: "select * from marts.quality_summary where rows_accepted + rows_rejected <> rows_read"}
*/
with

received as (
    select
        dataset,
        min(department) as department,
        min(title) as title,
        count(case when parent_batch_id is null then 1 end) as batches, -- a replay is none
        max(case when parent_batch_id is null then known_on end) as last_known_on,
        cast(sum(rows_read) as bigint) as rows_read,
        cast(sum(rows_accepted) as bigint) as rows_accepted,
        cast(sum(rows_rejected) as bigint) as rows_rejected
    from run.batches
    group by dataset
),

counted as (
    select
        dataset,
        cast(sum(wrong_code_rows) as bigint) as wrong_code_rows,
        cast(sum(duplicate_code_rows) as bigint) as duplicate_code_rows,
        cast(sum(unattached_rows) as bigint) as unattached_rows,
        cast(sum(clocked_rows) as bigint) as clocked_rows,
        cast(sum(late_rows) as bigint) as late_rows,
        cast(sum(rows_with_findings) as bigint) as rows_with_findings
    from marts.quality_monthly
    group by dataset
)

select
    received.dataset,
    received.department,
    received.title,
    received.batches,
    received.last_known_on,
    received.rows_read,
    received.rows_accepted,
    received.rows_rejected,
    coalesce(counted.wrong_code_rows, 0) as wrong_code_rows,
    coalesce(counted.duplicate_code_rows, 0) as duplicate_code_rows,
    coalesce(counted.unattached_rows, 0) as unattached_rows,
    coalesce(counted.clocked_rows, 0) as clocked_rows,
    coalesce(counted.late_rows, 0) as late_rows,
    coalesce(counted.rows_with_findings, 0) as rows_with_findings
from received
left join counted
    on counted.dataset = received.dataset
