/* model
description: Commitments and how they were kept. One whose breach was confirmed stands while that record is in force; one that was kept is no record of conduct and stands.
grain: [record_id]
inputs:
  - staging.credit__commitments
  - intermediate.record_states
  - intermediate.subjects
  - ref.catalogue
  - ref.catalogue_editions
checks:
  - fail: {not_null: [subject_id, document_no, made_on, performance]}
  - fail: {refers: {column: subject_id, to: intermediate.subjects}}
*/
select
    commitments.record_id,
    commitments.subject_id,
    subjects.subject_name,
    subjects.entity_type,
    commitments.document_no,
    commitments.commitment_kind,
    commitments.reason,
    commitments.content,
    commitments.liability,
    commitments.made_on,
    commitments.valid_to,
    commitments.performance,
    commitments.breach,
    commitments.accountability,
    commitments.confirmed_on,
    commitments.authority_name,
    commitments.authority_id,
    commitments.accepting_name,
    commitments.accepting_id,
    commitments.publicity,
    commitments.remark,
    states.objection_case_no,
    case commitments.publicity
        when '可向社会公开' then catalogue.publication_range
        when '特定范围内公开' then 'government'
        when '不可公开' then 'authorised'
    end as publication_range
from staging.credit__commitments as commitments
inner join intermediate.subjects as subjects
    on subjects.subject_id = commitments.subject_id
inner join ref.catalogue as catalogue
    on catalogue.dataset = 'credit/commitments'
left join ref.catalogue_editions as editions
    on editions.dataset = 'credit/commitments'
    and commitments.made_on >= editions.effective_from
    and (editions.effective_to is null or commitments.made_on <= editions.effective_to)
left join intermediate.record_states as states
    on states.record_id = commitments.record_id
where
    coalesce(states.state, 'in_force') = 'in_force'
    and coalesce(editions.is_listed, true)
