/* model
description: Numerators and denominators of data quality for each dataset on the day; rates are left to the reader.
grain: [dataset]
inputs: [run.batches, landing.records, marts.quality_findings]
checks:
  - fail: {no_rows: "select * from marts.quality_summary where rows_accepted + rows_rejected <> rows_read"}
*/
with

received as (
    select
        dataset,
        min(department) as department,
        min(title) as title,
        count(*) as batches,
        max(known_on) as last_known_on,
        cast(sum(rows_read) as bigint) as rows_read,
        cast(sum(rows_accepted) as bigint) as rows_accepted,
        cast(sum(rows_rejected) as bigint) as rows_rejected
    from run.batches
    group by dataset
),

clocks as (
    select
        dataset,
        count(clock_days) as clocked_rows
    from landing.records
    group by dataset
),

-- 错码 fails its own checks; 重码 stands on two names, or one organisation has two.
-- A row counts once in each.
faults as (
    select
        dataset,
        count(distinct case when finding in ('CODE_INVALID', 'CODE_SUSPECT', 'KIND_MISMATCH') then batch_id || ':' || cast(line as varchar) end) as wrong_code_rows,
        count(distinct case when finding in ('DUPLICATE_CODE', 'DUPLICATE_ORGANISATION_CODE') then batch_id || ':' || cast(line as varchar) end) as duplicate_code_rows,
        count(distinct case when finding = 'CODE_UNREGISTERED' then batch_id || ':' || cast(line as varchar) end) as unattached_rows,
        count(distinct case when finding = 'LATE' then batch_id || ':' || cast(line as varchar) end) as late_rows,
        count(distinct batch_id || ':' || cast(line as varchar)) as rows_with_findings
    from marts.quality_findings
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
    coalesce(faults.wrong_code_rows, 0) as wrong_code_rows,
    coalesce(faults.duplicate_code_rows, 0) as duplicate_code_rows,
    coalesce(faults.unattached_rows, 0) as unattached_rows,
    coalesce(clocks.clocked_rows, 0) as clocked_rows,
    coalesce(faults.late_rows, 0) as late_rows,
    coalesce(faults.rows_with_findings, 0) as rows_with_findings
from received
left join clocks
    on clocks.dataset = received.dataset
left join faults
    on faults.dataset = received.dataset
