/* model
description: Every inspection known on the day, one row each, with the draw it came from if any and the class it then had. An inspection that the department's extract and a draw's result both tell stands once, under the department's record.
grain: [subject_id, dataset, record_id]
inputs:
  - staging.samr__inspections
  - intermediate.inspection_results
  - rules.inspection_results
  - run.batches
checks:
  - fail: {not_null: [subject_id, department, inspected_on, result_codes, is_problem, is_control, known_on]}
*/
with

-- A result is tied to one record of the extract; two draws may hold the same
-- inspection, and then the record shows the first.
tied as (
    select
        reported_record_id, record_id, draw_id, draw_part, draw_class, industry_section, division_code,
        result_codes, is_problem,
        row_number() over (
            partition by reported_record_id
            order by draw_id asc nulls last, record_id asc nulls last
        ) as choice
    from intermediate.inspection_results
    where reported_record_id is not null
)

select
    inspections.subject_id,
    batches.department,
    inspections.inspected_on,
    coalesce(tied.result_codes, inspections.result_code) as result_codes,
    results.is_problem or coalesce(tied.is_problem, false) as is_problem,
    'samr/inspections' as dataset,
    inspections.record_id,
    tied.record_id as result_record_id,
    tied.draw_id,
    coalesce(tied.draw_part = 'control', false) as is_control,
    tied.draw_class,
    tied.industry_section,
    tied.division_code,
    inspections.document_no,
    inspections.known_on,
    batches.department as sent_by,
    inspections.batch_id,
    batches.extract_name,
    inspections.line
from staging.samr__inspections as inspections
inner join run.batches as batches
    on batches.dataset = 'samr/inspections' and batches.batch_id = inspections.batch_id
inner join rules.inspection_results as results
    on results.result_code = inspections.result_code
left join tied
    on tied.reported_record_id = inspections.record_id and tied.choice = 1
union all
select
    results.subject_id,
    results.department,
    results.inspected_on,
    results.result_codes,
    results.is_problem,
    results.dataset,
    results.record_id,
    results.record_id as result_record_id,
    results.draw_id,
    coalesce(results.draw_part = 'control', false) as is_control,
    results.draw_class,
    results.industry_section,
    results.division_code,
    results.document_no,
    results.known_on,
    batches.department as sent_by,
    results.batch_id,
    batches.extract_name,
    results.line
from intermediate.inspection_results as results
left join run.batches as batches
    on batches.dataset = results.dataset and batches.batch_id = results.batch_id
where results.reported_record_id is null
