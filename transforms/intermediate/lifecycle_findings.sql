/* model
description: What the life-cycle of records shows of the data of departments - still sent after it had to stop, not yet sent again after a correction, repaired before one may apply, disciplined by a measure outside the catalogue.
grain: [dataset, batch_id, line, finding]
inputs:
  - intermediate.records
  - intermediate.record_states
  - intermediate.record_cases
  - staging.credit__cases
  - staging.credit__screen_feedback
  - rules.record_states
  - rules.severe_lists
  - rules.measures
  - ref.calendar
checks:
  - fail: {not_null: [dataset, batch_id, line, finding]}
*/
with

-- The newest version of the row came after its department had to stop.
overdue as (
    select
        records.dataset, records.batch_id, records.line, 'document_no' as field,
        case when states.state = 'expired' then 'LISTED_PAST_TERM' else 'WITHDRAWN_STILL_SENT' end as finding,
        coalesce(states.case_no, cast(states.state_on as varchar)) as detail
    from intermediate.records as records
    inner join intermediate.record_states as states
        on states.record_id = records.record_id
    inner join rules.record_states as words
        on words.state = states.state
    left join rules.severe_lists as lists
        on lists.list = records.category and states.state = 'expired'
    inner join ref.calendar as stopped
        on stopped.day_on = states.state_on
    inner join ref.calendar as sent
        on sent.day_on = records.known_on
    where
        records.known_on > states.state_on
        and sent.working_no - stopped.working_no > coalesce(lists.delete_within, words.stop_within)
),

awaited as (
    select
        records.dataset, records.batch_id, records.line, 'document_no' as field,
        'CORRECTION_AWAITED' as finding, states.case_no as detail
    from intermediate.records as records
    inner join intermediate.record_states as states
        on states.record_id = records.record_id
    where states.state = 'amended'
),

-- Whoever recognised the record decides on its repair, so it counts no more; the
-- decision is told all the same. One decision may be on several records.
early as (
    select
        'credit/cases' as dataset, cases.batch_id, cases.line, '申请日期' as field,
        'REPAIR_TOO_EARLY' as finding,
        max(cast(cases.applied_on as varchar) || ' < ' || cast(states.repairable_on as varchar)) as detail
    from intermediate.record_cases as repaired
    inner join intermediate.record_states as states
        on states.record_id = repaired.record_id
    inner join staging.credit__cases as cases
        on cases.case_no = repaired.repair_case_no
    where cases.applied_on < states.repairable_on
    group by cases.batch_id, cases.line
),

unlisted as (
    select
        'credit/screen_feedback' as dataset, answers.batch_id, answers.line, '措施编号' as field,
        'MEASURE_UNLISTED' as finding, answers.measure_id || ' / ' || answers.list_name as detail
    from staging.credit__screen_feedback as answers
    left join rules.measures as measures
        on measures.trigger_kind = 'severe_list'
        and measures.trigger_value = answers.list_name
        and measures.measure_id = answers.measure_id
    where answers.feedback_kind = '已惩戒' and measures.measure_id is null
)

select dataset, batch_id, line, field, finding, detail
from overdue
union all
select dataset, batch_id, line, field, finding, detail
from awaited
union all
select dataset, batch_id, line, field, finding, detail
from early
union all
select dataset, batch_id, line, field, finding, detail
from unlisted
