/* model
description: Numerators and denominators of data quality by department, dataset, division and month of receipt, from every batch known on the day; rates are left to the reader. Rows whose division is not known stand under 000000, so that sums hold.
grain: [department, dataset, division_code, month]
inputs:
  - landing.records
  - landing.rejects
  - intermediate.subjects
  - intermediate.clocked_records
  - marts.quality_findings
  - ref.divisions
  - run.batches
checks:
  - fail: {not_null: [department, dataset, division_code, month]}
  - fail: {no_rows: "select * from marts.quality_monthly where rows_accepted + rows_rejected <> rows_read"}
  - fail: {no_rows: "select 1 as row_ from (select cast(sum(rows_read) as bigint) as rows_read, cast(sum(rows_accepted) as bigint) as rows_accepted from marts.quality_monthly) as told cross join (select cast(sum(rows_read) as bigint) as rows_read, cast(sum(rows_accepted) as bigint) as rows_accepted from run.batches) as received where told.rows_read <> received.rows_read or told.rows_accepted <> received.rows_accepted"}
*/
with

accepted as (
    select
        records.dataset, records.batch_id, records.line,
        coalesce(subjects.division_code, divisions.city_division_code, '000000') as division_code,
        records.is_current and records.subject_id is not null as is_attachable
    from landing.records as records
    left join intermediate.subjects as subjects
        on subjects.subject_id = records.subject_id
    left join ref.divisions as divisions
        on divisions.division_code = records.division_code
),

refused as (
    select rejects.dataset, rejects.batch_id, rejects.line, min(subjects.division_code) as division_code
    from landing.rejects as rejects
    left join intermediate.subjects as subjects
        on subjects.subject_id = rejects.subject_id
    group by rejects.dataset, rejects.batch_id, rejects.line
),

-- A row counts once in a measure.
faults as (
    select
        dataset, batch_id, line, min(division_code) as division_code, count(*) as findings,
        max(case when measure = 'wrong_code' then 1 else 0 end) as wrong_code,
        max(case when measure = 'duplicate_code' then 1 else 0 end) as duplicate_code,
        max(case when measure in ('wrong_code', 'duplicate_code') then 1 else 0 end) as code_fault,
        max(case when measure = 'unattached' then 1 else 0 end) as unattached
    from marts.quality_findings
    group by dataset, batch_id, line
),

clocked as (
    select
        records.dataset, records.batch_id, accepted.division_code,
        count(*) as clocked_rows,
        count(case when records.is_late then 1 end) as late_rows,
        count(case when records.is_publication then 1 end) as publication_rows,
        count(case when records.is_publication and records.is_late then 1 end) as publication_late_rows
    from intermediate.clocked_records as records
    inner join accepted
        on accepted.dataset = records.dataset and accepted.batch_id = records.batch_id and accepted.line = records.line
    group by records.dataset, records.batch_id, accepted.division_code
),

counted as (
    select
        dataset, batch_id, division_code, count(*) as rows_accepted, 0 as rows_rejected,
        0 as wrong_code_rows, 0 as duplicate_code_rows, 0 as code_fault_rows,
        count(case when is_attachable then 1 end) as attachable_rows, 0 as unattached_rows,
        0 as clocked_rows, 0 as late_rows, 0 as publication_rows, 0 as publication_late_rows,
        0 as rows_with_findings, 0 as findings
    from accepted
    group by dataset, batch_id, division_code
    union all
    select
        dataset, batch_id, coalesce(division_code, '000000') as division_code, 0 as rows_accepted, count(*) as rows_rejected,
        0 as wrong_code_rows, 0 as duplicate_code_rows, 0 as code_fault_rows,
        0 as attachable_rows, 0 as unattached_rows,
        0 as clocked_rows, 0 as late_rows, 0 as publication_rows, 0 as publication_late_rows,
        0 as rows_with_findings, 0 as findings
    from refused
    group by dataset, batch_id, coalesce(division_code, '000000')
    union all
    select
        dataset, batch_id, division_code, 0 as rows_accepted, 0 as rows_rejected,
        cast(sum(wrong_code) as bigint) as wrong_code_rows, cast(sum(duplicate_code) as bigint) as duplicate_code_rows, cast(sum(code_fault) as bigint) as code_fault_rows,
        0 as attachable_rows, cast(sum(unattached) as bigint) as unattached_rows,
        0 as clocked_rows, 0 as late_rows, 0 as publication_rows, 0 as publication_late_rows,
        count(*) as rows_with_findings, cast(sum(findings) as bigint) as findings
    from faults
    group by dataset, batch_id, division_code
    union all
    select
        dataset, batch_id, division_code, 0 as rows_accepted, 0 as rows_rejected,
        0 as wrong_code_rows, 0 as duplicate_code_rows, 0 as code_fault_rows,
        0 as attachable_rows, 0 as unattached_rows,
        clocked_rows, late_rows, publication_rows, publication_late_rows,
        0 as rows_with_findings, 0 as findings
    from clocked
)

select
    batches.department,
    counted.dataset,
    counted.division_code,
    substr(cast(batches.known_on as varchar), 1, 7) as month,
    cast(sum(counted.rows_accepted + counted.rows_rejected) as bigint) as rows_read,
    cast(sum(counted.rows_accepted) as bigint) as rows_accepted,
    cast(sum(counted.rows_rejected) as bigint) as rows_rejected,
    cast(sum(counted.wrong_code_rows) as bigint) as wrong_code_rows,
    cast(sum(counted.duplicate_code_rows) as bigint) as duplicate_code_rows,
    cast(sum(counted.code_fault_rows) as bigint) as code_fault_rows,
    cast(sum(counted.attachable_rows) as bigint) as attachable_rows,
    cast(sum(counted.unattached_rows) as bigint) as unattached_rows,
    cast(sum(counted.clocked_rows) as bigint) as clocked_rows,
    cast(sum(counted.late_rows) as bigint) as late_rows,
    cast(sum(counted.publication_rows) as bigint) as publication_rows,
    cast(sum(counted.publication_late_rows) as bigint) as publication_late_rows,
    cast(sum(counted.rows_with_findings) as bigint) as rows_with_findings,
    cast(sum(counted.findings) as bigint) as findings_told
from counted
inner join run.batches as batches
    on batches.dataset = counted.dataset and batches.batch_id = counted.batch_id
group by batches.department, counted.dataset, counted.division_code, substr(cast(batches.known_on as varchar), 1, 7)
