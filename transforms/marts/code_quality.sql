/* model
description: 重错码 of the register by division, distinct codes in use over their faults; a code counts once in each. The stock is live_codes and refused_codes, the rows of the newest registers that were refused for their code.
grain: [division_code]
inputs:
  - intermediate.subjects
  - marts.quality_findings
  - rules.quality_live_statuses
checks:
  - fail: {not_null: [division_code]}
  - fail: {no_rows: "select division_code from marts.code_quality where faulty_codes > live_codes or faulty_codes > wrong_codes + duplicate_codes"}
*/
with

live as (
    select subjects.subject_id, subjects.division_code
    from intermediate.subjects as subjects
    inner join rules.quality_live_statuses as statuses
        on statuses.registration_status = subjects.registration_status
),

faults as (
    select
        subject_id, batch_id, line, source, measure,
        division_code
    from marts.quality_findings
    where
        dataset in ('samr/registrations', 'samr/public_register')
        and is_current
        and measure in ('wrong_code', 'duplicate_code')
),

counted as (
    select division_code, count(*) as live_codes, 0 as wrong_codes, 0 as duplicate_codes, 0 as faulty_codes, 0 as refused_codes
    from live
    group by division_code
    union all
    select
        live.division_code, 0 as live_codes,
        count(distinct case when faults.measure = 'wrong_code' then live.subject_id end) as wrong_codes,
        count(distinct case when faults.measure = 'duplicate_code' then live.subject_id end) as duplicate_codes,
        count(distinct live.subject_id) as faulty_codes, 0 as refused_codes
    from live
    inner join faults
        on faults.subject_id = live.subject_id and faults.source <> 'reject'
    group by live.division_code
    union all
    select
        division_code, 0 as live_codes, 0 as wrong_codes, 0 as duplicate_codes, 0 as faulty_codes,
        count(distinct batch_id || ':' || cast(line as varchar)) as refused_codes
    from faults
    where source = 'reject'
    group by division_code
)

select
    division_code,
    cast(sum(live_codes) as bigint) as live_codes,
    cast(sum(wrong_codes) as bigint) as wrong_codes,
    cast(sum(duplicate_codes) as bigint) as duplicate_codes,
    cast(sum(faulty_codes) as bigint) as faulty_codes,
    cast(sum(refused_codes) as bigint) as refused_codes
from counted
group by division_code
