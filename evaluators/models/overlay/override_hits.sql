/* model
description: Each override that applies to a subject on the day, with the record that brings it about.
grain: [subject_id, position, record_id]
inputs:
  - rules.overrides
  - marts.records_in_force
  - intermediate.subjects
  - staging.credit__manual_overrides
  - run.parameters
local: true
days:
  - {table: staging.credit__manual_overrides, column: approved_on}
  - {table: staging.credit__manual_overrides, column: expires_on}
checks:
  - fail: {not_null: [subject_id, override_code, effect]}
  - fail: {no_rows: "select subject_id from overlay.override_hits where effect = 'class' and supervision_class is null"}
*/
select
    records.subject_id, overrides.position, records.record_id, overrides.override_code, overrides.effect,
    overrides.supervision_class, overrides.meaning, records.document_no, records.authority_name, records.event_on
from marts.records_in_force as records
inner join rules.overrides as overrides
    on overrides.trigger_kind = 'record_category' and overrides.trigger_value = records.category
union all
select
    subjects.subject_id, overrides.position, subjects.record_id, overrides.override_code, overrides.effect,
    overrides.supervision_class, overrides.meaning, cast(null as varchar) as document_no,
    cast(null as varchar) as authority_name, cast(null as date) as event_on
from intermediate.subjects as subjects
inner join rules.overrides as overrides
    on overrides.trigger_kind = 'registration_status' and overrides.trigger_value = subjects.registration_status
union all
select
    records.subject_id, overrides.position, records.record_id, overrides.override_code, overrides.effect,
    overrides.supervision_class, overrides.meaning, records.document_no, records.authority_name, records.event_on
from marts.records_in_force as records
cross join rules.overrides as overrides
where overrides.trigger_kind = 'objection_pending' and records.objection_case_no is not null
union all
select
    manual.subject_id, overrides.position, manual.record_id, overrides.override_code, overrides.effect,
    manual.supervision_class, overrides.meaning, manual.document_no, manual.approver as authority_name, manual.approved_on as event_on
from staging.credit__manual_overrides as manual
cross join run.parameters as parameters
inner join intermediate.subjects as subjects
    on subjects.subject_id = manual.subject_id
cross join rules.overrides as overrides
where overrides.trigger_kind = 'manual' and manual.approved_on <= parameters.as_of and manual.expires_on > parameters.as_of
