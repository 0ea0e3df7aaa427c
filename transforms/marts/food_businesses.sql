/* model
description: Subjects that hold a food permit on the day, the population of the food scheme.
grain: [subject_id]
inputs: [marts.food_permits]
checks:
  - fail: {not_null: [subject_id]}
*/
select
    subject_id,
    count(*) as permits
from marts.food_permits
group by subject_id
