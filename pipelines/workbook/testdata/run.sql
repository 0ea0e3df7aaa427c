-- A small run as the export sees it. Codes and names are made up.
create schema run; create schema rules; create schema lists; create schema marts;

create table run.parameters as
select date '2026-04-01' as as_of, 'r-20260401-aa' as run_id, 'rules-2026-04' as rule_set, 'r-20260301-bb' as previous_run_id;

create table rules.tiers as
select * from (values
    (cast(1 as bigint), '一类（简化监管）', '办法第二十二条'),
    (2, '二类（常规监管）', '办法第二十二条'),
    (3, '三类（重点监管）', '办法第二十二条'),
    (4, '四类（严格监管）', '办法第二十二条')
) as t(supervision_class, class_title, basis);

create table rules.inspection_quotas as
select 'city' as plan, supervision_class as position, * from (values
    (cast(1 as bigint), 'IQ-1', cast(500 as bigint), cast(1 as bigint), '每年不超过1次', '省里比例'),
    (2, 'IQ-2', 1500, 1, '每年1次', '省里比例'),
    (3, 'IQ-3', 2000, 2, '每年1至2次', '省里比例'),
    (4, 'IQ-4', 3250, 4, '每季度1次', '省里比例')
) as t(supervision_class, quota_id, check_ratio_bp, max_checks, frequency, basis);

create table rules.inspection_results as
select * from (values ('1', '未发现问题', false), ('10', '被吊销营业执照', false), ('6', '无法联系', true), ('A', '发现问题待后续处理', true)) as t(result_code, meaning, is_problem);

create table rules.schemes as
select * from (values
    ('overall', '综合监管', '市公共信用信息中心', true),
    ('tax', '纳税（缴费）信用', '市税务局', false)
) as t(scheme, title, department, is_overall);

create table lists.supervision as
select
    '2026-Q2' as period, department, scheme, scheme_title, 'uscc' as subject_id_type, subject_id, subject_name, division_code, division_name,
    industry_code, industry_name, case when public_evaluated_on is not null then '2026-1' end as public_batch,
    case when scheme <> 'overall' and change <> 'left' then scheme end as industry_scheme,
    case when scheme <> 'overall' and change <> 'left' then scheme_title end as industry_scheme_title,
    case when change = 'up' then 'C' end as risk_class, case when change = 'up' then date '2026-03-31' end as risk_classified_on, public_grade, cast(public_evaluated_on as date) as public_evaluated_on,
    industry_grade, cast(industry_evaluated_on as date) as industry_evaluated_on,
    cast(supervision_class as bigint) as matrix_class, cast(supervision_class as bigint) as supervision_class,
    tiers.class_title, cast(null as varchar) as override_code, case when change = 'up' then 'OV-SEV-2;OV-OBJ-1' end as class_codes,
    is_marked, is_conflict, quotas.plan, quotas.quota_id, quotas.check_ratio_bp, quotas.max_checks, quotas.frequency,
    reason_1, reason_2, cast(null as varchar) as reason_3, cast(null as varchar) as reason_4,
    cast(evidence_count as bigint) as evidence_count, cast(previous_class as bigint) as previous_class,
    change, 'government' as publication_range, date '2026-04-01' as as_of, 'rules-2026-04' as rule_set, 'r-20260401-aa' as run_id,
    sha256(subject_id || scheme || department) as row_hash
