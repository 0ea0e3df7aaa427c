/* model
description: The one place that decides whether a record counts on the day, and if not, why not and by which rule. The first state that fits holds, in the order of rules.record_states.
grain: [record_id]
inputs:
  - intermediate.records
  - intermediate.record_classes
  - intermediate.record_cases
  - intermediate.subjects
  - rules.record_states
  - run.parameters
checks:
  - fail: {not_null: [state]}
  - fail: {refers: {column: record_id, to: intermediate.records}}
  - fail: {no_rows: "select record_id from intermediate.record_states where state not in (select s.state from rules.record_states as s)"}
*/
with

decided as (
    select
        records.record_id,
        case
            when subjects.subject_id is null then 'unattached'
            when not classes.is_catalogued then 'out_of_catalogue'
            when classes.exemption_rule is not null then 'exempted'
            when cases.exclusion_case_no is not null then 'excluded'
            when cases.revocation_case_no is not null then 'revoked'
            when cases.withdrawal_case_no is not null then 'withdrawn'
            when records.known_on < cases.amended_on then 'amended'
            when cases.repair_case_no is not null then 'repaired'
            when records.event_on > parameters.as_of then 'not_yet'
            when records.ended_on <= parameters.as_of then 'ended'
            when classes.publicity_until <= parameters.as_of then 'expired'
            else 'in_force'
        end as state
    from intermediate.records as records
    cross join run.parameters as parameters
    inner join intermediate.record_classes as classes
        on classes.record_id = records.record_id
    left join intermediate.record_cases as cases
        on cases.record_id = records.record_id
    left join intermediate.subjects as subjects
        on subjects.subject_id = records.subject_id
)

select
    records.record_id,
    records.subject_id,
    classes.record_class,
    classes.severity,
    classes.severity_rule,
    classes.publicity_rule,
    classes.repairable_on,
    classes.publicity_until,
    decided.state,
    case decided.state
        when 'out_of_catalogue' then records.event_on
        when 'exempted' then records.event_on
        when 'excluded' then cases.excluded_on
        when 'revoked' then cases.revoked_on
        when 'withdrawn' then cases.withdrawn_on
        when 'amended' then cases.amended_on
        when 'repaired' then cases.repaired_on
        when 'not_yet' then records.event_on
        when 'ended' then records.ended_on
        when 'expired' then classes.publicity_until
    end as state_on,
    case decided.state
        when 'excluded' then cases.exclusion_case_no
        when 'revoked' then cases.revocation_case_no
        when 'withdrawn' then cases.withdrawal_case_no
        when 'amended' then cases.amendment_case_no
        when 'repaired' then cases.repair_case_no
    end as case_no,
    case decided.state
        when 'exempted' then classes.exemption_rule
        when 'expired' then classes.publicity_rule
    end as state_rule,
    cases.objection_case_no
from intermediate.records as records
inner join decided
    on decided.record_id = records.record_id
inner join intermediate.record_classes as classes
    on classes.record_id = records.record_id
left join intermediate.record_cases as cases
    on cases.record_id = records.record_id
