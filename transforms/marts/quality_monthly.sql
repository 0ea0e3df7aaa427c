/* model
description: Numerators and denominators of data quality by department, dataset, division and month of receipt, from every batch known on the day; rates are left to the reader. A row that a replay let in was sent wrong in its month and is mended. Rows whose division is not known stand under 000000, so that sums hold. Findings told and answered are those that want an answer.
grain: [department, dataset, division_code, month]
inputs:
  - landing.records
  - landing.rejects
  - landing.replayed_rejects
  - intermediate.subjects
  - intermediate.clocked_records
  - intermediate.deliveries
  - marts.quality_findings
  - marts.findings_told
  - rules.quality_findings
  - ref.divisions
  - run.batches
checks:
  - fail: {not_null: [department, dataset, division_code, month]}
  - fail: {no_rows: "select * from marts.quality_monthly where rows_accepted + rows_rejected <> rows_read or mended_rows > rows_rejected or findings_answered > findings_told"}
  - fail: {no_rows: "select 1 as row_ from (select cast(sum(rows_read) as bigint) as rows_read, cast(sum(rows_accepted + mended_rows) as bigint) as rows_accepted from marts.quality_monthly) as told cross join (select cast(sum(rows_read) as bigint) as rows_read, cast(sum(rows_accepted) as bigint) as rows_accepted from run.batches) as received where told.rows_read <> received.rows_read or told.rows_accepted <> received.rows_accepted"}
*/
with

landed as (
    select
        records.dataset, deliveries.delivery_id, records.batch_id, records.line, deliveries.is_replay,
        coalesce(subjects.division_code, divisions.city_division_code, '000000') as division_code,
        records.is_current and records.subject_id is not null as is_attachable
    from landing.records as records
    inner join intermediate.deliveries as deliveries
        on deliveries.dataset = records.dataset and deliveries.batch_id = records.batch_id
    left join intermediate.subjects as subjects
        on subjects.subject_id = records.subject_id
    left join ref.divisions as divisions
        on divisions.division_code = records.division_code
),

rejects as (
    select dataset, batch_id, line, reason, subject_id, false as is_mended
    from landing.rejects
    union all
    select dataset, batch_id, line, reason, subject_id, true as is_mended
    from landing.replayed_rejects
),

refused as (
    select
        rejects.dataset, rejects.batch_id as delivery_id, rejects.line,
        coalesce(min(subjects.division_code), '000000') as division_code,
        max(case when rejects.is_mended then 1 else 0 end) as mended
    from rejects
    left join intermediate.subjects as subjects
        on subjects.subject_id = rejects.subject_id
    group by rejects.dataset, rejects.batch_id, rejects.line
),

measured as (
    select findings.dataset, deliveries.delivery_id, findings.line, findings.division_code, findings.measure
    from marts.quality_findings as findings
    inner join intermediate.deliveries as deliveries
        on deliveries.dataset = findings.dataset and deliveries.batch_id = findings.batch_id
    union all
    select
        rejects.dataset, rejects.batch_id as delivery_id, rejects.line,
        coalesce(subjects.division_code, '000000') as division_code, counted.measure
    from landing.replayed_rejects as rejects
    left join rules.quality_findings as counted
        on counted.finding = rejects.reason
    left join intermediate.subjects as subjects
        on subjects.subject_id = rejects.subject_id
),

-- A row counts once in a measure.
faults as (
    select
        dataset, delivery_id, line, min(division_code) as division_code,
        max(case when measure = 'wrong_code' then 1 else 0 end) as wrong_code,
        max(case when measure = 'duplicate_code' then 1 else 0 end) as duplicate_code,
        max(case when measure in ('wrong_code', 'duplicate_code') then 1 else 0 end) as code_fault,
        max(case when measure = 'unattached' then 1 else 0 end) as unattached
    from measured
    group by dataset, delivery_id, line
),

told as (
    select
        told.dataset, deliveries.delivery_id,
        coalesce(faults.division_code, '000000') as division_code,
        count(*) as told, count(told.answered_on) as answered
    from marts.findings_told as told
    inner join intermediate.deliveries as deliveries
        on deliveries.dataset = told.dataset and deliveries.batch_id = told.batch_id
    left join faults
        on faults.dataset = told.dataset and faults.delivery_id = deliveries.delivery_id and faults.line = told.line
    where told.wants_answer
    group by told.dataset, deliveries.delivery_id, coalesce(faults.division_code, '000000')
),

