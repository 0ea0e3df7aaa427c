/* model
description: Subjects registered as social organisations, the population of their scheme.
grain: [subject_id]
inputs: [intermediate.subjects]
checks:
  - fail: {not_null: [subject_id]}
*/
select
    subject_id,
    subject_name
from intermediate.subjects
where dataset = 'civil/organisations'
