/* model
description: What the inspection of a drawn or listed object found, one row an object and department of a draw or list, from systems and returned workbooks alike, with the record of the department's own extract that tells the same inspection.
grain: [record_id]
inputs:
  - staging.inspection__results
  - staging.inspection__returned_results
  - staging.inspection__returned_lists
  - staging.samr__inspections
  - rules.inspection_results
  - rules.tiers
  - run.batches
checks:
  - fail: {unique: [assignment_id, department, subject_id]}
  - fail: {not_null: [assignment_id, department, subject_id, inspected_on, result_codes, is_problem, dataset, known_on]}
  - fail: {accepted: {column: draw_part, values: [control, stratum]}}
*/
with

-- A draw is its own assignment; a list is that of its run and scheme.
returned as (
    select
        'inspection/results' as dataset, record_id, draw_id as assignment_id, draw_id, department, draw_part, subject_id, subject_name, draw_class,
        industry_section, division_code, result_codes, inspected_on, problem, correction, document_no, inspector_codes,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.inspection__results
    union all
    select
        'inspection/returned_results' as dataset, record_id, draw_id as assignment_id, draw_id, department, draw_part, subject_id, subject_name, draw_class,
        industry_section, division_code, result_codes, inspected_on, problem, correction, document_no, inspector_codes,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.inspection__returned_results
    union all
    select
        'inspection/returned_lists' as dataset, lists.record_id, lists.list_run_id || '/' || lists.scheme as assignment_id,
        cast(null as varchar) as draw_id, lists.department, cast(null as varchar) as draw_part, lists.subject_id,
        lists.subject_name, tiers.supervision_class as draw_class, cast(null as varchar) as industry_section,
        cast(null as varchar) as division_code, lists.result_codes, lists.inspected_on, lists.problem, lists.correction,
        lists.document_no, lists.inspector_codes, lists.batch_id, lists.line, lists.flags, lists.known_on,
        lists.sent_subject_id, lists.correction_no
    from staging.inspection__returned_lists as lists
    left join rules.tiers as tiers
        on tiers.class_title = lists.class_title
),

-- A result that came both ways is one: the one known later.
newest as (
    select
        dataset, record_id, assignment_id, draw_id, department, draw_part, subject_id, subject_name, draw_class, industry_section,
        division_code, result_codes, inspected_on, problem, correction, document_no, inspector_codes,
        batch_id, line, flags, known_on, sent_subject_id, correction_no,
        row_number() over (
            partition by assignment_id, department, subject_id
            order by known_on desc nulls last, dataset asc nulls last, line desc nulls last, record_id asc nulls last
        ) as choice
    from returned
),

-- The department's own extract may tell the same inspection: the same subject,
-- department and day. Several of one day are told apart by nothing: one is taken.
reported as (
    select
        batches.department,
        inspections.subject_id,
        inspections.inspected_on,
        inspections.record_id,
        results.is_problem,
        row_number() over (
            partition by batches.department, inspections.subject_id, inspections.inspected_on
            order by results.is_problem desc nulls last, inspections.record_id asc nulls last
        ) as choice
    from staging.samr__inspections as inspections
    inner join run.batches as batches
        on batches.dataset = 'samr/inspections' and batches.batch_id = inspections.batch_id
    inner join rules.inspection_results as results
        on results.result_code = inspections.result_code
),

-- The meanings of all codes; the first that is a problem names the kind.
judged as (
    select
        newest.record_id,
        count(case when results.is_problem then 1 end) > 0 as is_problem,
        min(case when results.is_problem then results.result_code end) as problem_code
    from newest
    inner join rules.inspection_results as results
        on position(';' || results.result_code || ';' in ';' || newest.result_codes || ';') > 0
    where newest.choice = 1
    group by newest.record_id
)

select
    newest.dataset,
    newest.record_id,
    newest.assignment_id,
    newest.draw_id,
    newest.department,
    newest.draw_part,
    newest.subject_id,
    newest.subject_name,
    newest.draw_class,
    newest.industry_section,
    newest.division_code,
    newest.result_codes,
    newest.inspected_on,
    judged.is_problem,
    results.meaning as problem_kind,
    newest.problem,
    newest.correction,
    newest.document_no,
    newest.inspector_codes,
    reported.record_id as reported_record_id,
    coalesce(reported.is_problem, false) as is_reported_problem,
    newest.batch_id,
    newest.line,
    newest.flags,
    newest.known_on,
    newest.sent_subject_id,
    newest.correction_no
from newest
inner join judged
    on judged.record_id = newest.record_id
left join rules.inspection_results as results
    on results.result_code = judged.problem_code
left join reported
    on reported.department = newest.department
    and reported.subject_id = newest.subject_id
    and reported.inspected_on = newest.inspected_on
    and reported.choice = 1
where newest.choice = 1