from (values
    ('市税务局', 'tax', '纳税（缴费）信用', '91350102M0001A1B2C', '=HYPERLINK("http://x","福州")', '350102', '鼓楼区', 'F5211', '百货零售', 'A', '2026-01-05', 'A', '2026-03-01', 1, false, false, '公共信用综合评价等级 A（2026-01-05）', '等级 A（2026-03-01）', 0, 1, 'same'),
    ('市税务局', 'tax', '纳税（缴费）信用', '91350102M0001A1B2D', '福州𬱖豫商贸有限公司', '350102', '鼓楼区', null, null, 'not_evaluated', null, 'D', '2026-03-01', 4, true, false, '在列重大税收违法失信主体：榕税〔2026〕1号', null, 2, 3, 'up'),
    ('市税务局', 'tax', '纳税（缴费）信用', '91350102M0001A1B2E', '福州榕木家具有限公司', '350102', '鼓楼区', 'C2110', '木质家具制造', 'D', '2026-01-05', 'A', '2026-03-01', 4, false, true, '公共信用综合评价等级 D（2026-01-05）', '等级 A（2026-03-01）', 1, null, 'new'),
    ('市税务局', 'tax', '纳税（缴费）信用', '91350102M0001A1B2F', '福州旧物回收有限公司', '350102', '鼓楼区', null, null, null, null, null, null, null, false, false, null, null, 0, 2, 'left'),
    ('市税务局', 'tax', '纳税（缴费）信用', '91350181M0001A1B2G', '福清海味有限公司', '350181', '福清市', 'C1361', '水产品冷冻加工', 'B', '2026-01-05', 'B', '2026-03-01', 2, false, false, '公共信用综合评价等级 B（2026-01-05）', '等级 B（2026-03-01）', 0, 3, 'down'),
    ('市公共信用信息中心', 'overall', '综合监管', '91350199M0001A1B2H', '-福州/测试有限公司', '350199', null, 'F5211', '百货零售', 'C', '2026-01-05', null, null, 3, false, false, '公共信用综合评价等级 C（2026-01-05）', null, 3, 3, 'same')
) as t(department, scheme, scheme_title, subject_id, subject_name, division_code, division_name, industry_code, industry_name,
    public_grade, public_evaluated_on, industry_grade, industry_evaluated_on, supervision_class, is_marked, is_conflict,
    reason_1, reason_2, evidence_count, previous_class, change)
left join rules.tiers as tiers using (supervision_class)
left join rules.inspection_quotas as quotas using (supervision_class)
-- the order in which rows lie in the table must not matter
order by subject_id desc;

create table run.batches as
select * from (values
    ('b1', 'samr/registrations', '企业登记注册基本信息', '市市场监督管理局', cast(1 as bigint), '登记20260301.csv'),
    ('b2', 'samr/registrations', '企业登记注册基本信息', '市市场监督管理局', 2, '=登记20260331.csv'),
    ('b3', 'samr/penalties', '行政处罚', '市市场监督管理局', 1, '处罚.csv'),
    ('b4', 'tax/grades', '纳税信用评价结果', '市税务局', 1, '纳税.xlsx'),
    ('b5', 'court/judgment_debtors', '失信被执行人', '市中级人民法院', 1, '失信.json')
) as t(batch_id, dataset, title, department, batch_no, extract_name);

create table marts.quality_findings as
select dataset, department, batch_id, cast(line as bigint) as line, field, finding, source, detail,
    case when source = 'reject' then 'original row' end as original
from (values
    ('samr/registrations', '市市场监督管理局', 'b2', 9, '统一社会信用代码', 'DUPLICATE_CODE', 'check', '91350100M000100Y43'),
    ('samr/registrations', '市市场监督管理局', 'b2', 7, '统一社会信用代码', 'CODE_SUSPECT', 'flag', null),
    ('samr/registrations', '市市场监督管理局', 'b2', 8, '统一社会信用代码', 'CODE_CLEANED', 'flag', null),
    ('samr/registrations', '市市场监督管理局', 'b2', 5, '统一社会信用代码', 'CODE_INVALID', 'reject', 'CODE_INVALID 统一社会信用代码：第18位校验码不符，建议 91350100M000100Y43'),
    ('samr/registrations', '市市场监督管理局', 'b1', 30, '企业类型', 'KIND_MISMATCH', 'check', '个体工商户 / 91350100M000100Y34'),
    ('samr/penalties', '市市场监督管理局', 'b3', 4, 'subject_name', 'NAME_MISMATCH', 'check', '+86 福州 350102199001011234'),
    ('samr/penalties', '市市场监督管理局', 'b3', 2, 'CF_JDRQ', 'DATE_IMPOSSIBLE', 'reject', '不存在该日'),
    ('tax/grades', '市税务局', 'b4', 3, '评价得分', 'GRADE_SCORE_CONFLICT', 'check', 'A / 61')
) as t(dataset, department, batch_id, line, field, finding, source, detail);

