/* model
description: Credit codes that contradict their holder or each other, at each row where they stand; rules.quality_findings says what counts.
grain: [dataset, batch_id, line, field, finding]
inputs:
  - landing.records
  - landing.samr__registrations
  - landing.samr__public_register
  - landing.samr__permits
  - landing.samr__penalties
  - landing.ecology__penalties
  - ref.divisions
  - rules.quality_exceptions
checks:
  - fail: {not_null: [dataset, batch_id, line, finding]}
*/
with

-- Names differ only where they still do without blanks and with one kind of
-- brackets. A snapshot is compared with itself; the current ones of both
-- registers are compared with each other too.
registered as (
    select
        'samr/registrations' as dataset, batch_id, line, is_current,
        case when is_current then 'current' else 'samr/registrations ' || batch_id end as scope,
        subject_id, registration_no, registration_status, entity_type,
        replace(replace(replace(replace(subject_name, '(', '（'), ')', '）'), ' ', ''), '　', '') as plain_name
    from landing.samr__registrations
    union all
    select
        'samr/public_register' as dataset, batch_id, line, is_current,
        case when is_current then 'current' else 'samr/public_register ' || batch_id end as scope,
        subject_id, cast(null as varchar) as registration_no, cast(null as varchar) as registration_status, entity_type,
        replace(replace(replace(replace(subject_name, '(', '（'), ')', '）'), ' ', ''), '　', '') as plain_name
    from landing.samr__public_register
),

exceptions as (
    select
        count(case when exception = 'rename' then 1 end) > 0 as has_rename,
        count(case when exception = 'branch' then 1 end) > 0 as has_branch
    from rules.quality_exceptions
),

ended_statuses as (
    select registration_status
    from rules.quality_exceptions
    where registration_status is not null
    group by registration_status
),

former_names as (
    select dataset, subject_id, plain_name
    from registered
    where not is_current
    group by dataset, subject_id, plain_name
),

-- One register may learn of a new name before the other: a name that the other
-- one had earlier says nothing.
compared as (
    select
        registered.dataset, registered.batch_id, registered.line, registered.scope, registered.subject_id,
        registered.plain_name, registered.registration_no, registered.registration_status
    from registered
    cross join exceptions
    left join former_names
        on former_names.subject_id = registered.subject_id
        and former_names.plain_name = registered.plain_name
        and former_names.dataset <> registered.dataset
        and registered.is_current
        and exceptions.has_rename
    where former_names.subject_id is null
),

names as (
    select scope, subject_id, plain_name, max(registration_no) as registration_no
    from compared
    group by scope, subject_id, plain_name
),

-- (a) one code on two names. Two names with one registration number are the old
-- and the new name of one subject.
codes_of_names as (
    select names.scope, names.subject_id
    from names
    cross join exceptions
    group by names.scope, names.subject_id
    having
        count(*) > 1
        and count(distinct case when exceptions.has_rename then coalesce(names.registration_no, names.plain_name) else names.plain_name end) > 1
),

-- A registration that moved away or was converted leaves a code behind that is
-- no second one.
standing as (
    select
        compared.dataset, compared.batch_id, compared.line, compared.scope, compared.subject_id,
        substr(compared.subject_id, 9, 9) as organisation_code,
        compared.plain_name,
        case when exceptions.has_branch then compared.registration_no else '' end as subject_no
    from compared
    cross join exceptions
    left join ended_statuses
        on ended_statuses.registration_status = compared.registration_status
    where ended_statuses.registration_status is null
),

-- (b) one main identifier in two codes.
organisations as (
    select scope, organisation_code
    from standing
    group by scope, organisation_code
    having count(distinct subject_id) > 1
),

-- (c) one subject with two codes: its name and its registration number, whose
-- first six digits are the authority. A branch has a number of its own, and
-- nothing is concluded where there is none.
subjects as (
    select scope, plain_name, subject_no
    from standing
    where subject_no is not null
    group by scope, plain_name, subject_no
    having count(distinct subject_id) > 1
),

known_regions as (
    select substr(division_code, 1, 4) as region
    from ref.divisions
    group by substr(division_code, 1, 4)
),

-- Who a decision says it was taken against, in every dataset that says so.
stated_kinds as (
    select 'samr/permits' as dataset, batch_id, line, subject_id, subject_kind from landing.samr__permits
    union all
    select 'samr/penalties' as dataset, batch_id, line, subject_id, subject_kind from landing.samr__penalties
    union all
    select 'ecology/penalties' as dataset, batch_id, line, subject_id, subject_kind from landing.ecology__penalties
)

select
    compared.dataset, compared.batch_id, compared.line, '统一社会信用代码' as field,
    'DUPLICATE_CODE' as finding, compared.subject_id as detail
from compared
inner join codes_of_names
    on codes_of_names.scope = compared.scope and codes_of_names.subject_id = compared.subject_id
union all
select
    standing.dataset, standing.batch_id, standing.line, '统一社会信用代码' as field,
    'DUPLICATE_ORGANISATION_CODE' as finding, standing.subject_id as detail
from standing
inner join organisations
    on organisations.scope = standing.scope and organisations.organisation_code = standing.organisation_code
union all
select
    standing.dataset, standing.batch_id, standing.line, '统一社会信用代码' as field,
    'DUPLICATE_SUBJECT' as finding, standing.subject_id as detail
from standing
inner join subjects
    on subjects.scope = standing.scope and subjects.plain_name = standing.plain_name and subjects.subject_no = standing.subject_no
union all
select
    dataset, batch_id, line, '企业类型' as field, 'KIND_MISMATCH' as finding,
    entity_type || ' / ' || subject_id as detail
from registered
where
    dataset = 'samr/registrations'
    and (entity_type = '个体工商户' and substr(subject_id, 1, 2) <> '92'
        or entity_type = '农民专业合作社' and substr(subject_id, 1, 2) <> '93'
        or entity_type not in ('个体工商户', '农民专业合作社') and substr(subject_id, 1, 2) in ('92', '93'))
union all
select
    dataset, batch_id, line, 'subject_kind' as field, 'KIND_MISMATCH' as finding,
    subject_kind || ' / ' || subject_id as detail
from stated_kinds
where
    subject_kind = '个体工商户' and substr(subject_id, 1, 2) <> '92'
    or subject_kind = '法人及非法人组织' and substr(subject_id, 1, 2) = '92'
union all
-- The prefecture of signs 3 to 6, which outlives its abolished counties.
select
    records.dataset, records.batch_id, records.line, 'subject_id' as field,
    'CODE_DIVISION_UNKNOWN' as finding, records.subject_id as detail
from landing.records as records
left join known_regions
    on known_regions.region = substr(records.subject_id, 3, 4)
where records.subject_id is not null and known_regions.region is null