clocked as (
    select
        landed.dataset, landed.delivery_id, landed.division_code,
        count(*) as clocked,
        count(case when records.is_late then 1 end) as late,
        count(case when records.is_publication then 1 end) as publication,
        count(case when records.is_publication and records.is_late then 1 end) as publication_late
    from intermediate.clocked_records as records
    inner join landed
        on landed.dataset = records.dataset and landed.batch_id = records.batch_id and landed.line = records.line
    group by landed.dataset, landed.delivery_id, landed.division_code
),

-- One line for each figure that some rows add to.
counted as (
    select dataset, delivery_id, division_code, 'accepted' as figure, count(*) as n from landed where not is_replay group by dataset, delivery_id, division_code
    union all
    select dataset, delivery_id, division_code, 'attachable' as figure, count(*) as n from landed where is_attachable group by dataset, delivery_id, division_code
    union all
    select dataset, delivery_id, division_code, 'rejected' as figure, count(*) as n from refused group by dataset, delivery_id, division_code
    union all
    select dataset, delivery_id, division_code, 'mended' as figure, cast(sum(mended) as bigint) as n from refused group by dataset, delivery_id, division_code
    union all
    select dataset, delivery_id, division_code, 'wrong_code' as figure, cast(sum(wrong_code) as bigint) as n from faults group by dataset, delivery_id, division_code
    union all
    select dataset, delivery_id, division_code, 'duplicate_code' as figure, cast(sum(duplicate_code) as bigint) as n from faults group by dataset, delivery_id, division_code
    union all
    select dataset, delivery_id, division_code, 'code_fault' as figure, cast(sum(code_fault) as bigint) as n from faults group by dataset, delivery_id, division_code
    union all
    select dataset, delivery_id, division_code, 'unattached' as figure, cast(sum(unattached) as bigint) as n from faults group by dataset, delivery_id, division_code
    union all
    select dataset, delivery_id, division_code, 'with_findings' as figure, count(*) as n from faults group by dataset, delivery_id, division_code
    union all
    select dataset, delivery_id, division_code, 'clocked' as figure, clocked as n from clocked
    union all
    select dataset, delivery_id, division_code, 'late' as figure, late as n from clocked
    union all
    select dataset, delivery_id, division_code, 'publication' as figure, publication as n from clocked
    union all
    select dataset, delivery_id, division_code, 'publication_late' as figure, publication_late as n from clocked
    union all
    select dataset, delivery_id, division_code, 'told' as figure, told as n from told
    union all
    select dataset, delivery_id, division_code, 'answered' as figure, answered as n from told
)

select
    deliveries.department,
    counted.dataset,
    counted.division_code,
    deliveries.month,
    cast(sum(case when counted.figure in ('accepted', 'rejected') then counted.n else 0 end) as bigint) as rows_read,
    cast(sum(case when counted.figure = 'accepted' then counted.n else 0 end) as bigint) as rows_accepted,
    cast(sum(case when counted.figure = 'rejected' then counted.n else 0 end) as bigint) as rows_rejected,
    cast(sum(case when counted.figure = 'mended' then counted.n else 0 end) as bigint) as mended_rows,
    cast(sum(case when counted.figure = 'wrong_code' then counted.n else 0 end) as bigint) as wrong_code_rows,
    cast(sum(case when counted.figure = 'duplicate_code' then counted.n else 0 end) as bigint) as duplicate_code_rows,
    cast(sum(case when counted.figure = 'code_fault' then counted.n else 0 end) as bigint) as code_fault_rows,
    cast(sum(case when counted.figure = 'attachable' then counted.n else 0 end) as bigint) as attachable_rows,
    cast(sum(case when counted.figure = 'unattached' then counted.n else 0 end) as bigint) as unattached_rows,
    cast(sum(case when counted.figure = 'clocked' then counted.n else 0 end) as bigint) as clocked_rows,
    cast(sum(case when counted.figure = 'late' then counted.n else 0 end) as bigint) as late_rows,
    cast(sum(case when counted.figure = 'publication' then counted.n else 0 end) as bigint) as publication_rows,
    cast(sum(case when counted.figure = 'publication_late' then counted.n else 0 end) as bigint) as publication_late_rows,
    cast(sum(case when counted.figure = 'with_findings' then counted.n else 0 end) as bigint) as rows_with_findings,
    cast(sum(case when counted.figure = 'told' then counted.n else 0 end) as bigint) as findings_told,
    cast(sum(case when counted.figure = 'answered' then counted.n else 0 end) as bigint) as findings_answered
from counted
inner join intermediate.deliveries as deliveries
    on deliveries.dataset = counted.dataset and deliveries.batch_id = counted.delivery_id
group by deliveries.department, counted.dataset, counted.division_code, deliveries.month
