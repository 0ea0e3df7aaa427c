/* model
description: Food permits valid on the day, by what they allow.
grain: [subject_id, record_id]
inputs: [staging.samr__permits, intermediate.subjects, run.parameters]
checks:
  - fail: {not_null: [subject_id, activity]}
*/
select
    permits.subject_id,
    permits.record_id,
    case when fx_like_re(permits.certificate_name, '食品生产') then '食品生产' else '食品经营' end as activity,
    permits.decided_on as event_on,
    permits.document_no,
    permits.valid_to
from staging.samr__permits as permits
cross join run.parameters as parameters
inner join intermediate.subjects as subjects
    on subjects.subject_id = permits.subject_id
where
    fx_like_re(permits.certificate_name, '食品(生产|经营)许可证')
    and permits.permit_status = '有效'
    and permits.valid_from <= parameters.as_of
    and permits.valid_to >= parameters.as_of
