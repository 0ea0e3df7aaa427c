/* model
description: Where double publicity (双公示) and 互联网+监管 tell one penalty differently, one row a difference, with both values. A penalty that one route alone tells counts where the authority reports by both, within the days that it reported to 互联网+监管; a decision not to punish is none.
grain: [record_id, action_record_id, difference]
inputs:
  - intermediate.penalty_routes
  - staging.samr__penalties
  - staging.ecology__penalties
  - staging.supervision__penalty_actions
  - rules.exemptions
checks:
  - fail: {not_null: [subject_id, difference, authority_name]}
  - fail: {accepted: {column: difference, values: [amount_unit, amount, decided_on, document_no, authority, only_publicity, only_supervision]}}
*/
with

decisions as (
    select
        'samr/penalties' as dataset, record_id, subject_name, document_no, authority_id, authority_name, decided_on, fine_amount,
        penalty_kind, batch_id, line
    from staging.samr__penalties
    union all
    select
        'ecology/penalties' as dataset, record_id, subject_name, document_no, authority_id, authority_name, decided_on, fine_amount,
        penalty_kind, batch_id, line
    from staging.ecology__penalties
),

spans as (
    select authority_id, min(decided_on) as from_on, max(decided_on) as to_on
    from staging.supervision__penalty_actions
    group by authority_id
),

paired as (
    select
        routes.subject_id,
        routes.dataset,
        routes.record_id,
        routes.action_record_id,
        coalesce(decisions.subject_name, actions.subject_name) as subject_name,
        coalesce(decisions.authority_name, actions.authority_name) as authority_name,
        decisions.document_no,
        decisions.decided_on,
        decisions.fine_amount,
        decisions.authority_id,
        decisions.penalty_kind,
        decisions.batch_id,
        decisions.line,
        actions.document_no as action_document_no,
        actions.decided_on as action_decided_on,
        actions.fine_amount as action_fine_amount,
        actions.authority_id as action_authority_id,
        actions.batch_id as action_batch_id,
        actions.line as action_line
    from intermediate.penalty_routes as routes
    left join decisions
        on decisions.record_id = routes.record_id
    left join staging.supervision__penalty_actions as actions
        on actions.record_id = routes.action_record_id
),

told as (
    -- 10,000 yuan are 1 万元: the one is the other, typed into a field of the other unit.
    select
        record_id, action_record_id,
        case
            when fine_amount = action_fine_amount * 10000 or action_fine_amount = fine_amount * 10000 then 'amount_unit'
            else 'amount'
        end as difference,
        cast(fine_amount as varchar) as publicity_value,
        cast(action_fine_amount as varchar) as supervision_value
    from paired
    where record_id is not null and action_record_id is not null and coalesce(fine_amount, 0) <> coalesce(action_fine_amount, 0)
    union all
    select
        record_id, action_record_id, 'decided_on' as difference,
        cast(decided_on as varchar) as publicity_value, cast(action_decided_on as varchar) as supervision_value
    from paired
    where decided_on <> action_decided_on
    union all
    select
        record_id, action_record_id, 'document_no' as difference,
        document_no as publicity_value, action_document_no as supervision_value
    from paired
    where document_no <> action_document_no
    union all
    select
        record_id, action_record_id, 'authority' as difference,
        authority_id as publicity_value, action_authority_id as supervision_value
    from paired
    where authority_id <> action_authority_id
    union all
    select
        paired.record_id, paired.action_record_id, 'only_publicity' as difference,
        paired.document_no as publicity_value, cast(null as varchar) as supervision_value
    from paired
    inner join spans
        on spans.authority_id = paired.authority_id
        and paired.decided_on >= spans.from_on and paired.decided_on <= spans.to_on
    left join rules.exemptions as exemptions
        on exemptions.penalty_kind = paired.penalty_kind
    where paired.action_record_id is null and exemptions.rule_id is null
    union all
    select
        record_id, action_record_id, 'only_supervision' as difference,
        cast(null as varchar) as publicity_value, action_document_no as supervision_value
    from paired
    where record_id is null
)

-- Amounts are in fen.
select
    paired.subject_id,
    paired.subject_name,
    paired.authority_name,
    coalesce(paired.document_no, paired.action_document_no) as document_no,
    told.difference,
    told.publicity_value,
    told.supervision_value,
    paired.dataset,
    paired.record_id,
    paired.batch_id,
    paired.line,
    paired.action_record_id,
    paired.action_batch_id,
    paired.action_line
from told
inner join paired
    on coalesce(paired.record_id, '') = coalesce(told.record_id, '')
    and coalesce(paired.action_record_id, '') = coalesce(told.action_record_id, '')
