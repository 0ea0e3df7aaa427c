/* model
description: Every row of a subject that a result may cite, with what the department sent, the batch, file and line, and the correction if any. state is NULL for rows that are no records of conduct, such as a registration, a permit or a grade.
grain: [subject_id, record_id]
inputs:
  - intermediate.records
  - intermediate.record_states
  - intermediate.subjects
  - intermediate.corrections
  - intermediate.industry_results
  - staging.civil__organisations
  - staging.credit__manual_overrides
  - staging.ndrc__public_results
  - staging.samr__permits
  - staging.samr__public_register
  - staging.samr__registrations
  - run.batches
checks:
  - fail: {unique: [subject_id, record_id]}
  - fail: {not_null: [category, dataset, department, batch_id, extract_name, line]}
*/
with

cited as (
    select
        records.subject_id, records.record_id, records.category, records.record_group, records.kind, records.detail, records.document_no,
        records.authority_name, records.event_on, records.ended_on, records.fine_amount,
        states.record_class, states.severity, states.severity_rule, states.publicity_rule, states.repairable_on, states.publicity_until,
        states.state, states.state_on, states.case_no, states.state_rule, states.objection_case_no,
        records.dataset, records.batch_id, records.line, records.sent_subject_id, records.correction_no
    from intermediate.records as records
    inner join intermediate.record_states as states
        on states.record_id = records.record_id
    where states.state <> 'unattached'
    union all
    select
        others.subject_id, others.record_id, others.category, cast(null as varchar) as record_group, others.kind,
        cast(null as varchar) as detail, others.document_no, others.authority_name, others.event_on, others.ended_on,
        cast(null as bigint) as fine_amount, cast(null as varchar) as record_class, cast(null as varchar) as severity,
        cast(null as varchar) as severity_rule, cast(null as varchar) as publicity_rule, cast(null as date) as repairable_on,
        cast(null as date) as publicity_until, cast(null as varchar) as state, cast(null as date) as state_on,
        cast(null as varchar) as case_no, cast(null as varchar) as state_rule, cast(null as varchar) as objection_case_no,
        others.dataset, others.batch_id, others.line, others.sent_subject_id, others.correction_no
    from (
        select
            subject_id, record_id, category, grade as kind, cast(null as varchar) as document_no, authority_name,
            evaluated_on as event_on, valid_to as ended_on, dataset, batch_id, line, sent_subject_id, correction_no
        from intermediate.industry_results
        union all
        select
            subject_id, record_id, '公共信用综合评价结果' as category, grade as kind, cast(null as varchar) as document_no,
            cast(null as varchar) as authority_name, evaluated_on as event_on, cast(null as date) as ended_on,
            'ndrc/public_results' as dataset, batch_id, line, sent_subject_id, correction_no
        from staging.ndrc__public_results
        union all
        select
            subject_id, record_id, '人工调整' as category, reason as kind, document_no, approver as authority_name,
            approved_on as event_on, expires_on as ended_on, 'credit/manual_overrides' as dataset, batch_id, line, sent_subject_id, correction_no
        from staging.credit__manual_overrides
        union all
        select
            subject_id, record_id, '行政许可' as category, certificate_name as kind, document_no, authority_name,
            decided_on as event_on, valid_to as ended_on, 'samr/permits' as dataset, batch_id, line, sent_subject_id, correction_no
        from staging.samr__permits
        union all
        select
            subject_id, record_id, '登记信息' as category, registration_status as kind, cast(null as varchar) as document_no,
            cast(null as varchar) as authority_name, cast(null as date) as event_on, cast(null as date) as ended_on,
            'samr/registrations' as dataset, batch_id, line, sent_subject_id, correction_no
        from staging.samr__registrations
        union all
        select
            subject_id, record_id, '登记信息' as category, cast(null as varchar) as kind, cast(null as varchar) as document_no,
            cast(null as varchar) as authority_name, cast(null as date) as event_on, cast(null as date) as ended_on,
            'samr/public_register' as dataset, batch_id, line, sent_subject_id, correction_no
        from staging.samr__public_register
        union all
        select
            subject_id, record_id, '登记信息' as category, registration_status as kind, cast(null as varchar) as document_no,
            cast(null as varchar) as authority_name, cast(null as date) as event_on, cast(null as date) as ended_on,
            'civil/organisations' as dataset, batch_id, line, sent_subject_id, correction_no
        from staging.civil__organisations
    ) as others
    inner join intermediate.subjects as subjects
        on subjects.subject_id = others.subject_id
)

select
    cited.subject_id,
    cited.record_id,
    cited.category,
    cited.record_group,
    cited.kind,
    cited.detail,
    cited.document_no,
    cited.authority_name,
    cited.event_on,
    cited.ended_on,
    cited.fine_amount,
    cited.record_class,
    cited.severity,
    cited.severity_rule,
    cited.publicity_rule,
    cited.repairable_on,
    cited.publicity_until,
    cited.state,
    cited.state_on,
    cited.case_no,
    cited.state_rule,
    cited.objection_case_no,
    cited.correction_no,
    cited.sent_subject_id,
    corrections.operation as correction_operation,
    corrections.reason as correction_reason,
    corrections.approver as correction_approver,
    corrections.decided_on as correction_decided_on,
    cited.dataset,
    batches.department,
    cited.batch_id,
    batches.extract_name,
    cited.line
from cited
left join run.batches as batches
    on batches.dataset = cited.dataset and batches.batch_id = cited.batch_id
left join intermediate.corrections as corrections
    on corrections.correction_no = cited.correction_no
