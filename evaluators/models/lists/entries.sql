/* model
description: Who stands in which list on the day, with what the list says of it. One row for each subject in each scheme it has a result in, and in the overall list.
grain: [subject_id, scheme]
inputs:
  - overlay.scheme_classes
  - overlay.subject_classes
  - scores.public_results
  - marts.risk_classes
  - intermediate.subjects
  - rules.schemes
  - ref.industries
local: true
checks:
  - fail: {not_null: [subject_id, scheme, department, supervision_class, publication_range]}
*/
with

classes as (
    select
        subject_id, scheme, scheme as industry_scheme, public_grade, public_evaluated_on, industry_grade,
        industry_evaluated_on, matrix_class, supervision_class, override_code, is_marked, is_conflict
    from overlay.scheme_classes
    where not is_out and scheme <> 'none'
    union all
    select
        subjects.subject_id, schemes.scheme, nullif(subjects.deciding_scheme, 'none') as industry_scheme, subjects.public_grade,
        subjects.public_evaluated_on, subjects.industry_grade, subjects.industry_evaluated_on, subjects.matrix_class,
        subjects.supervision_class, subjects.override_code, subjects.is_marked, subjects.is_conflict
    from overlay.subject_classes as subjects
    cross join rules.schemes as schemes
    where not subjects.is_out and schemes.is_overall
)

select
    classes.subject_id,
    classes.scheme,
    schemes.title as scheme_title,
    schemes.department,
    schemes.publication_range,
    subjects.subject_name,
    subjects.division_code,
    subjects.industry_code,
    industries.industry_name,
    industries.section_code as industry_section,
    classes.public_grade,
    classes.public_evaluated_on,
    results.result_batch as public_batch,
    classes.industry_scheme,
    deciding.title as industry_scheme_title,
    deciding.scorecard,
    classes.industry_grade,
    classes.industry_evaluated_on,
    case when schemes.publication_range <> 'public' then risks.risk_class end as risk_class,
    case when schemes.publication_range <> 'public' then risks.classified_on end as risk_classified_on,
    classes.matrix_class,
    classes.supervision_class,
    classes.override_code,
    classes.is_marked,
    classes.is_conflict
from classes
inner join rules.schemes as schemes
    on schemes.scheme = classes.scheme
inner join intermediate.subjects as subjects
    on subjects.subject_id = classes.subject_id
left join rules.schemes as deciding
    on deciding.scheme = classes.industry_scheme
left join scores.public_results as results
    on results.subject_id = classes.subject_id
left join marts.risk_classes as risks
    on risks.subject_id = classes.subject_id
left join ref.industries as industries
    on industries.industry_code = subjects.industry_code
