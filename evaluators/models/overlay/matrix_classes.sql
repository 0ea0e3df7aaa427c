/* model
description: The class that the matrix gives each subject in each of its active schemes, before overrides. A subject without any has one row, scheme none. The class is read at level_used, the next one down where the public grade refuses the industry's.
grain: [subject_id, scheme]
inputs: [intermediate.subjects, scores.scheme_results, scores.public_results, rules.overlay_matrix]
local: true
checks:
  - fail: {not_null: [public_grade, industry_level, level_used, matrix_class, is_conflict]}
  - fail: {no_rows: "select s.subject_id from intermediate.subjects as s where s.subject_id not in (select m.subject_id from overlay.matrix_classes as m)"}
*/
with

active_results as (
    select subject_id, scheme, grade, industry_level, evaluated_on, record_id
    from scores.scheme_results
    where status = 'active'
),

all_rows as (
    select subject_id, scheme, grade, industry_level, evaluated_on, record_id
    from active_results
    union all
    select
        subjects.subject_id,
        'none' as scheme,
        cast(null as varchar) as grade,
        0 as industry_level,
        cast(null as date) as evaluated_on,
        cast(null as varchar) as record_id
    from intermediate.subjects as subjects
    left join active_results
        on active_results.subject_id = subjects.subject_id
    where active_results.subject_id is null
)

select
    all_rows.subject_id,
    all_rows.scheme,
    public_results.public_grade,
    public_results.public_evaluated_on,
    all_rows.grade as industry_grade,
    all_rows.industry_level,
    matrix.level_used,
    all_rows.evaluated_on as industry_evaluated_on,
    all_rows.record_id as industry_record_id,
    matrix.supervision_class as matrix_class,
    matrix.is_conflict
from all_rows
inner join scores.public_results as public_results
    on public_results.subject_id = all_rows.subject_id
inner join rules.overlay_matrix as matrix
    on matrix.public_grade = public_results.public_grade
    and matrix.industry_level = all_rows.industry_level
