/* model
description: Records that count by the publicity period of their own day and that the period in force today would show no more. Each wants a written decision; a change of the rule that applies to earlier records empties the table.
grain: [record_id]
inputs:
  - intermediate.records
  - intermediate.record_states
  - rules.publicity_periods
  - rules.publicity_transitions
  - run.parameters
checks:
  - fail: {not_null: [subject_id, publicity_rule, later_rule]}
*/
select
    records.record_id,
    records.subject_id,
    records.subject_name,
    records.dataset,
    records.document_no,
    records.authority_name,
    records.event_on,
    states.record_class,
    states.publicity_rule,
    states.publicity_until,
    transitions.rule_id as transition_rule,
    publicity.rule_id as later_rule,
    fx_add_months(records.event_on, publicity.max_months) as later_until
from intermediate.records as records
cross join run.parameters as parameters
inner join intermediate.record_states as states
    on states.record_id = records.record_id
inner join rules.publicity_transitions as transitions
    on transitions.applies = 'earlier'
    and records.event_on < transitions.effective_from
    and transitions.effective_from <= parameters.as_of
inner join rules.publicity_periods as publicity
    on publicity.record_class = states.record_class
    and publicity.effective_from = transitions.effective_from
    and (publicity.fields is null or position(';' || records.field || ';' in ';' || publicity.fields || ';') > 0)
where
    states.state = 'in_force'
    and fx_add_months(records.event_on, publicity.max_months) <= parameters.as_of
