/* model
description: How serious each record is and how long it may be published, by the rule in force on the day of the event.
grain: [record_id]
inputs: [intermediate.records, rules.penalty_severity, rules.publicity_periods]
checks:
  - fail: {not_null: [record_class, publicity_rule]}
  - fail: {accepted: {column: severity, values: [轻微, 一般, 严重]}}
*/
with

-- The first rule that fits decides how serious a penalty is.
fitting as (
    select
        records.record_id,
        severities.severity,
        severities.rule_id,
        row_number() over (
            partition by records.record_id
            order by severities.priority asc nulls last, severities.rule_id asc nulls last
        ) as choice
    from intermediate.records as records
    inner join rules.penalty_severity as severities
        on (severities.penalty_kind is null or severities.penalty_kind = records.kind)
        and (severities.fine_from is null or records.fine_amount >= severities.fine_from)
        and (severities.fine_up_to is null or records.fine_amount <= severities.fine_up_to)
        and records.event_on >= severities.effective_from
        and (severities.effective_to is null or records.event_on <= severities.effective_to)
    where records.category = '行政处罚'
),

classed as (
    select
        records.record_id,
        records.event_on,
        fitting.severity,
        fitting.rule_id as severity_rule,
        records.category || coalesce('/' || fitting.severity, '') as record_class
    from intermediate.records as records
    left join fitting
        on fitting.record_id = records.record_id and fitting.choice = 1
),

periods as (
    select
        classed.record_id,
        publicity.min_months,
        publicity.max_months,
        publicity.rule_id,
        row_number() over (
            partition by classed.record_id
            order by publicity.effective_from desc nulls last, publicity.rule_id asc nulls last
        ) as choice
    from classed
    inner join rules.publicity_periods as publicity
        on publicity.record_class = classed.record_class
        and classed.event_on >= publicity.effective_from
        and (publicity.effective_to is null or classed.event_on <= publicity.effective_to)
)

select
    classed.record_id,
    classed.record_class,
    classed.severity,
    classed.severity_rule,
    periods.rule_id as publicity_rule,
    fx_add_months(classed.event_on, periods.min_months) as repairable_on,
    fx_add_months(classed.event_on, periods.max_months) as publicity_until
from classed
left join periods
    on periods.record_id = classed.record_id and periods.choice = 1
