/* model
description: Penalties in force as 互联网+监管 wants them, one row a decision. What was decided is as double publicity tells it; how the case was conducted is what the authority reports of the same penalty to 互联网+监管, and NULL where it reports none.
grain: [record_id]
inputs:
  - marts.records_in_force
  - intermediate.penalty_routes
  - intermediate.subjects
  - staging.samr__penalties
  - staging.ecology__penalties
  - staging.samr__registrations
  - staging.supervision__penalty_actions
  - ref.catalogue
checks:
  - fail: {not_null: [record_id, subject_id, document_no, decided_on, authority_name]}
  - fail: {refers: {column: record_id, to: marts.records_in_force}}
*/
with

decisions as (
    select
        'samr/penalties' as dataset, record_id, document_no, facts, legal_basis, penalty_kind, content, fine_amount,
        decided_on, authority_name, authority_id, flags
    from staging.samr__penalties
    union all
    select
        'ecology/penalties' as dataset, record_id, document_no, facts, legal_basis, penalty_kind, content, fine_amount,
        decided_on, authority_name, authority_id, flags
    from staging.ecology__penalties
)

select
    records.record_id,
    decisions.dataset,
    records.subject_id,
    subjects.subject_name,
    subjects.entity_type,
    subjects.division_code,
    registrations.address,
    decisions.document_no,
    decisions.decided_on,
    decisions.penalty_kind,
    decisions.fine_amount,
    position('AMOUNT_SUSPECT_UNIT' in decisions.flags) > 0 as is_amount_suspect,
    decisions.facts,
    decisions.legal_basis,
    decisions.content,
    decisions.authority_name,
    decisions.authority_id,
    actions.record_id as action_record_id,
    actions.item_code,
    actions.action_name,
    actions.action_no,
    actions.case_source,
    actions.check_action_no,
    actions.procedure,
    actions.is_hearing,
    actions.filed_on,
    actions.is_criminal,
    actions.is_major,
    actions.is_legally_reviewed,
    actions.legally_reviewed_on,
    actions.legal_opinion,
    actions.is_discussed,
    actions.discussed_on,
    actions.discussion_result,
    actions.reconsideration,
    actions.litigation,
    actions.execution_manner,
    actions.execution_result,
    actions.paid_amount,
    actions.is_no_penalty,
    actions.closed_on,
    actions.other_handling,
    actions.transferred_on,
    actions.submitted_on,
    records.objection_case_no,
    catalogue.publication_range
from marts.records_in_force as records
inner join decisions
    on decisions.record_id = records.record_id
inner join intermediate.subjects as subjects
    on subjects.subject_id = records.subject_id
inner join ref.catalogue as catalogue
    on catalogue.dataset = decisions.dataset
left join staging.samr__registrations as registrations
    on registrations.record_id = subjects.record_id
left join intermediate.penalty_routes as routes
    on routes.record_id = records.record_id
left join staging.supervision__penalty_actions as actions
    on actions.record_id = routes.action_record_id
