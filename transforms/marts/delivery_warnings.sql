/* model
description: Batches that hold unusually many or few rows, or snapshots of which unusually much changed, by the bounds of their contracts against what the dataset held before.
grain: [dataset, batch_id, warning]
inputs: [run.batches, landing.records, landing.rejects, ref.catalogue]
checks:
  - fail: {not_null: [compared_with, share_bp, bound_bp]}
  - warn: {no_rows: "select dataset, batch_id, warning from marts.delivery_warnings where is_current"}
*/
with

deliveries as (
    select dataset, batch_id, batch_no, delivery, is_current, rows_read
    from run.batches
    where parent_batch_id is null
),

bounds as (
    select
        dataset,
        delivery,
        usual_of,
        usual_least,
        min_share_ppm,
        warn_above_ppm,
        warn_changes_ppm
    from ref.catalogue
),

earlier as (
    select
        batches.dataset,
        batches.batch_id,
        others.rows_read,
        row_number() over (
            partition by batches.dataset, batches.batch_id
            order by others.rows_read asc nulls last, others.batch_id asc nulls last
        ) as place,
        count(*) over (partition by batches.dataset, batches.batch_id) as deliveries
    from deliveries as batches
    inner join bounds
        on bounds.dataset = batches.dataset
    inner join deliveries as others
        on
        others.dataset = batches.dataset
        and others.batch_no < batches.batch_no
        and others.batch_no >= batches.batch_no - bounds.usual_of
),

-- The median, of an even number the lower one.
usual as (
    select earlier.dataset, earlier.batch_id, earlier.rows_read, earlier.deliveries
    from earlier
    inner join bounds
        on bounds.dataset = earlier.dataset
    where
        earlier.deliveries >= bounds.usual_least
        and earlier.place * 2 in (earlier.deliveries, earlier.deliveries + 1)
),

last_snapshots as (
    select batches.dataset, batches.batch_id, batches.batch_no
    from deliveries as batches
    inner join usual
        on usual.batch_id = batches.batch_id and usual.dataset = batches.dataset
    where batches.delivery = 'snapshot' and batches.is_current
),

-- Records of the last snapshot and of the one before, refused rows included.
present as (
    select records.dataset, records.record_id, records.batch_no
    from landing.records as records
    inner join last_snapshots as lasts
        on lasts.dataset = records.dataset and records.batch_no >= lasts.batch_no - 1
    union
    select rejects.dataset, rejects.record_id, batches.batch_no
    from landing.rejects as rejects
    inner join run.batches as batches
        on batches.dataset = rejects.dataset and batches.batch_id = rejects.batch_id
    inner join last_snapshots as lasts
        on lasts.dataset = rejects.dataset and batches.batch_no >= lasts.batch_no - 1
    where rejects.record_id is not null
),

sides as (
    select
        present.dataset,
        present.record_id,
        max(case when present.batch_no = lasts.batch_no then 1 else 0 end) as is_now,
        max(case when present.batch_no < lasts.batch_no then 1 else 0 end) as was_before
    from present
    inner join last_snapshots as lasts
        on lasts.dataset = present.dataset
    group by present.dataset, present.record_id
),

changes as (
    select
        dataset,
        count(case when is_now + was_before = 1 then 1 end) as changed,
        cast(sum(was_before) as bigint) as held_before
    from sides
    group by dataset
),

compared as (
    select batches.dataset, batches.batch_id, 'ROWS_BELOW_USUAL' as warning, batches.rows_read as held,
        usual.rows_read as compared_with, bounds.min_share_ppm as bound_ppm
    from deliveries as batches
    inner join usual
        on usual.dataset = batches.dataset and usual.batch_id = batches.batch_id
    inner join bounds
        on bounds.dataset = batches.dataset
    where batches.rows_read * 1000000 < bounds.min_share_ppm * usual.rows_read
    union all
    select batches.dataset, batches.batch_id, 'ROWS_ABOVE_USUAL' as warning, batches.rows_read as held,
        usual.rows_read as compared_with, bounds.warn_above_ppm as bound_ppm
    from deliveries as batches
    inner join usual
        on usual.dataset = batches.dataset and usual.batch_id = batches.batch_id
    inner join bounds
        on bounds.dataset = batches.dataset
    where bounds.warn_above_ppm > 0 and batches.rows_read * 1000000 > bounds.warn_above_ppm * usual.rows_read
    union all
    select lasts.dataset, lasts.batch_id, 'CHANGES_ABOVE_USUAL' as warning, changes.changed as held,
        changes.held_before as compared_with, bounds.warn_changes_ppm as bound_ppm
    from last_snapshots as lasts
    inner join changes
        on changes.dataset = lasts.dataset
    inner join bounds
        on bounds.dataset = lasts.dataset
    where bounds.warn_changes_ppm > 0 and changes.changed * 1000000 > bounds.warn_changes_ppm * changes.held_before
)

select
    compared.dataset,
    batches.department,
    compared.batch_id,
    compared.warning,
    batches.extract_name,
    batches.known_on,
    batches.is_current,
    compared.held,
    compared.compared_with,
    coalesce(fx_div_round(compared.held * 10000, compared.compared_with), 0) as share_bp,
    fx_div_round(compared.bound_ppm, 100) as bound_bp
from compared
inner join run.batches as batches
    on batches.dataset = compared.dataset and batches.batch_id = compared.batch_id
