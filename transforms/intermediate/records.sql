/* model
description: Every record that can bear on an evaluation, in one shape, whether it counts or not.
grain: [record_id]
inputs:
  - staging.samr__penalties
  - staging.ecology__penalties
  - staging.samr__abnormal_operations
  - intermediate.severe_list_entries
  - staging.credit__commitments
  - staging.medical_insurance__violations
  - staging.civil__abnormal_activities
  - staging.fire__inspections
  - staging.health__demerits
  - staging.trading__violations
  - staging.samr__inspections
  - intermediate.inspection_results
  - staging.credit__honours
  - rules.inspection_results
  - rules.severe_lists
checks:
  - fail: {not_null: [record_id, category, event_on, batch_id, line]}
*/
with

penalties as (
    select
        'samr/penalties' as dataset, record_id, subject_id, subject_name, document_no, authority_name,
        decided_on, penalty_kind, violation_kind, fine_amount, subject_kind, batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.samr__penalties
    union all
    select
        'ecology/penalties' as dataset, record_id, subject_id, subject_name, document_no, authority_name,
        decided_on, penalty_kind, violation_kind, fine_amount, subject_kind, batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.ecology__penalties
),

combined as (
    -- Penalties on natural persons are outside an evaluation of enterprises. A
    -- fine that may be in the wrong unit says nothing of how serious the act was.
    select
        record_id, dataset, '行政处罚' as category, subject_id, subject_name,
        document_no, authority_name, decided_on as event_on, cast(null as date) as stated_until, cast(null as date) as ended_on,
        penalty_kind as kind,
        case
            when fx_like_re(violation_kind, '食品') then '食品安全'
            when fx_like_re(violation_kind, '药品|处方药|医疗器械') then '药品安全'
            when fx_like_re(violation_kind, '特种设备') then '特种设备安全'
            when fx_like_re(violation_kind, '消防') then '消防安全'
            when fx_like_re(violation_kind, '安全生产') then '安全生产'
        end as field,
        violation_kind as detail,
        case when position('AMOUNT_SUSPECT_UNIT' in flags) = 0 then fine_amount end as fine_amount,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from penalties
    where subject_kind <> '自然人'
    union all
    select
        record_id, 'samr/abnormal_operations' as dataset, '经营异常名录' as category, subject_id, subject_name,
        document_no, authority_name, listed_on as event_on, cast(null as date) as stated_until, removed_on as ended_on,
        reason as kind, cast(null as varchar) as field, reason as detail, cast(null as bigint) as fine_amount,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.samr__abnormal_operations
    union all
    select
        record_id, dataset, list_name as category, subject_id, subject_name,
        document_no, authority_name, listed_on as event_on, expires_on as stated_until, removed_on as ended_on,
        kind, cast(null as varchar) as field, detail, cast(null as bigint) as fine_amount,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from intermediate.severe_list_entries
    union all
    -- A commitment is an adverse record only once the breach was confirmed.
    select
        record_id, 'credit/commitments' as dataset, '未履行信用承诺' as category, subject_id, subject_name,
        document_no, authority_name, confirmed_on as event_on, cast(null as date) as stated_until, cast(null as date) as ended_on,
        performance as kind, cast(null as varchar) as field, breach as detail, cast(null as bigint) as fine_amount,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.credit__commitments
    where performance in ('部分履行', '全部未履行') and confirmed_on is not null
    union all
    select
        inspections.record_id, 'samr/inspections' as dataset, '监督检查问题' as category, inspections.subject_id,
        inspections.subject_name, inspections.document_no, inspections.authority_name,
        inspections.inspected_on as event_on, cast(null as date) as stated_until, cast(null as date) as ended_on,
        results.meaning as kind, inspections.inspection_field as field,
        coalesce(inspections.problem, results.meaning) as detail, cast(null as bigint) as fine_amount,
        inspections.batch_id, inspections.line, inspections.flags, inspections.known_on,
        inspections.sent_subject_id, inspections.correction_no
    from staging.samr__inspections as inspections
    inner join rules.inspection_results as results
        on results.result_code = inspections.result_code
    where results.is_problem
    union all
    select
        record_id, 'civil/abnormal_activities' as dataset, '社会组织活动异常名录' as category, subject_id, subject_name,
        document_no, authority_name, listed_on as event_on, cast(null as date) as stated_until, removed_on as ended_on,
        reason as kind, cast(null as varchar) as field, reason as detail, cast(null as bigint) as fine_amount,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.civil__abnormal_activities
    union all
    -- How grave a fire hazard is: refused to correct, major, or neither.
    select
        record_id, 'fire/inspections' as dataset, '消防监督检查不合格' as category, subject_id, subject_name,
        document_no, authority_name, inspected_on as event_on, cast(null as date) as stated_until, cast(null as date) as ended_on,
        case when correction = '拒不整改' then '拒不整改' when major_hazard = '是' then '重大火灾隐患' else '一般火灾隐患' end as kind,
        cast(null as varchar) as field, problem as detail, cast(null as bigint) as fine_amount,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.fire__inspections
    where result = '不合格'
    union all
    select
        record_id, 'health/demerits' as dataset, '医疗机构不良执业行为' as category, subject_id, subject_name,
        document_no, authority_name, decided_on as event_on, cast(null as date) as stated_until, cast(null as date) as ended_on,
        '记' || cast(points as varchar) || '分' as kind, cast(null as varchar) as field, violation_kind as detail, cast(null as bigint) as fine_amount,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.health__demerits
    union all
    select
        record_id, 'trading/violations' as dataset, '招标投标违法行为' as category, subject_id, subject_name,
        document_no, authority_name, decided_on as event_on, publicity_to as stated_until, cast(null as date) as ended_on,
        violation_kind as kind, cast(null as varchar) as field, coalesce(facts, violation_kind) as detail, cast(null as bigint) as fine_amount,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.trading__violations
    union all
    -- The result of a draw or list, unless the department's extract tells the same
    -- problem. One without a document is known by the draw or list.
    select
        record_id, dataset, '监督检查问题' as category, subject_id, subject_name,
        coalesce(document_no, assignment_id) as document_no, department as authority_name,
        inspected_on as event_on, cast(null as date) as stated_until, cast(null as date) as ended_on, problem_kind as kind,
        case when fx_like_re(problem_kind, '食品') then '食品安全' end as field,
        coalesce(problem, problem_kind) as detail, cast(null as bigint) as fine_amount,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from intermediate.inspection_results
    where is_problem and not is_reported_problem
    union all
    -- A penalty for it comes with the penalties.
    select
        record_id, 'medical_insurance/violations' as dataset, '医疗保障基金违法违规处理' as category,
        subject_id, subject_name, document_no, authority_name, decided_on as event_on, cast(null as date) as stated_until,
        cast(null as date) as ended_on, outcome as kind, cast(null as varchar) as field, violation_kind as detail,
        cast(null as bigint) as fine_amount, batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.medical_insurance__violations
    where outcome <> '行政处罚'
    union all
    select
        record_id, 'credit/honours' as dataset, '守信荣誉' as category, subject_id, subject_name,
        document_no, authority_name, awarded_on as event_on, cast(null as date) as stated_until, valid_to as ended_on,
        honour_level as kind, cast(null as varchar) as field, honour_name as detail, cast(null as bigint) as fine_amount,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.credit__honours
)

-- Severe lists are one group, so that rules name it instead of every list.
select
    combined.record_id,
    combined.dataset,
    combined.category,
    coalesce(lists.record_group, combined.category) as record_group,
    combined.subject_id,
    combined.subject_name,
    combined.document_no,
    combined.authority_name,
    combined.event_on,
    combined.stated_until,
    combined.ended_on,
    combined.kind,
    combined.field,
    combined.detail,
    combined.fine_amount,
    combined.batch_id,
    combined.line,
    combined.flags,
    combined.known_on,
    combined.sent_subject_id,
    combined.correction_no
from combined
left join rules.severe_lists as lists
    on lists.list = combined.category
