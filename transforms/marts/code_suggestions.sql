/* model
description: For each case that waits for its code, the registered and the computed codes that may be meant, best first, each with its method and its evidence. A suggestion attaches nothing.
grain: [case_id, suggestion_rank]
inputs:
  - marts.unattached
  - intermediate.code_repairs
  - intermediate.subjects
  - intermediate.subject_history
  - ref.divisions
checks:
  - fail: {not_null: [suggested_code, method, evidence, is_registered, is_ambiguous]}
  - fail: {accepted: {column: method, values: [check_digit, name_division, name, rename, registration_no, organisation_code, branch, parent]}}
  - fail: {unique: [case_id, suggested_code]}
*/
with

cases as (
    select
        waiting.case_id,
        waiting.sent_code,
        min(waiting.subject_name) as subject_name,
        fx_name_key(min(waiting.subject_name)) as name_key,
        min(divisions.city_division_code) as division_code
    from marts.unattached as waiting
    left join ref.divisions as divisions
        on divisions.division_code = substr(waiting.sent_code, 3, 6)
    where waiting.state = 'waiting'
    group by waiting.case_id, waiting.sent_code
),

register as (
    select subject_id, subject_name, fx_name_key(subject_name) as name_key, registration_no, division_code
    from intermediate.subjects
),

-- What reads like a branch, and the registered names that its own begins with.
parents as (
    select
        cases.case_id, register.subject_id, register.subject_name,
        row_number() over (
            partition by cases.case_id
            order by length(register.name_key) desc nulls last, register.subject_id asc nulls last
        ) as choice
    from cases
    inner join register
        on fx_left(register.name_key, 4) = fx_left(cases.name_key, 4)
        and length(register.name_key) < length(cases.name_key)
        and position(register.name_key in cases.name_key) = 1
    where fx_like_re(cases.name_key, '(分公司|分厂|分店|分行|分社|支行|营业部|办事处|经营部|门市部|门店)$')
),

-- The strength orders methods: 1 is borne out by code and name or by a number
-- that is unique, 9 is a guess.
found as (
    select
        cases.case_id, repairs.repaired_code as suggested_code, 'check_digit' as method,
        case when register.name_key = cases.name_key then 1 when register.subject_id is not null then 5 else 8 end as strength,
        repairs.repair_rank,
        case
            when register.name_key = cases.name_key then '所报代码改动一处即为该代码，两项校验通过，已登记且名称一致'
            when register.subject_id is not null then '所报代码改动一处即为该代码，两项校验通过，已登记，但登记名称不同'
            else '所报代码改动一处即为该代码，两项校验通过，但未在登记数据中'
        end as evidence
    from cases
    inner join intermediate.code_repairs as repairs
        on repairs.sent_code = cases.sent_code
    left join register
        on register.subject_id = repairs.repaired_code
    where register.subject_id is not null or repairs.repair_rank <= 5
    union all
    select
        cases.case_id, register.subject_id as suggested_code, 'registration_no' as method, 1 as strength, 1 as repair_rank,
        '所报为15位工商注册号，登记数据中对应该代码' as evidence
    from cases
    inner join register
        on register.registration_no = cases.sent_code
    where length(cases.sent_code) = 15
    union all
    select
        cases.case_id, register.subject_id as suggested_code, 'organisation_code' as method, 1 as strength, 1 as repair_rank,
        '所报为9位组织机构代码，即该代码的第9至17位' as evidence
    from cases
    inner join register
        on substr(register.subject_id, 9, 9) = cases.sent_code
    where length(cases.sent_code) = 9
    union all
    select
        cases.case_id, register.subject_id as suggested_code,
        case
            when parents.case_id is not null then 'branch'
            when register.division_code = cases.division_code then 'name_division'
            else 'name'
        end as method,
        case when register.division_code = cases.division_code then 2 else 3 end as strength,
        1 as repair_rank,
        case
            when parents.case_id is not null then '名称与登记名称一致；以“' || parents.subject_name || '”开头，应为其分支机构，用分支机构自己的代码'
            when register.division_code = cases.division_code then '名称与登记名称一致，且所报代码的区划与登记区划一致'
            else '名称与登记名称一致，区划无法印证'
        end as evidence
    from cases
    inner join register
        on register.name_key = cases.name_key
    left join parents
        on parents.case_id = cases.case_id and parents.choice = 1
    where cases.name_key <> ''
    union all
    select
        cases.case_id, history.subject_id as suggested_code, 'rename' as method, 4 as strength, 1 as repair_rank,
        '名称为该主体' || cast(max(history.known_to) as varchar) || '以前的登记名称，现名“' || min(register.subject_name) || '”' as evidence
    from cases
    inner join intermediate.subject_history as history
        on fx_name_key(history.subject_name) = cases.name_key
    inner join register
        on register.subject_id = history.subject_id and register.name_key <> cases.name_key
    where cases.name_key <> ''
    group by cases.case_id, history.subject_id
    union all
    select
        cases.case_id, parents.subject_id as suggested_code, 'parent' as method, 9 as strength, 1 as repair_rank,
        '名称以“' || parents.subject_name || '”开头，疑为其分支机构，但分支机构未在登记数据中；此为母公司代码，须先核实' as evidence
    from cases
    inner join parents
        on parents.case_id = cases.case_id and parents.choice = 1
    left join register as own
        on own.name_key = cases.name_key
    where own.subject_id is null
),

best as (
    select
        case_id, suggested_code, method, strength, repair_rank, evidence,
        row_number() over (
            partition by case_id, suggested_code
            order by strength asc nulls last, method asc nulls last
        ) as choice
    from found
)

select
    best.case_id,
    row_number() over (
        partition by best.case_id
        order by best.strength asc nulls last, best.repair_rank asc nulls last, best.suggested_code asc nulls last
    ) as suggestion_rank,
    best.suggested_code,
    register.subject_name as registered_name,
    best.method,
    best.evidence,
    best.strength,
    register.subject_id is not null as is_registered,
    count(*) over (partition by best.case_id, best.strength) > 1 as is_ambiguous
from best
left join register
    on register.subject_id = best.suggested_code
where best.choice = 1
