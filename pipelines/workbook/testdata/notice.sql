-- The tables of a small run that the quarterly notice reads: five departments,
-- one of which owes nothing.
create schema run; create schema rules; create schema ref; create schema marts;

create table run.parameters as
select date '2026-06-30' as as_of, 'r-1' as run_id, 'rules-2026-04' as rule_set, cast(null as varchar) as previous_run_id;
create table run.batches as select * from (values
    ('samr/penalties', 'b1', '行政处罚'), ('tax/grades', 'c1', '纳税信用')) as t(dataset, batch_id, title);
create table ref.divisions as select * from (values ('350102', '鼓楼区'), ('350103', '台江区')) as t(division_code, division_name);
create table ref.catalogue as select * from (values
    ('samr/penalties', '市监局'), ('samr/permits', '市监局'), ('tax/grades', '税务局'), ('court/debtors', '法院'),
    ('fire/inspections', '消防'), ('customs/grades', '海关')) as t(dataset, department);
create table rules.quality_definition as
select '数据质量口径' as title, cast(3 as bigint) as version, date '2026-01-01' as effective_from, date '2026-01-01' as coverage_from,
    '市发改委' as owner, '国发〔2015〕33号' as basis, 'memory' as trust;
create table rules.quality_findings as select * from (values
    ('CODE_INVALID', 'wrong_code', '代码无效', 'GB 32100-2015'), ('DUPLICATE_CODE', 'duplicate_code', '一码多名', '国发〔2015〕33号'),
    ('CODE_UNREGISTERED', 'unattached', '未挂接', '城市口径')) as t(finding, measure, meaning, basis);
create table rules.quality_exceptions as select * from (values
    ('rename', cast(null as varchar), '新旧名称', '变更'), ('move', '迁出', '已迁出', '迁移')) as t(exception, registration_status, meaning, basis);
create table rules.quality_live_statuses as select '存续' as registration_status;
create table rules.quality_measures as
select cast(position as bigint) as position, measure, title, numerator, denominator, better, goal, cast(goal_ppm as bigint) as goal_ppm, basis
from (values
    (1, 'coverage', '覆盖率', '已报', '应报', 'more', 'at least 100%', 1000000, '全覆盖'),
    (2, 'goals_missed', '未达标项数', null, null, 'less', null, null, '城市口径'),
    (3, 'code_faults', '重错码率', '重错码行', '报送行', 'less', 'below 1‰', 1000, '目标'),
    (4, 'timeliness', '双公示及时率', '及时', '双公示', 'more', 'at least 100%', 1000000, '424号'),
    (5, 'rejects', '退回率', '退回行', '报送行', 'less', null, null, '城市口径'),
    (6, 'unattached', '未挂接率', '未挂接', '记录', 'less', null, null, '城市口径'),
    (7, 'answered', '整改反馈率', '已答复', '已告知', 'more', null, null, '城市口径')
) as t(position, measure, title, numerator, denominator, better, goal, goal_ppm, basis);

create table marts.quality_monthly as
select department, dataset, division_code, month, cast(r as bigint) as rows_read, cast(r - x as bigint) as rows_accepted, cast(x as bigint) as rows_rejected,
    cast(w as bigint) as wrong_code_rows, cast(d as bigint) as duplicate_code_rows, cast(w + d as bigint) as code_fault_rows,
    cast(u as bigint) as unattached_rows, cast(a as bigint) as attachable_rows, cast(p as bigint) as clocked_rows, cast(l as bigint) as late_rows,
    cast(p as bigint) as publication_rows, cast(l as bigint) as publication_late_rows,
    cast(x as bigint) - 3 * sign(x) as mended_rows, cast(x as bigint) as findings_told, cast(3 * sign(x) as bigint) as findings_answered
from (values
    ('市监局', 'samr/penalties', '350102', '2026-03', 5000, 0, 0, 0, 0, 5000, 5000, 5000),
    ('市监局', 'samr/penalties', '350102', '2026-05', 2000, 10, 1, 0, 0, 1990, 1000, 1),
    ('市监局', 'samr/penalties', '000000', '2026-05', 1000, 5, 1, 1, 7, 995, 0, 0),
    ('税务局', 'tax/grades', '350103', '2026-06', 3000, 0, 0, 2, 0, 3000, 0, 0)
) as t(department, dataset, division_code, month, r, x, w, d, u, a, p, l);
create table marts.quality_problems as
select department, dataset, month, source, finding, cast(n as bigint) as rows_, cast(n as bigint) as findings
from (values
    ('市监局', 'samr/penalties', '2026-05', 'reject', 'CODE_INVALID', 2),
    ('市监局', 'samr/penalties', '2026-05', 'check', 'DUPLICATE_CODE', 1),
    ('税务局', 'tax/grades', '2026-03', 'reject', 'CODE_INVALID', 9)
) as t(department, dataset, month, source, finding, n);
create table marts.code_quality as
select division_code, cast(l as bigint) as live_codes, cast(w as bigint) as wrong_codes, cast(d as bigint) as duplicate_codes,
    cast(f as bigint) as faulty_codes, cast(x as bigint) as refused_codes
from (values ('350102', 1999, 1, 2, 2, 0), ('350103', 500, 0, 0, 0, 0), ('000000', 0, 0, 0, 0, 1)) as t(division_code, l, w, d, f, x);
create table marts.coverage as
select department, dataset, title, period, due_on, cast(received as date) as first_received_on, state
from (values
    ('市监局', 'samr/penalties', '行政处罚', '2026-03', date '2026-04-10', '2026-04-09', 'received'),
    ('市监局', 'samr/penalties', '行政处罚', '2026-04', date '2026-05-10', '2026-05-12', 'late'),
    ('市监局', 'samr/penalties', '行政处罚', '2026-06', date '2026-07-10', null, 'not_due'),
    ('税务局', 'tax/grades', '纳税信用', '2025', date '2026-05-01', '2026-04-30', 'received'),
    ('法院', 'court/debtors', '失信被执行人', '2026-04', date '2026-05-10', null, 'missing'),
    ('消防', 'fire/inspections', '消防检查', '2026-04', date '2026-05-10', null, 'missing'),
    ('消防', 'fire/inspections', '消防检查', '2026-02', date '2026-03-10', '2026-03-01', 'empty')
) as t(department, dataset, title, period, due_on, received, state);
create table marts.late_records as
select '市监局' as department, 'samr/penalties' as dataset, 'p1' as record_id, '2026-05' as month, '=榕罚1号' as document_no,
    date '2026-02-13' as decided_on, date '2026-03-02' as deadline_on, date '2026-03-03' as reported_on, cast(8 as integer) as working_days,
    'b1' as batch_id, '处罚.csv' as extract_name, cast(2 as bigint) as line;
