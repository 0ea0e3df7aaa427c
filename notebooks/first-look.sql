-- A first look at a published run. Nothing here can change it.
--
--   rongxin sql --purpose 熟悉数据 < notebooks/first-look.sql
--
-- Each statement stands alone: paste one into `rongxin sql` to go on from there.

-- 1. Which day and which rules does this run speak for?
select as_of, run_id, rule_set, previous_run_id
from run.parameters;

-- 2. How many subjects stand in each supervision class, division by division?
--    The class of a subject is the strictest of its schemes; out: 吊销, 注销, 迁出.
select
    coalesce(divisions.division_name, subjects.division_code) as 区划,
    count(case when classes.supervision_class = 1 then 1 end) as 一类,
    count(case when classes.supervision_class = 2 then 1 end) as 二类,
    count(case when classes.supervision_class = 3 then 1 end) as 三类,
    count(case when classes.supervision_class = 4 then 1 end) as 四类,
    count(case when classes.is_out then 1 end) as 不列入,
    count(*) as 合计
from overlay.subject_classes as classes
inner join intermediate.subjects as subjects
    on subjects.subject_id = classes.subject_id
left join ref.divisions as divisions
    on divisions.division_code = subjects.division_code
group by subjects.division_code, divisions.division_name
order by subjects.division_code;

-- 3. What puts subjects into the strict class? One subject may have several reasons.
select
    reasons.reason_code,
    coalesce(overrides.meaning, case reasons.reason_code
        when 'PUBLIC' then '公共信用等级' when 'INDUSTRY' then '行业信用等级' when 'RECORD' then '在效记录' end) as 原因,
    count(distinct reasons.subject_id) as 主体数
from lists.reasons as reasons
inner join lists.supervision as list
    on list.subject_id = reasons.subject_id and list.scheme = reasons.scheme
left join rules.overrides as overrides
    on overrides.override_code = reasons.reason_code
where list.scheme = 'overall' and list.supervision_class = 4
group by reasons.reason_code, overrides.meaning
order by 主体数 desc, reasons.reason_code;

-- 4. Where do the points of the city's own (advisory) scorecard go?
--    A record that the cap leaves nothing keeps its row, with 0 points.
select
    contributions.reason_code,
    characteristics.title as 指标,
    count(distinct contributions.subject_id) as 主体数,
    count(*) as 记录数,
    cast(sum(contributions.points_milli) as bigint) / 1000 as 分值合计
from scores.contributions as contributions
inner join rules.characteristics as characteristics
    on characteristics.scorecard = contributions.scorecard
    and characteristics.reason_code = contributions.reason_code
where contributions.scorecard = 'public_city' and contributions.reason_code <> 'BASE'
group by contributions.reason_code, characteristics.title
order by 分值合计, contributions.reason_code;

-- 5. What changed since the list before? A first run knows no list before it: all new.
select
    department as 部门,
    scheme_title as 评价,
    count(case when change = 'new' then 1 end) as 新列入,
    count(case when change = 'up' then 1 end) as 趋严,
    count(case when change = 'down' then 1 end) as 趋宽,
    count(case when change = 'same' then 1 end) as 不变,
    count(case when change = 'left' then 1 end) as 退出
from lists.supervision
group by department, scheme_title
order by department, scheme_title;

-- 6. Do the industry schemes agree with the national public grade?
--    Level 1 is the best, 4 the worst, 0 unranked. D beside level 1 is a conflict.
select
    results.scheme,
    public_results.public_grade as 公共信用等级,
    count(case when results.industry_level = 1 then 1 end) as 行业1级,
    count(case when results.industry_level = 2 then 1 end) as 行业2级,
    count(case when results.industry_level = 3 then 1 end) as 行业3级,
    count(case when results.industry_level = 4 then 1 end) as 行业4级
from scores.scheme_results as results
inner join scores.public_results as public_results
    on public_results.subject_id = results.subject_id
where results.status = 'active'
group by results.scheme, public_results.public_grade
order by results.scheme, public_results.public_grade;

-- 7. Which records count, and why do the others not?
select
    records.category as 类别,
    states.state as 状态,
    count(*) as 记录数
from intermediate.record_states as states
inner join intermediate.records as records
    on records.record_id = states.record_id
group by records.category, states.state
order by records.category, 记录数 desc, states.state;

-- 8. How good is what departments sent? Rates in ‰ of the rows read.
select
    dataset,
    rows_read as 读入,
    rows_rejected as 拒收,
    wrong_code_rows as 错码,
    duplicate_code_rows as 重码,
    unattached_rows as 未匹配,
    late_rows as 迟报,
    cast(1000.0 * (wrong_code_rows + duplicate_code_rows) / nullif(rows_read, 0) as decimal(9, 2)) as 错码重码千分比
from marts.quality_summary
order by 错码重码千分比 desc, dataset;

-- 9. Month by month: how many rows, how many with a faulty code, how many findings are still open.
select
    month as 月份,
    sum(rows_read) as 读入,
    sum(code_fault_rows) as 重错码行,
    sum(publication_late_rows) as 双公示迟报,
    sum(findings_told) - sum(findings_answered) as 未答复的问题
from marts.quality_monthly
group by month
order by month;

-- 10. What was due and did not come, or came late.
select department as 部门, title as 数据集, period as 期, due_on as 期限, first_received_on as 收到, state
from marts.coverage
where state in ('missing', 'late')
order by department, dataset, period;
