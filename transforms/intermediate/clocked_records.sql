/* model
description: The first accepted version of each record that has a deadline, with the day it was due; a later correction of a record is not late.
grain: [dataset, record_id]
inputs: [landing.records, ref.catalogue, ref.calendar, rules.publication_items]
checks:
  - fail: {not_null: [dataset, record_id, batch_id, line, clock_days, is_late, is_publication]}
*/
with

versions as (
    select
        dataset, record_id, batch_id, line, known_on, document_no, clock_from_on, clock_to_on, clock_days,
        position(';LATE;' in ';' || flags || ';') > 0 as is_late,
        row_number() over (partition by dataset, record_id order by batch_no asc nulls last, line asc nulls last) as version
    from landing.records
    where clock_days is not null and not coalesce(is_withdrawal, false)
),

last_days as (
    select working_no, min(day_on) as day_on
    from ref.calendar
    where is_working
    group by working_no
)

select
    versions.dataset,
    versions.record_id,
    versions.batch_id,
    versions.line,
    versions.known_on,
    versions.document_no,
    versions.clock_from_on as decided_on,
    last_days.day_on as deadline_on,
    versions.clock_to_on as reported_on,
    versions.clock_days,
    versions.is_late,
    items.item is not null as is_publication
from versions
left join ref.catalogue as catalogue
    on catalogue.dataset = versions.dataset
left join rules.publication_items as items
    on items.item = catalogue.item
left join ref.calendar as decided
    on decided.day_on = versions.clock_from_on
left join last_days
    on last_days.working_no = decided.working_no + catalogue.clock_limit
where versions.version = 1
