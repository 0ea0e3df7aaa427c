/* model
description: Checks as 互联网+监管 wants them, one row a check of an enterprise, from the extracts of departments and the results of draws that no extract tells. What was found stands while it is in force; a check that found nothing is no record of conduct and stands. What a department did not send is NULL.
grain: [record_id]
inputs:
  - staging.samr__inspections
  - staging.fire__inspections
  - staging.credit__inspections
  - staging.samr__registrations
  - staging.supervision__items
  - staging.inspection__visits
  - staging.inspection__inspectors
  - intermediate.inspection_results
  - intermediate.record_states
  - intermediate.subjects
  - rules.inspection_results
  - ref.catalogue
  - ref.catalogue_editions
checks:
  - fail: {not_null: [record_id, subject_id, dataset, inspected_on, submitted_on]}
  - fail: {refers: {column: subject_id, to: intermediate.subjects}}
*/
with

-- A draw's result has several codes: the first that is a problem, or the first.
drawn as (
    select
        results.record_id,
        coalesce(
            min(case when codes.is_problem then codes.result_code end), min(codes.result_code)
        ) as outcome_code
    from intermediate.inspection_results as results
    inner join rules.inspection_results as codes
        on position(';' || codes.result_code || ';' in ';' || results.result_codes || ';') > 0
    group by results.record_id
),

-- The unit of the inspectors of a draw is the body that inspected, where it is one.
drawing_units as (
    select
        results.record_id,
        max(inspectors.unit_id) as unit_id,
        max(inspectors.unit_name) as unit_name
    from intermediate.inspection_results as results
    inner join staging.inspection__inspectors as inspectors
        on inspectors.department = results.department
        and position(';' || inspectors.inspector_id || ';' in ';' || results.inspector_codes || ';') > 0
    group by results.record_id
    having count(distinct inspectors.unit_id) = 1
),

checks as (
    select
        'samr/inspections' as dataset, record_id, subject_id, document_no, inspection_field, inspection_mode,
        cast(null as varchar) as plan_no, inspected_on, result_code as outcome_code, authority_name, authority_id, known_on
    from staging.samr__inspections
    union all
    select
        'fire/inspections' as dataset, record_id, subject_id, document_no, '消防安全' as inspection_field, inspection_mode,
        cast(null as varchar) as plan_no, inspected_on, result as outcome_code, authority_name,
        cast(null as varchar) as authority_id, known_on
    from staging.fire__inspections
    union all
    select
        'credit/inspections' as dataset, record_id, subject_id, document_no, inspection_field, inspection_mode,
        plan_no, inspected_on, result as outcome_code, authority_name, authority_id, known_on
    from staging.credit__inspections
    union all
    select
        results.dataset, results.record_id, results.subject_id, results.document_no, cast(null as varchar) as inspection_field,
        '双随机抽查' as inspection_mode, results.assignment_id as plan_no, results.inspected_on, drawn.outcome_code,
        coalesce(drawing_units.unit_name, results.department) as authority_name, drawing_units.unit_id as authority_id, results.known_on
    from intermediate.inspection_results as results
    inner join drawn
        on drawn.record_id = results.record_id
    left join drawing_units
        on drawing_units.record_id = results.record_id
    where results.reported_record_id is null
),

-- Who inspected: as departments tell of each check, or as a draw's result names them.
present as (
    select checks.record_id, inspectors.inspector_id, inspectors.inspector_name
    from checks
    inner join staging.inspection__visits as visits
        on visits.document_no = checks.document_no and visits.subject_id = checks.subject_id
    inner join staging.inspection__inspectors as inspectors
        on inspectors.inspector_id = visits.inspector_id
    union
    select results.record_id, inspectors.inspector_id, inspectors.inspector_name
    from intermediate.inspection_results as results
    inner join staging.inspection__inspectors as inspectors
        on inspectors.department = results.department
        and position(';' || inspectors.inspector_id || ';' in ';' || results.inspector_codes || ';') > 0
    where results.reported_record_id is null
),

numbered as (
    select
        record_id,
        inspector_id,
        inspector_name,
        row_number() over (partition by record_id order by inspector_id asc nulls last) as position
    from present
),

-- Four of them; a team of more is named by its first four.
teams as (
    select
        record_id,
        max(case when position = 1 then inspector_name end)
            || coalesce(';' || max(case when position = 2 then inspector_name end), '')
            || coalesce(';' || max(case when position = 3 then inspector_name end), '')
            || coalesce(';' || max(case when position = 4 then inspector_name end), '') as inspector_names,
        max(case when position = 1 then inspector_id end)
            || coalesce(';' || max(case when position = 2 then inspector_id end), '')
            || coalesce(';' || max(case when position = 3 then inspector_id end), '')
            || coalesce(';' || max(case when position = 4 then inspector_id end), '') as inspector_ids
    from numbered
    group by record_id
),

-- The item that a body implements in a field; of several the first code.
items as (
    select
        authority_id,
        inspection_field,
        item_code,
        check_item_code,
        row_number() over (
            partition by authority_id, inspection_field
            order by check_item_code asc nulls last
        ) as choice
    from staging.supervision__items
)

select
    checks.record_id,
    checks.dataset,
    checks.subject_id,
    subjects.subject_name,
    subjects.entity_type,
    subjects.division_code,
    registrations.address,
    checks.document_no,
    items.item_code,
    items.check_item_code,
    checks.inspection_field,
    checks.inspection_mode,
    checks.plan_no,
    checks.inspected_on,
    checks.outcome_code,
    checks.authority_name,
    checks.authority_id,
    teams.inspector_names,
    teams.inspector_ids,
    checks.known_on as submitted_on,
    catalogue.publication_range
from checks
inner join intermediate.subjects as subjects
    on subjects.subject_id = checks.subject_id
inner join ref.catalogue as catalogue
    on catalogue.dataset = checks.dataset
left join ref.catalogue_editions as editions
    on editions.dataset = checks.dataset
    and checks.inspected_on >= editions.effective_from
    and (editions.effective_to is null or checks.inspected_on <= editions.effective_to)
left join intermediate.record_states as states
    on states.record_id = checks.record_id
left join staging.samr__registrations as registrations
    on registrations.record_id = subjects.record_id
left join items
    on items.authority_id = checks.authority_id
    and items.inspection_field = checks.inspection_field
    and items.choice = 1
left join teams
    on teams.record_id = checks.record_id
where
    coalesce(states.state, 'in_force') = 'in_force'
    and coalesce(editions.is_listed, true)
