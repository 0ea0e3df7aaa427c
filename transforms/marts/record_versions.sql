/* model
description: The history of every record ever sent, one row a version; what stood on a day is what was known_on by then, not yet superseded, and no withdrawal.
grain: [dataset, record_id, version_no]
inputs: [landing.records, landing.rejects, run.batches]
checks:
  - fail: {not_null: [batch_id, line, known_on, state]}
  - fail: {accepted: {column: state, values: [current, kept, superseded, withdrawn, missing]}}
*/
with

deliveries as (
    select
        dataset,
        batch_no,
        min(known_on) as known_on
    from run.batches
    group by dataset, batch_no
),

snapshots as (
    select
        dataset,
        max(batch_no) as last_batch_no
    from run.batches
    where delivery = 'snapshot'
    group by dataset
),

versions as (
    select
        dataset,
        record_id,
        row_number() over (
            partition by dataset, record_id
            order by batch_no asc nulls last, line asc nulls last
        ) as version_no,
        lead(batch_no) over (
            partition by dataset, record_id
            order by batch_no asc nulls last, line asc nulls last
        ) as next_batch_no,
        batch_no,
        batch_id,
        line,
        subject_id,
        subject_name,
        clock_from_on as effective_on,
        known_on,
        coalesce(is_withdrawal, false) as is_withdrawal
    from landing.records
),

-- Refused rows of later snapshots, and the version that each may have been: the
-- same judgement as in staging, for the whole past.
refused as (
    select
        rejects.dataset,
        batches.batch_no,
        rejects.record_id,
        rejects.subject_name
    from landing.rejects as rejects
    inner join run.batches as batches
        on batches.dataset = rejects.dataset and batches.batch_id = rejects.batch_id
    inner join snapshots
        on snapshots.dataset = rejects.dataset
),

refused_since as (
    select versions.dataset, versions.record_id, versions.version_no, versions.batch_no, refused.batch_no as refused_in
    from versions
    inner join refused
        on refused.dataset = versions.dataset and refused.record_id = versions.record_id
    where
        refused.batch_no > versions.batch_no
        and refused.batch_no < coalesce(versions.next_batch_no, refused.batch_no + 1)
    union
    select versions.dataset, versions.record_id, versions.version_no, versions.batch_no, refused.batch_no as refused_in
    from versions
    inner join refused
        on refused.dataset = versions.dataset and refused.subject_name = versions.subject_name
    where
        refused.record_id is null and position('*' in refused.subject_name) = 0
        and refused.batch_no > versions.batch_no
        and refused.batch_no < coalesce(versions.next_batch_no, refused.batch_no + 1)
),

-- A version is prolonged as long as no snapshot in between lacks a refused row.
counted as (
    select
        dataset,
        record_id,
        version_no,
        batch_no,
        refused_in,
        row_number() over (
            partition by dataset, record_id, version_no
            order by refused_in asc nulls last
        ) as refusals
    from refused_since
),

prolonged as (
    select dataset, record_id, version_no, max(refused_in) as last_batch_no
    from counted
    where refused_in = batch_no + refusals
    group by dataset, record_id, version_no
),

-- The delivery in which a version ends: that of the next version, or of a
-- snapshot the first that does not hold the record.
lasting as (
    select
        versions.dataset,
        versions.record_id,
        versions.version_no,
        versions.subject_id,
        versions.subject_name,
        versions.batch_id,
        versions.line,
        versions.effective_on,
        versions.known_on,
        versions.is_withdrawal,
        versions.next_batch_no,
        snapshots.last_batch_no as last_snapshot,
        prolonged.last_batch_no is not null as is_prolonged,
        coalesce(prolonged.last_batch_no, versions.batch_no) + 1 as lacking_from
    from versions
    left join snapshots
        on snapshots.dataset = versions.dataset
    left join prolonged
        on
        prolonged.dataset = versions.dataset
        and prolonged.record_id = versions.record_id
        and prolonged.version_no = versions.version_no
),

ended as (
    select
        dataset,
        record_id,
        version_no,
        subject_id,
        subject_name,
        batch_id,
        line,
        effective_on,
        known_on,
        is_withdrawal,
        is_prolonged,
        next_batch_no,
        case
            when lacking_from <= last_snapshot and lacking_from < coalesce(next_batch_no, last_snapshot + 1) then lacking_from
            else next_batch_no
        end as ended_in
    from lasting
)

select
    ended.dataset,
    ended.record_id,
    ended.version_no,
    ended.subject_id,
    ended.subject_name,
    ended.batch_id,
    ended.line,
    ended.effective_on,
    ended.known_on,
    deliveries.known_on as superseded_on,
    ended.is_withdrawal,
    case
        when ended.ended_in = ended.next_batch_no then 'superseded'
        when ended.ended_in is not null then 'missing'
        when ended.is_withdrawal then 'withdrawn'
        when ended.is_prolonged then 'kept'
        else 'current'
    end as state
from ended
left join deliveries
    on deliveries.dataset = ended.dataset and deliveries.batch_no = ended.ended_in
