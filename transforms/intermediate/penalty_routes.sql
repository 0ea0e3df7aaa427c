/* model
description: Which report to 互联网+监管 and which decision in double publicity (双公示) are one penalty, by enterprise, document number in whatever spelling, and authority. A row with one side only is a penalty that came by one route.
grain: [record_id, action_record_id]
inputs:
  - staging.samr__penalties
  - staging.ecology__penalties
  - staging.supervision__penalty_actions
checks:
  - fail: {not_null: [subject_id, document_key]}
  - fail: {no_rows: "select record_id from intermediate.penalty_routes where record_id is not null group by record_id having count(*) > 1"}
  - fail: {no_rows: "select action_record_id from intermediate.penalty_routes where action_record_id is not null group by action_record_id having count(*) > 1"}
*/
with

-- 〔2025〕第1号, [2025] 1号 and （２０２５）1号 are one number.
decisions as (
    select
        'samr/penalties' as dataset, record_id, subject_id, authority_id, decided_on,
        replace(fx_name_key(document_no), '第', '') as document_key
    from staging.samr__penalties
    where subject_kind <> '自然人' and subject_id is not null
    union all
    select
        'ecology/penalties' as dataset, record_id, subject_id, authority_id, decided_on,
        replace(fx_name_key(document_no), '第', '') as document_key
    from staging.ecology__penalties
    where subject_kind <> '自然人' and subject_id is not null
),

actions as (
    select record_id, subject_id, authority_id, decided_on, replace(fx_name_key(document_no), '第', '') as document_key
    from staging.supervision__penalty_actions
),

-- The authority decides between several of one number; without it the number
-- still names the enterprise's penalty, and the authority is a difference.
pairs as (
    select
        decisions.dataset,
        decisions.record_id,
        actions.record_id as action_record_id,
        row_number() over (
            partition by decisions.record_id
            order by
                case when decisions.authority_id = actions.authority_id then 0 else 1 end asc nulls last,
                case when decisions.decided_on = actions.decided_on then 0 else 1 end asc nulls last, actions.record_id asc nulls last
        ) as choice_of_decision,
        row_number() over (
            partition by actions.record_id
            order by
                case when decisions.authority_id = actions.authority_id then 0 else 1 end asc nulls last,
                case when decisions.decided_on = actions.decided_on then 0 else 1 end asc nulls last, decisions.record_id asc nulls last
        ) as choice_of_action
    from decisions
    inner join actions
        on actions.subject_id = decisions.subject_id and actions.document_key = decisions.document_key
),

matched as (
    select dataset, record_id, action_record_id
    from pairs
    where choice_of_decision = 1 and choice_of_action = 1
)

select
    decisions.subject_id,
    decisions.document_key,
    decisions.dataset,
    decisions.record_id,
    matched.action_record_id
from decisions
left join matched
    on matched.record_id = decisions.record_id
union all
select
    actions.subject_id,
    actions.document_key,
    cast(null as varchar) as dataset,
    cast(null as varchar) as record_id,
    actions.record_id as action_record_id
from actions
left join matched
    on matched.action_record_id = actions.record_id
where matched.action_record_id is null
