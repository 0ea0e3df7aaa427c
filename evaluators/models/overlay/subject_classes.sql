/* model
description: The supervision class of each subject, the strictest of its schemes, and the scheme that sets it.
grain: [subject_id]
inputs: [overlay.scheme_classes, intermediate.subjects]
local: true
checks:
  - fail: {refers: {column: subject_id, to: intermediate.subjects}}
  - fail: {no_rows: "select s.subject_id from intermediate.subjects as s where s.subject_id not in (select c.subject_id from overlay.subject_classes as c)"}
  - warn: {no_rows: "select subject_id from overlay.subject_classes where is_conflict"}
*/
with

ranked as (
    select
        subject_id,
        scheme,
        public_grade,
        public_evaluated_on,
        industry_grade,
        industry_evaluated_on,
        matrix_class,
        supervision_class,
        override_code,
        is_out,
        is_marked,
        is_conflict,
        row_number() over (
            partition by subject_id
            order by matrix_class desc nulls last, industry_level desc nulls last, scheme asc nulls last
        ) as choice
    from overlay.scheme_classes
),

conflicts as (
    select distinct subject_id
    from overlay.scheme_classes
    where is_conflict
)

select
    ranked.subject_id,
    ranked.scheme as deciding_scheme,
    ranked.public_grade,
    ranked.public_evaluated_on,
    ranked.industry_grade,
    ranked.industry_evaluated_on,
    ranked.matrix_class,
    ranked.supervision_class,
    ranked.override_code,
    ranked.is_out,
    ranked.is_marked,
    conflicts.subject_id is not null as is_conflict
from ranked
left join conflicts
    on conflicts.subject_id = ranked.subject_id
where ranked.choice = 1
