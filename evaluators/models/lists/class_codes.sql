/* model
description: Every override and veto that bears on a line of a list, overrides in their fixed order before vetoes of the scorecard behind its industry grade.
grain: [subject_id, scheme, position]
inputs: [lists.entries, overlay.override_hits, scores.vetoes]
local: true
checks:
  - fail: {not_null: [reason_code]}
*/
with

codes as (
    select entries.subject_id, entries.scheme, hits.override_code as reason_code, 1 as kind, min(hits.position) as rank
    from lists.entries as entries
    inner join overlay.override_hits as hits
        on hits.subject_id = entries.subject_id
    group by entries.subject_id, entries.scheme, hits.override_code
    union all
    select entries.subject_id, entries.scheme, vetoes.reason_code, 2 as kind, min(vetoes.severity) as rank
    from lists.entries as entries
    inner join scores.vetoes as vetoes
        on vetoes.subject_id = entries.subject_id and vetoes.scorecard = entries.scorecard
    group by entries.subject_id, entries.scheme, vetoes.reason_code
)

select
    subject_id,
    scheme,
    row_number() over (
        partition by subject_id, scheme
        order by kind asc nulls last, rank asc nulls last, reason_code asc nulls last
    ) as position,
    reason_code
from codes
