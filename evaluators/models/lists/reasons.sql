/* model
description: Why each subject stands where it stands in each scheme's list, in plain Chinese, the weightiest first, at most four.
grain: [subject_id, scheme, position]
inputs:
  - lists.entries
  - overlay.override_hits
  - marts.records_in_force
local: true
checks:
  - fail: {not_null: [reason_code, reason]}
*/
with

stated as (
    select
        entries.subject_id, entries.scheme, case when hits.effect = 'mark' then 1 else 0 end as weight,
        hits.override_code as reason_code, hits.record_id, hits.event_on,
        hits.meaning || case when hits.document_no is null then '' else '：' || hits.document_no end
            || case when hits.authority_name is null then '' else '（' || hits.authority_name || '）' end as reason
    from lists.entries as entries
    inner join overlay.override_hits as hits
        on hits.subject_id = entries.subject_id
    union all
    select
        entries.subject_id, entries.scheme, 2 as weight, 'PUBLIC' as reason_code, '' as record_id,
        entries.public_evaluated_on as event_on,
        case
            when entries.public_grade = 'not_evaluated' then '未纳入国家公共信用综合评价'
            else '公共信用综合评价等级 ' || entries.public_grade
                || coalesce('（' || cast(entries.public_evaluated_on as varchar) || '）', '')
        end as reason
    from lists.entries as entries
    union all
    select
        entries.subject_id, entries.scheme, 3 as weight, 'INDUSTRY' as reason_code, '' as record_id,
        entries.industry_evaluated_on as event_on,
        entries.industry_scheme_title || '等级 ' || entries.industry_grade
            || coalesce('（' || cast(entries.industry_evaluated_on as varchar) || '）', '') as reason
    from lists.entries as entries
    where entries.industry_grade is not null
    union all
    select
        entries.subject_id, entries.scheme,
        case records.severity when '严重' then 4 when '一般' then 6 when '轻微' then 7 else 5 end as weight,
        'RECORD' as reason_code, records.record_id, records.event_on,
        records.category || coalesce('（' || records.severity || '）', '') || '：' || records.document_no
            || '，' || coalesce(records.authority_name, '') || ' ' || cast(records.event_on as varchar) as reason
    from lists.entries as entries
    inner join marts.records_in_force as records
        on records.subject_id = entries.subject_id
    where records.category <> '守信荣誉'
),

-- A record is named once, by what weighs most: an override that sets the class
-- before one that only marks, and either before the record itself.
distinct_reasons as (
    select
        subject_id, scheme, weight, reason_code, record_id, event_on, reason,
        row_number() over (
            partition by subject_id, scheme, case when record_id = '' then reason_code else record_id end
            order by weight asc nulls last, reason_code asc nulls last
        ) as copy
    from stated
),

numbered as (
    select
        subject_id, scheme, reason_code, record_id, reason,
        row_number() over (
            partition by subject_id, scheme
            order by weight asc nulls last, event_on desc nulls last, reason_code asc nulls last, record_id asc nulls last
        ) as position
    from distinct_reasons
    where copy = 1
)

select
    subject_id,
    scheme,
    position,
    reason_code,
    record_id,
    reason
from numbered
where position <= 4
