/* model
description: Every entry of a list of 严重失信主体, in one shape. What each list is called and how long it lasts is a rule.
grain: [record_id]
inputs:
  - staging.court__judgment_debtors
  - staging.tax__major_violations
  - staging.labour__wage_arrears
  - staging.samr__severe_violations
  - staging.emergency__severe
  - staging.statistics__severe
  - staging.culture__severe
  - staging.customs__severe
  - staging.civil__severe
  - staging.finance__procurement_violations
  - staging.science__research_integrity
  - staging.transport__overloading
  - rules.severe_lists
checks:
  - fail: {not_null: [record_id, list_name, listed_on, batch_id, line]}
*/
with

entries as (
    select
        'court/judgment_debtors' as dataset, record_id, subject_id, subject_name, document_no, authority_name, listed_on,
        cast(null as date) as expires_on, removed_on, performance as kind, violation_kind as detail,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.court__judgment_debtors
    union all
    select
        'tax/major_violations' as dataset, record_id, subject_id, subject_name, document_no, authority_name, listed_on,
        cast(null as date) as expires_on, removed_on, violation_kind as kind, violation_kind as detail,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.tax__major_violations
    union all
    select
        'labour/wage_arrears' as dataset, record_id, subject_id, subject_name, document_no, authority_name, listed_on,
        cast(null as date) as expires_on, removed_on, '拖欠农民工工资' as kind, '拖欠农民工工资' as detail,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.labour__wage_arrears
    union all
    select
        'samr/severe_violations' as dataset, record_id, subject_id, subject_name, document_no, authority_name, listed_on,
        expires_on, removed_on, violation_field as kind, reason as detail,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.samr__severe_violations
    union all
    select
        'emergency/severe' as dataset, record_id, subject_id, subject_name, document_no, authority_name, listed_on,
        expires_on, removed_on, cast(null as varchar) as kind, reason as detail,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.emergency__severe
    union all
    select
        'statistics/severe' as dataset, record_id, subject_id, subject_name, document_no, authority_name, listed_on,
        expires_on, removed_on, violation_kind as kind, reason as detail,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.statistics__severe
    union all
    select
        'culture/severe' as dataset, record_id, subject_id, subject_name, document_no, authority_name, listed_on,
        expires_on, removed_on, violation_field as kind, reason as detail,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.culture__severe
    union all
    select
        'customs/severe' as dataset, record_id, subject_id, subject_name, document_no, authority_name, listed_on,
        expires_on, removed_on, cast(null as varchar) as kind, reason as detail,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.customs__severe
    union all
    select
        'civil/severe' as dataset, record_id, subject_id, subject_name, document_no, authority_name, listed_on,
        expires_on, removed_on, cast(null as varchar) as kind, reason as detail,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.civil__severe
    union all
    select
        'finance/procurement_violations' as dataset, record_id, subject_id, subject_name, document_no, authority_name, listed_on,
        expires_on, removed_on, cast(null as varchar) as kind, reason as detail,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.finance__procurement_violations
    union all
    select
        'science/research_integrity' as dataset, record_id, subject_id, subject_name, document_no, authority_name, listed_on,
        expires_on, removed_on, violation_kind as kind, reason as detail,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.science__research_integrity
    union all
    select
        'transport/overloading' as dataset, record_id, subject_id, subject_name, document_no, authority_name, listed_on,
        expires_on, removed_on, cast(null as varchar) as kind, reason as detail,
        batch_id, line, flags, known_on, sent_subject_id, correction_no
    from staging.transport__overloading
)

select
    entries.record_id,
    entries.dataset,
    lists.list as list_name,
    entries.subject_id,
    entries.subject_name,
    entries.document_no,
    entries.authority_name,
    entries.listed_on,
    entries.expires_on,
    entries.removed_on,
    entries.kind,
    entries.detail,
    entries.batch_id,
    entries.line,
    entries.flags,
    entries.known_on,
    entries.sent_subject_id,
    entries.correction_no
from entries
left join rules.severe_lists as lists
    on lists.dataset = entries.dataset
