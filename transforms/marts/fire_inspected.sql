/* model
description: Subjects with a fire inspection that may be used on the day, the population of the fire scheme.
grain: [subject_id]
inputs: [marts.fire_inspections]
checks:
  - fail: {not_null: [subject_id]}
*/
select
    subject_id,
    count(*) as inspections
from marts.fire_inspections
group by subject_id
