/* model
description: Subjects that stand on a list of 严重失信主体 on the day, the population of the schemes that are such a list. Who is on none has no result in them, and no result is no good one.
grain: [subject_id]
inputs: [marts.records_in_force]
checks:
  - fail: {not_null: [subject_id]}
*/
select
    subject_id,
    count(*) as entries
from marts.records_in_force
where record_group = '严重失信主体名单'
group by subject_id