create table marts.findings_told as
select dataset, department, batch_id, line, field, finding, source, detail, original, finding <> 'CODE_CLEANED' as wants_answer,
    case when finding = 'DATE_IMPOSSIBLE' then date '2026-03-31' end as answered_on,
    case when finding = 'DATE_IMPOSSIBLE' then '重报' end as answered_by
from marts.quality_findings;

create table marts.unattached as
select dataset, department, batch_id, cast(line as bigint) as line, case_id, sent_code, subject_name, why, state
from (values
    ('samr/registrations', '市市场监督管理局', 'b2', 5, 'case-1', '91350100M000100Y34', '=福州甲公司', 'CODE_INVALID', 'waiting'),
    ('samr/penalties', '市市场监督管理局', 'b3', 40, 'case-2', '9.135E+17', '福州乙公司', 'SCIENTIFIC_CODE', 'waiting'),
    ('samr/penalties', '市市场监督管理局', 'b3', 41, 'case-2', '9.135E+17', '福州乙公司', 'SCIENTIFIC_CODE', 'waiting'),
    ('samr/penalties', '市市场监督管理局', 'b3', 42, 'case-3', '3****************4', '福州丙公司', 'CODE_INVALID', 'waiting'),
    ('samr/penalties', '市市场监督管理局', 'b3', 43, 'case-4', '91350100M000100Y35', '福州丁公司', 'CODE_INVALID', 'answered'),
    ('samr/penalties', '市市场监督管理局', 'b3', 44, 'case-6', '91350100M000100Y37', '福州己公司', 'CODE_INVALID', 'decided'),
    ('tax/grades', '市税务局', 'b4', 3, 'case-5', '91350100M000100Y36', '福州戊公司', 'CODE_UNREGISTERED', 'waiting')
) as t(dataset, department, batch_id, line, case_id, sent_code, subject_name, why, state);

create table marts.code_suggestions as
select case_id, cast(suggestion_rank as bigint) as suggestion_rank, suggested_code, evidence, cast(strength as bigint) as strength
from (values
    ('case-1', 1, '91350100M000100Y43', '改动一处即为该代码', 1),
    ('case-1', 2, '91350100M000100Y99', '名称一致', 3),
    ('case-2', 1, '91350100M000100Y11', '名称一致', 3),
    ('case-2', 2, '91350100M000100Y22', '名称一致', 3),
    ('case-5', 1, '91350100M000100Y55', '名称一致', 3)
) as t(case_id, suggestion_rank, suggested_code, evidence, strength);

create table marts.quality_summary as
select dataset, department, title, cast(batches as bigint) as batches, date '2026-03-31' as last_known_on,
    cast(rows_read as bigint) as rows_read, cast(rows_read - rows_rejected as bigint) as rows_accepted,
    cast(rows_rejected as bigint) as rows_rejected, cast(2 as bigint) as wrong_code_rows,
    cast(1 as bigint) as duplicate_code_rows, cast(0 as bigint) as unattached_rows,
    cast(clocked_rows as bigint) as clocked_rows, cast(0 as bigint) as late_rows, cast(3 as bigint) as rows_with_findings
from (values
    ('samr/registrations', '市市场监督管理局', '企业登记注册基本信息', 2, 30, 1, 0),
    ('samr/penalties', '市市场监督管理局', '行政处罚', 1, 8, 1, 8),
    ('tax/grades', '市税务局', '纳税信用评价结果', 1, 100, 0, 0),
    ('court/judgment_debtors', '市中级人民法院', '失信被执行人', 1, 10, 0, 0)
) as t(dataset, department, title, batches, rows_read, rows_rejected, clocked_rows);
