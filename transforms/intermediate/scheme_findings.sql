/* model
description: What is told to departments of the results of their own evaluations. A score outside the band that the scheme publishes for its grade; a grade that the public grade refuses (国办发〔2026〕8号). Both stay as they were sent.
grain: [dataset, batch_id, line, finding]
inputs:
  - intermediate.industry_results
  - marts.industry_results_in_force
  - marts.public_results_in_force
  - rules.grade_scores
  - rules.overlay_matrix
  - rules.schemes
checks:
  - fail: {not_null: [field, detail]}
*/
select
    results.dataset,
    results.batch_id,
    results.line,
    '评价得分' as field,
    'GRADE_SCORE_CONFLICT' as finding,
    results.grade || ' / ' || cast(results.score as varchar) as detail
from intermediate.industry_results as results
inner join rules.grade_scores as bands
    on bands.scheme = results.scheme and bands.grade = results.grade
where
    cast(results.score * 1000 as bigint) < bands.from_milli
    or cast(results.score * 1000 as bigint) >= bands.below_milli
union all
select
    results.dataset,
    results.batch_id,
    results.line,
    '' as field,
    'PUBLIC_GRADE_CONFLICT' as finding,
    results.grade || ' / ' || national.grade as detail
from marts.industry_results_in_force as results
inner join rules.schemes as schemes
    on schemes.scheme = results.scheme
inner join marts.public_results_in_force as national
    on national.subject_id = results.subject_id
inner join rules.overlay_matrix as matrix
    on matrix.public_grade = national.grade and matrix.industry_level = results.industry_level
where schemes.status = 'active' and matrix.is_conflict
