/* model
description: Industry results that the public grade refuses (国办发〔2026〕8号). The grade stays as it was sent, the class is that of the level used, and the department is told.
grain: [subject_id, scheme]
inputs: [overlay.matrix_classes, scores.public_results, rules.schemes]
local: true
checks:
  - fail: {not_null: [public_grade, industry_grade, level_used]}
*/
select
    classes.subject_id,
    classes.scheme,
    schemes.title as scheme_title,
    schemes.department,
    classes.public_grade,
    classes.public_evaluated_on,
    public_results.result_batch,
    public_results.record_id as public_record_id,
    classes.industry_grade,
    classes.industry_level,
    classes.level_used,
    classes.industry_evaluated_on,
    classes.industry_record_id
from overlay.matrix_classes as classes
inner join scores.public_results as public_results
    on public_results.subject_id = classes.subject_id
inner join rules.schemes as schemes
    on schemes.scheme = classes.scheme
where classes.is_conflict
