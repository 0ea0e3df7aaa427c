/* model
description: Administrative penalties of ecology, the newest version of each decision.
grain: [record_id]
inputs: [landing.ecology__penalties]
checks:
  - fail: {not_null: [record_id, document_no, decided_on, penalty_kind]}
*/
with

versions as (
    select
        record_id,
        batch_id,
        line,
        flags,
        known_on,
        subject_kind,
        subject_id,
        subject_name,
        document_no,
        violation_kind,
        facts,
        legal_basis,
        penalty_kind,
        content,
        fine_amount,
        confiscated_amount,
        decided_on,
        publicity_to,
        authority_name,
        authority_id,
        reported_on,
        clock_days,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from landing.ecology__penalties
    where is_current
)

select
    record_id,
    batch_id,
    line,
    flags,
    known_on,
    subject_kind,
    subject_id,
    subject_name,
    document_no,
    violation_kind,
    facts,
    legal_basis,
    penalty_kind,
    content,
    fine_amount,
    confiscated_amount,
    decided_on,
    publicity_to,
    authority_name,
    authority_id,
    reported_on,
    clock_days
from versions
where version = 1
