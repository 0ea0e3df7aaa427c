/* model
description: What the catalogue expects against what came, by dataset and period. missing is due and nothing came; late came after the deadline; empty is a report of nothing (零报告).
grain: [dataset, period]
inputs: [ref.catalogue, ref.periods, rules.quality_definition, run.batches, run.parameters]
checks:
  - fail: {not_null: [department, dataset, period, due_on, state]}
  - fail: {accepted: {column: state, values: [received, late, empty, missing, not_due]}}
*/
with

expected as (
    select
        catalogue.department, catalogue.dataset, catalogue.title, catalogue.item, catalogue.every,
        periods.period, periods.period_from_on, periods.period_to_on, periods.window_from_on, periods.window_to_on,
        fx_add_days(periods.period_to_on, catalogue.within_days) as due_on,
        parameters.as_of
    from ref.catalogue as catalogue
    inner join ref.periods as periods
        on periods.every = catalogue.every
    cross join rules.quality_definition as definition
    cross join run.parameters as parameters
    where
        periods.period_from_on >= catalogue.effective_from
        and periods.window_from_on <= parameters.as_of
        and fx_add_days(periods.period_to_on, catalogue.within_days) >= definition.coverage_from
),

received as (
    select
        expected.dataset, expected.period, count(*) as batches,
        cast(sum(batches.rows_read) as bigint) as rows_read, min(batches.known_on) as first_received_on
    from expected
    inner join run.batches as batches
        on batches.dataset = expected.dataset
        and batches.known_on >= expected.window_from_on
        and batches.known_on <= expected.window_to_on
        and batches.parent_batch_id is null
    group by expected.dataset, expected.period
)

select
    expected.department,
    expected.dataset,
    expected.title,
    expected.item,
    expected.every,
    expected.period,
    expected.period_from_on,
    expected.period_to_on,
    expected.due_on,
    received.first_received_on,
    coalesce(received.batches, 0) as batches,
    coalesce(received.rows_read, 0) as rows_read,
    case
        when received.batches is null and expected.due_on < expected.as_of then 'missing'
        when received.batches is null then 'not_due'
        when received.first_received_on > expected.due_on then 'late'
        when received.rows_read = 0 then 'empty'
        else 'received'
    end as state
from expected
left join received
    on received.dataset = expected.dataset and received.period = expected.period
