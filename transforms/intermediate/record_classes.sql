/* model
description: How serious each record is, how long it may be published, and whether the catalogue knew it, by the rule in force on the day of the event.
grain: [record_id]
inputs:
  - intermediate.records
  - rules.penalty_severity
  - rules.publicity_periods
  - rules.publicity_transitions
  - rules.exemptions
  - rules.severe_lists
  - ref.catalogue_editions
  - run.parameters
checks:
  - fail: {not_null: [record_class, is_catalogued]}
  - fail: {accepted: {column: severity, values: [轻微, 一般, 严重]}}
  - fail: {no_rows: "select record_id from intermediate.record_classes where publicity_rule is null and is_catalogued and exemption_rule is null"}
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
    left join rules.exemptions as exemptions
        on exemptions.penalty_kind = records.kind
    where records.category = '行政处罚' and exemptions.rule_id is null
),

-- A record is judged by the rule of its day, unless a change of the rule says
-- that the later one applies to records from before. That never gives a list a
-- legal basis on the day of an entry.
judged as (
    select
        records.record_id,
        max(transitions.effective_from) as judged_on
    from intermediate.records as records
    cross join run.parameters as parameters
    inner join rules.publicity_transitions as transitions
        on transitions.applies = 'later'
        and records.event_on < transitions.effective_from
        and transitions.effective_from <= parameters.as_of
    group by records.record_id
),

-- Before the first edition of the catalogue there was none to look into, and a
-- dataset from outside the catalogue is bound to no item.
classed as (
    select
        records.record_id,
        records.event_on,
        records.stated_until,
        records.field,
        fitting.severity,
        fitting.rule_id as severity_rule,
        exemptions.rule_id as exemption_rule,
        records.category || coalesce('/' || fitting.severity, '') as record_class,
        lists.list is not null as is_listed,
        coalesce(editions.is_listed, true) as is_item_known,
        case when lists.list is null then coalesce(judged.judged_on, records.event_on) else records.event_on end as judged_on
    from intermediate.records as records
    left join fitting
        on fitting.record_id = records.record_id and fitting.choice = 1
    left join rules.exemptions as exemptions
        on exemptions.penalty_kind = records.kind and records.category = '行政处罚'
    left join rules.severe_lists as lists
        on lists.list = records.category
    left join judged
        on judged.record_id = records.record_id
    left join ref.catalogue_editions as editions
        on editions.dataset = records.dataset
        and records.event_on >= editions.effective_from
        and (editions.effective_to is null or records.event_on <= editions.effective_to)
),

-- A line for the field of a record goes before one for any.
periods as (
    select
        classed.record_id,
        publicity.min_months,
        publicity.max_months,
        publicity.stated_months,
        publicity.rule_id,
        row_number() over (
            partition by classed.record_id
            order by
                case when publicity.fields is null then 1 else 0 end asc nulls last,
                publicity.effective_from desc nulls last, publicity.rule_id asc nulls last
        ) as choice
    from classed
    inner join rules.publicity_periods as publicity
        on publicity.record_class = classed.record_class
        and (publicity.fields is null or position(';' || classed.field || ';' in ';' || publicity.fields || ';') > 0)
        and classed.judged_on >= publicity.effective_from
        and (publicity.effective_to is null or classed.judged_on <= publicity.effective_to)
)

-- An end that the decision states holds, as far as the rule lets it; a list
-- without a legal basis on the day is in no catalogue.
select
    classed.record_id,
    classed.record_class,
    classed.severity,
    classed.severity_rule,
    classed.exemption_rule,
    classed.is_item_known and (not classed.is_listed or periods.rule_id is not null) as is_catalogued,
    periods.rule_id as publicity_rule,
    fx_add_months(classed.event_on, periods.min_months) as repairable_on,
    case
        when classed.stated_until is null then fx_add_months(classed.event_on, periods.max_months)
        when classed.stated_until > fx_add_months(classed.event_on, periods.stated_months)
            then fx_add_months(classed.event_on, periods.stated_months)
        else classed.stated_until
    end as publicity_until
from classed
left join periods
    on periods.record_id = classed.record_id and periods.choice = 1
