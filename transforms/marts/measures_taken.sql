/* model
description: What departments did about enterprises on lists of 严重失信主体, by their answers, while the entry that they acted on is in force.
grain: [record_id]
inputs:
  - staging.credit__screen_feedback
  - marts.severe_hits
  - rules.measures
  - ref.catalogue
checks:
  - fail: {not_null: [subject_id, list_record_id, department, hit_no]}
  - fail: {refers: {column: list_record_id, to: marts.severe_hits}}
*/
with

-- An answer names the list and the document; two entries of one document are one.
entries as (
    select
        subject_id, list_name, document_no, division_code, subject_name, record_id,
        row_number() over (
            partition by subject_id, list_name, document_no
            order by record_id asc nulls last
        ) as choice
    from marts.severe_hits
),

titles as (
    select measure_id, min(title) as title
    from rules.measures
    group by measure_id
)

select
    answers.record_id,
    answers.hit_no,
    answers.subject_id,
    entries.subject_name,
    coalesce(answers.division_code, entries.division_code) as division_code,
    answers.department,
    answers.list_name,
    entries.record_id as list_record_id,
    answers.measure_id,
    titles.title as measure_title,
    answers.acted_on,
    answers.item_code,
    answers.item_name,
    answers.result,
    answers.amount,
    answers.legal_basis,
    catalogue.publication_range
from staging.credit__screen_feedback as answers
inner join entries
    on entries.subject_id = answers.subject_id
    and entries.list_name = answers.list_name
    and entries.document_no = answers.document_no
    and entries.choice = 1
inner join ref.catalogue as catalogue
    on catalogue.dataset = 'credit/screen_feedback'
left join titles
    on titles.measure_id = answers.measure_id
where answers.feedback_kind = '已惩戒'
