/* model
description: Who stands on a list of 严重失信主体 on the day, one row an entry, with the basis of the list and the mark of an objection under way.
grain: [record_id]
inputs:
  - marts.records_in_force
  - intermediate.records
  - intermediate.subjects
  - rules.severe_lists
  - ref.catalogue
checks:
  - fail: {not_null: [subject_id, list_name, listed_on, authority_name]}
  - fail: {refers: {column: record_id, to: marts.records_in_force}}
*/
select
    entries.record_id,
    entries.subject_id,
    subjects.subject_name,
    subjects.division_code,
    entries.category as list_name,
    lists.basis as list_basis,
    entries.document_no,
    entries.authority_name,
    entries.detail as reason,
    entries.event_on as listed_on,
    entries.publicity_until,
    entries.repairable_on,
    entries.objection_case_no,
    catalogue.publication_range
from marts.records_in_force as entries
inner join intermediate.records as records
    on records.record_id = entries.record_id
inner join rules.severe_lists as lists
    on lists.list = entries.category and lists.dataset = records.dataset
inner join intermediate.subjects as subjects
    on subjects.subject_id = entries.subject_id
inner join ref.catalogue as catalogue
    on catalogue.dataset = records.dataset
where entries.record_group = lists.record_group
