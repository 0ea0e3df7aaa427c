/* model
description: The one place that decides whether a record counts on the day, and if not, why not.
grain: [record_id]
inputs:
  - intermediate.records
  - intermediate.record_classes
  - intermediate.record_cases
  - intermediate.subjects
  - run.parameters
checks:
  - fail: {not_null: [state]}
  - fail:
      accepted:
        column: state
        values: [in_force, unattached, excluded, withdrawn, repaired, ended, expired, not_yet]
  - fail: {refers: {column: record_id, to: intermediate.records}}
*/
select
    records.record_id,
    records.subject_id,
    classes.record_class,
    classes.severity,
    classes.severity_rule,
    classes.publicity_rule,
    classes.repairable_on,
    classes.publicity_until,
    case
        when subjects.subject_id is null then 'unattached'
        when cases.exclusion_case_no is not null then 'excluded'
        when cases.withdrawal_case_no is not null then 'withdrawn'
        when cases.repair_case_no is not null then 'repaired'
        when records.event_on > parameters.as_of then 'not_yet'
        when records.ended_on <= parameters.as_of then 'ended'
        when classes.publicity_until <= parameters.as_of then 'expired'
        else 'in_force'
    end as state,
    case
        when subjects.subject_id is null then cast(null as date)
        when cases.exclusion_case_no is not null then cases.excluded_on
        when cases.withdrawal_case_no is not null then cases.withdrawn_on
        when cases.repair_case_no is not null then cases.repaired_on
        when records.event_on > parameters.as_of then records.event_on
        when records.ended_on <= parameters.as_of then records.ended_on
        when classes.publicity_until <= parameters.as_of then classes.publicity_until
    end as state_on,
    case
        when cases.exclusion_case_no is not null then cases.exclusion_case_no
        when cases.withdrawal_case_no is not null then cases.withdrawal_case_no
        when cases.repair_case_no is not null then cases.repair_case_no
    end as case_no,
    cases.objection_case_no
from intermediate.records as records
cross join run.parameters as parameters
inner join intermediate.record_classes as classes
    on classes.record_id = records.record_id
left join intermediate.record_cases as cases
    on cases.record_id = records.record_id
left join intermediate.subjects as subjects
    on subjects.subject_id = records.subject_id
