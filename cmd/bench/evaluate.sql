with

counts as (
    select
        subject_id,
        count(*) filter (where category = '行政处罚' and severity = '轻微' and event_on > date '2023-06-30') as minor,
        count(*) filter (where category = '行政处罚' and severity = '一般' and event_on > date '2023-06-30') as general,
        count(*) filter (where category = '行政处罚' and severity = '严重' and event_on > date '2023-06-30') as serious,
        count(*) filter (where category = '经营异常名录') as abnormal,
        count(*) filter (where record_group = '严重失信主体名单') as severe,
        count(*) filter (where category = '未履行信用承诺') as broken,
        count(*) filter (where category = '监督检查问题') as problems,
        count(*) filter (where category = '守信荣誉') as honours,
        count(*) filter (where category = '监督检查问题' and field = '食品安全' and event_on > date '2025-06-30') as food_problems,
        count(*) filter (where category = '行政处罚' and field = '食品安全' and event_on > date '2025-06-30') as food_penalties
    from marts.records_in_force
    where event_on <= date '2026-06-30'
    group by subject_id
),

permits as (
    select
        subject_id,
        count(*) filter (where activity = '食品生产') as production,
        count(*) filter (where activity = '食品经营') as trade
    from marts.food_permits
    where event_on <= date '2026-06-30'
    group by subject_id
),

scored as (
    select
        subjects.subject_id,
        subjects.registration_status,
        coalesce(counts.severe, 0) as severe,
        1000000 + greatest(-10000 * coalesce(counts.minor, 0), -30000) + greatest(-40000 * coalesce(counts.general, 0), -160000)
            + greatest(-80000 * coalesce(counts.serious, 0), -240000) + greatest(-60000 * coalesce(counts.abnormal, 0), -120000)
            + greatest(-150000 * coalesce(counts.severe, 0), -300000) + greatest(-30000 * coalesce(counts.broken, 0), -90000)
            + greatest(-15000 * coalesce(counts.problems, 0), -60000) + least(10000 * coalesce(counts.honours, 0), 50000) as city_score,
        case
            when food.subject_id is not null
                then least(25000 * coalesce(permits.production, 0), 25000) + least(15000 * coalesce(permits.trade, 0), 15000)
                    + least(10000 * coalesce(counts.food_problems, 0), 30000) + least(15000 * coalesce(counts.food_penalties, 0), 30000)
        end as food_score
    from intermediate.subjects as subjects
    left join counts
        on counts.subject_id = subjects.subject_id
    left join marts.food_businesses as food
        on food.subject_id = subjects.subject_id
    left join permits
        on permits.subject_id = subjects.subject_id
),

graded as (
    select
        subject_id, registration_status, severe, city_score, food_score,
        case when severe > 0 then 'D' when city_score >= 900000 then 'A' when city_score >= 750000 then 'B' when city_score >= 600000 then 'C' else 'D' end as city_grade,
        case when food_score <= 30000 then 'A' when food_score <= 45000 then 'B' when food_score <= 60000 then 'C' when food_score is not null then 'D' end as food_grade
    from scored
),

levels as (
    select subject_id, industry_level
    from marts.industry_results_in_force
    union all
    select subject_id, case food_grade when 'A' then 1 when 'B' then 2 when 'C' then 3 else 4 end as industry_level
    from graded
    where food_grade is not null
),

worst as (
    select subject_id, max(industry_level) as industry_level
    from levels
    group by subject_id
),

classed as (
    select
        graded.subject_id, graded.registration_status, graded.severe, graded.city_score, graded.city_grade, graded.food_score, graded.food_grade,
        case
            when public.grade = 'D' or worst.industry_level = 4 then 4
            when public.grade = 'C' or worst.industry_level = 3 then 3
            when public.grade = 'A' then coalesce(worst.industry_level, 1)
            else 2
        end as matrix_class
    from graded
    left join marts.public_results_in_force as public
        on public.subject_id = graded.subject_id
    left join worst
        on worst.subject_id = graded.subject_id
)

select
    classed.subject_id,
    cast(classed.city_score as bigint) as city_score,
    classed.city_grade,
    cast(classed.food_score as bigint) as food_score,
    classed.food_grade,
    cast(classed.matrix_class as bigint) as matrix_class,
    cast(case
        when classed.registration_status = '吊销' then null
        when manual.subject_id is not null then manual.supervision_class
        when classed.severe > 0 then 4
        else classed.matrix_class
    end as bigint) as supervision_class
from classed
left join staging.credit__manual_overrides as manual
    on manual.subject_id = classed.subject_id
    and manual.approved_on <= date '2026-06-30' and manual.expires_on > date '2026-06-30'
