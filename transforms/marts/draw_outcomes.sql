/* model
description: What draws found, counted by how an object was drawn and what it was then; the input of every figure of rongxin effect, for analysts.
grain: [draw_id, is_control, draw_class, industry_section, division_code]
inputs: [intermediate.inspection_results]
checks:
  - fail: {no_rows: "select draw_id from marts.draw_outcomes where problems > inspected"}
*/
select
    draw_id,
    draw_part = 'control' as is_control,
    draw_class,
    industry_section,
    division_code,
    count(*) as inspected,
    count(case when is_problem then 1 end) as problems,
    min(inspected_on) as first_on,
    max(inspected_on) as last_on
from intermediate.inspection_results
where draw_id is not null
group by draw_id, draw_part, draw_class, industry_section, division_code
