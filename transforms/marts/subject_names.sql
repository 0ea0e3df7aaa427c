/* model
description: Every name that a subject of the run has or had, for whoever asks by name.
grain: [subject_name, subject_id]
inputs: [intermediate.subjects, intermediate.subject_history]
checks:
  - fail: {unique: [subject_name, subject_id]}
*/
select
    names.subject_name,
    names.subject_id,
    subjects.subject_name as current_name,
    names.subject_name = subjects.subject_name as is_current
from (
    select subject_id, subject_name
    from intermediate.subjects
    where subject_name is not null
    union
    select subject_id, subject_name
    from intermediate.subject_history
    where subject_name is not null
) as names
inner join intermediate.subjects as subjects
    on subjects.subject_id = names.subject_id
