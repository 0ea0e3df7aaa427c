/* model
description: Subjects of the catering trade (GB/T 4754, division 62) that hold a food permit on the day, the population of the catering scheme.
grain: [subject_id]
inputs: [marts.food_businesses, intermediate.subjects]
checks:
  - fail: {not_null: [subject_id]}
*/
select
    businesses.subject_id,
    businesses.permits
from marts.food_businesses as businesses
inner join intermediate.subjects as subjects
    on subjects.subject_id = businesses.subject_id
where fx_left(subjects.industry_code, 2) = '62'
