/* model
description: The supervision class of each subject in each scheme, after overrides in their fixed order. Out of the list is final.
grain: [subject_id, scheme]
inputs: [overlay.matrix_classes, overlay.override_hits]
local: true
checks:
  - fail: {accepted: {column: supervision_class, values: ["1", "2", "3", "4"]}}
  - fail: {no_rows: "select subject_id from overlay.scheme_classes where is_out = (supervision_class is not null)"}
*/
with

last_class as (
    select
        subject_id,
        override_code,
        supervision_class,
        row_number() over (
            partition by subject_id
            order by position desc nulls last, event_on desc nulls last, record_id asc nulls last
        ) as choice
    from overlay.override_hits
    where effect = 'class'
),

outs as (
    select subject_id, min(override_code) as override_code
    from overlay.override_hits
    where effect = 'out'
    group by subject_id
),

marks as (
    select distinct subject_id
    from overlay.override_hits
    where effect = 'mark'
)

select
    classes.subject_id,
    classes.scheme,
    classes.public_grade,
    classes.public_evaluated_on,
    classes.industry_grade,
    classes.industry_level,
    classes.industry_evaluated_on,
    classes.industry_record_id,
    classes.matrix_class,
    classes.is_conflict,
    case when outs.subject_id is null then coalesce(last_class.supervision_class, classes.matrix_class) end as supervision_class,
    coalesce(outs.override_code, last_class.override_code) as override_code,
    outs.subject_id is not null as is_out,
    marks.subject_id is not null as is_marked
from overlay.matrix_classes as classes
left join last_class
    on last_class.subject_id = classes.subject_id and last_class.choice = 1
left join outs
    on outs.subject_id = classes.subject_id
left join marks
    on marks.subject_id = classes.subject_id
