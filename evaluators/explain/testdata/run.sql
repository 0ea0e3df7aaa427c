-- The tables of a tiny run on 2026-06-30, as far as explain reads them.
-- 91350100MA8T00016W clean, with a food shop; 91350102MA8T00024L penalised;
-- 93350121MA8T00040L on a severe list; 92350103MA8T00032T revoked.
create schema run; create schema ref; create schema rules; create schema staging;
create schema intermediate; create schema scores; create schema overlay; create schema lists;

create table run.batches (batch_id varchar, dataset varchar, title varchar, department varchar, batch_no bigint, known_on date,
    is_current boolean, extract_name varchar, rows_read bigint, rows_accepted bigint, rows_rejected bigint);
insert into run.batches
select batch_id, dataset, dataset, department, 1, date '2026-06-20', true, extract_name, 9, 9, 0
from (values
    ('b-registrations', 'samr/registrations', '市市场监督管理局', '企业登记信息.csv'),
    ('b-penalties-0123456789abcdef', 'samr/penalties', '市市场监督管理局', '行政处罚_202606.csv'),
    ('b-ecology', 'ecology/penalties', '市生态环境局', '环保处罚.csv'),
    ('b-permits', 'samr/permits', '市市场监督管理局', '行政许可.csv'),
    ('b-honours', 'credit/honours', '市公共信用信息中心', '守信荣誉.csv'),
    ('b-court', 'court/judgment_debtors', '市中级人民法院', '失信被执行人.ndjson'),
    ('b-national', 'ndrc/public_results', '市公共信用信息中心', 'ggxypj_202603.csv'),
    ('b-tax', 'tax/grades', '市税务局', '纳税信用等级.xlsx'),
    ('b-labour', 'labour/grades', '市人力资源和社会保障局', '劳动保障.csv')
) as given (batch_id, dataset, department, extract_name);

create table ref.divisions (division_code varchar, division_name varchar, city_division_code varchar);
insert into ref.divisions values ('350102', '鼓楼区', '350102'), ('350103', '台江区', '350103'), ('350121', '闽侯县', '350121'), ('350100', '福州市', '350100');
create table ref.industries (industry_code varchar, industry_name varchar);
insert into ref.industries values ('5213', '糕点、面包零售'), ('4710', '住宅房屋建筑');

create table rules.penalty_severity (priority bigint, rule_id varchar, penalty_kind varchar, fine_from bigint, fine_up_to bigint, severity varchar,
    effective_from date, effective_to date, basis varchar);
insert into rules.penalty_severity values
    (1, 'SEV-7', '警告', null, null, '轻微', '2008-01-01', null, '令第36号 轻微失信信息'),
    (2, 'SEV-99', null, null, null, '一般', '2008-01-01', null, '令第36号 一般失信信息');
create table rules.publicity_periods (rule_id varchar, record_class varchar, fields varchar, min_months bigint, max_months bigint, stated_months bigint,
    effective_from date, effective_to date, basis varchar);
insert into rules.publicity_periods values
    ('PUB-36-2', '行政处罚/一般', null, 3, 12, 12, '2026-04-01', null, '令第36号 一般3个月至1年'),
    ('PUB-58-1', '行政处罚/轻微', null, 0, 3, 3, '2023-05-01', '2026-03-31', '令第58号'),
    ('PUB-58-2', '行政处罚/一般', null, 3, 36, 36, '2023-05-01', '2026-03-31', '令第58号 最短3个月、最长3年'),
    ('PUB-SX-1', '失信被执行人', null, 0, 24, 24, '2008-01-01', null, '法释〔2013〕17号第二条 期限2年'),
    ('PUB-RY-1', '守信荣誉', null, 0, 36, 36, '2008-01-01', null, '城市口径：未注明有效期的荣誉使用3年');
create table rules.record_states (position bigint, state varchar, title varchar, counts boolean, stop_within bigint, basis varchar);
insert into rules.record_states values
    (1, 'unattached', '所报代码未登记，未归集到任何主体', false, null, 'GB 32100-2015'), (4, 'excluded', '经认定因疫情等不可抗力造成，不计入', false, null, '榕发改信用〔2022〕22号'),
    (8, 'repaired', '已完成信用修复，停止公示和使用', false, null, '令第36号'), (11, 'expired', '公示期已届满', false, null, '令第36号'),
    (12, 'in_force', '计入', true, null, '榕发改信用〔2022〕22号');
create table rules.overrides (position bigint, override_code varchar, trigger_kind varchar, trigger_value varchar, effect varchar,
    supervision_class bigint, meaning varchar, basis varchar);
insert into rules.overrides values
    (1, 'OV-SEV-1', 'record_category', '失信被执行人', 'class', 4, '在列失信被执行人', '法释〔2013〕17号'),
    (4, 'OV-OUT-1', 'registration_status', '吊销', 'out', null, '营业执照已吊销，不列入名单', '榕发改信用〔2022〕22号第二十二条'),
    (7, 'OV-OBJ-1', 'objection_pending', null, 'mark', null, '有记录处于异议处理中', '榕发改信用〔2022〕22号第二十四条');
create table rules.tiers (supervision_class bigint, class_title varchar, basis varchar);
insert into rules.tiers
select *, '22号文第二十二条' from (values (1, '一类（简化监管）'), (2, '二类（常规监管）'), (3, '三类（重点监管）'), (4, '四类（严格监管）'));
create table rules.inspection_quotas (plan varchar, position bigint, quota_id varchar, supervision_class bigint, industry_section varchar,
    industry_division varchar, risk_class varchar, ratio_min_bp bigint, check_ratio_bp bigint, max_checks bigint, minimum bigint,
    frequency varchar, trust varchar, basis varchar);
insert into rules.inspection_quotas
select 'city', class, 'IQ-' || class, class, null, null, risk, 0, ratio, most, 0, words, 'published', '22号文第二十二条' from (values
    (1, null, 500, 1, '每年不超过1次，无因不扰'), (2, null, 1250, 1, '每年1次'),
    (3, 'C', 2000, 2, '每年1至2次'), (3, 'D', 2000, 2, '每年1至2次'), (4, null, 3000, 4, '每季度可安排1次')
) as q (class, risk, ratio, most, words);
create table rules.schemes (scheme varchar, title varchar, department varchar, version bigint, status varchar, is_overall boolean,
    publication_range varchar, basis varchar, scorecard varchar,
    dataset varchar, valid_months bigint, adjusts boolean, trust varchar);
insert into rules.schemes (scheme, title, department, version, status, is_overall, publication_range, basis) values
    ('overall', '综合监管', '市公共信用信息中心', 1, 'active', true, 'government', '榕发改信用〔2022〕22号第二十五条'),
    ('food', '食品生产经营风险分级', '市市场监督管理局', 1, 'active', false, 'government', '市场监管总局令第49号'),
    ('labour', '劳动保障守法诚信', '市人力资源和社会保障局', 1, 'suspended', false, 'government', '人社部规〔2016〕1号'),
    ('tax', '纳税（缴费）信用', '市税务局', 1, 'active', false, 'government', '税务总局公告2025年第12号');
create table rules.characteristics (scorecard varchar, characteristic varchar, title varchar, reason_code varchar, each_milli bigint, cap_milli bigint,
    veto_grade varchar, version bigint, basis varchar, scorecard_title varchar, is_advisory boolean, schemes varchar, kind varchar, rule_file varchar);
insert into rules.characteristics
select *, 'evaluators/rules/scorecards/' || col0 || '.yml' from (values
    ('food', 'base', '基础分', 'BASE', 0, null, null, 1, '市场监管总局令第49号', '食品生产经营风险分', false, 'food', 'base'),
    ('food', 'static_trade', '静态风险：食品经营', 'FD-STA-2', 12500, 12500, null, 1, '静态风险因素（40分）', '食品生产经营风险分', false, 'food', 'each'),
    ('public_city', 'base', '基础分', 'BASE', 1000000, null, null, 1, '榕发改信用〔2022〕22号', '城市公共信用评分', true, null, 'base'),
    ('public_city', 'penalties_minor', '轻微行政处罚', 'PC-PEN-1', -10000, -10000, null, 1, 'GB/T 45255-2025', '城市公共信用评分', true, null, 'each'),
    ('public_city', 'penalties_general', '一般行政处罚', 'PC-PEN-2', -40000, -40000, null, 1, '令第36号', '城市公共信用评分', true, null, 'each'),
    ('public_city', 'severe_lists', '列入严重失信主体名单', 'PC-SEV-1', -150000, -300000, null, 1, '国办发〔2020〕49号', '城市公共信用评分', true, null, 'each'),
    ('public_city', 'severe_list_veto', '严重失信主体名单在列，等级直接判为 D', 'PC-VETO-1', null, null, 'D', 1, '城市评分方案', '城市公共信用评分', true, null, 'veto/grade'));

create table staging.samr__registrations (record_id varchar, batch_id varchar, line bigint, subject_id varchar, registration_status varchar);
insert into staging.samr__registrations values
    ('reg-1', 'b-registrations', 2, '91350100MA8T00016W', '存续'), ('reg-2', 'b-registrations', 3, '91350102MA8T00024L', '存续'),
    ('reg-3', 'b-registrations', 4, '93350121MA8T00040L', '存续'), ('reg-4', 'b-registrations', 5, '92350103MA8T00032T', '吊销'),
    ('reg-5', 'b-registrations', 6, '91350100MA8T00016X', '存续');
create table staging.samr__public_register (record_id varchar, batch_id varchar, line bigint, subject_id varchar);
create table staging.civil__organisations (record_id varchar, batch_id varchar, line bigint, subject_id varchar, registration_status varchar,
    sent_subject_id varchar, correction_no varchar);
create table staging.samr__permits (record_id varchar, batch_id varchar, line bigint, subject_id varchar, document_no varchar, certificate_name varchar,
    decided_on date, valid_to date, authority_name varchar);
insert into staging.samr__permits values ('permit-1', 'b-permits', 7, '91350100MA8T00016W', '榕食许〔2024〕3号', '食品经营许可证', '2024-05-06', '2029-05-05', '福州市市场监督管理局');
create table staging.ndrc__public_results (record_id varchar, batch_id varchar, line bigint, subject_id varchar, grade varchar, evaluated_on date);
insert into staging.ndrc__public_results values
    ('nat-1', 'b-national', 11, '91350100MA8T00016W', 'A', '2026-03-31'), ('nat-2', 'b-national', 12, '91350102MA8T00024L', 'B', '2026-03-31'),
    ('nat-3', 'b-national', 13, '93350121MA8T00040L', 'D', '2026-03-31');
create table intermediate.industry_results (record_id varchar, batch_id varchar, line bigint, subject_id varchar, grade varchar, evaluated_on date, authority_name varchar,
    valid_to date, dataset varchar default 'tax/grades', category varchar default '纳税信用等级', sent_subject_id varchar, correction_no varchar);
insert into intermediate.industry_results (record_id, batch_id, line, subject_id, grade, evaluated_on, authority_name) values
    ('tax-1', 'b-tax', 21, '91350100MA8T00016W', 'A', '2026-04-10', '福州市税务局'), ('tax-2', 'b-tax', 22, '91350102MA8T00024L', 'C', '2026-04-10', '福州市税务局'),
    ('tax-3', 'b-tax', 23, '93350121MA8T00040L', 'A', '2026-04-10', '福州市税务局');
insert into intermediate.industry_results values
    ('labour-2', 'b-labour', 31, '91350102MA8T00024L', 'C', '2026-01-15', null, null, 'labour/grades', '劳动保障守法诚信等级', null, null);
create table staging.credit__manual_overrides (record_id varchar, batch_id varchar, line bigint, subject_id varchar, document_no varchar, reason varchar,
    approver varchar, approved_on date, expires_on date);

create table intermediate.subjects (subject_id varchar, subject_id_status varchar, subject_name varchar, registration_no varchar, entity_type varchar,
    established_on date, industry_code varchar, division_code varchar, registration_status varchar, names_seen bigint, dataset varchar, record_id varchar);
insert into intermediate.subjects values
    ('91350100MA8T00016W', 'valid', '福州榕香食品有限公司', null, '有限责任公司', '2018-03-05', '5213', '350102', '存续', 1, 'samr/registrations', 'reg-1'),
    ('91350102MA8T00024L', 'valid', '福州闽筑建设有限公司', null, '有限责任公司', '2015-07-01', '4710', '350102', '存续', 1, 'samr/registrations', 'reg-2'),
    ('93350121MA8T00040L', 'valid', '闽侯青山农业专业合作社', null, '农民专业合作社', null, null, '350121', '存续', 2, 'samr/registrations', 'reg-3'),
    ('92350103MA8T00032T', 'valid', '台江区小榕杂货店', null, '个体工商户', '2020-01-02', '5213', '350103', '吊销', 1, 'samr/registrations', 'reg-4'),
    ('91350100MA8T00016X', 'suspect', '台江区小榕杂货店', null, '有限责任公司', '2020-01-02', '5213', '350103', '存续', 1, 'samr/registrations', 'reg-5');
create table intermediate.subject_history (subject_id varchar, subject_name varchar, registration_status varchar, known_from date, known_to date);
insert into intermediate.subject_history values
    ('91350100MA8T00016W', '福州榕香食品有限公司', '存续', '2026-06-20', '2026-06-20'),
    ('91350102MA8T00024L', '福州闽筑土木有限公司', '存续', '2025-01-10', '2025-06-10'), ('91350102MA8T00024L', '福州闽筑土木有限公司', '迁出', '2025-07-10', '2025-12-10'),
    ('91350102MA8T00024L', '福州闽筑建设有限公司', '存续', '2026-01-10', '2026-06-20');

create table intermediate.records (record_id varchar, dataset varchar, category varchar, subject_id varchar, subject_name varchar, document_no varchar,
    authority_name varchar, event_on date, ended_on date, kind varchar, field varchar, detail varchar, fine_amount bigint, batch_id varchar, line bigint);
insert into intermediate.records values
    ('r-honour', 'credit/honours', '守信荣誉', '91350100MA8T00016W', '福州榕香食品有限公司', '榕信誉〔2025〕8号', '福州市发展和改革委员会', '2025-03-01', '2028-03-01', '市级', null, '守合同重信用企业', null, 'b-honours', 41),
    ('r-fine', 'samr/penalties', '行政处罚', '91350102MA8T00024L', '福州闽筑建设有限公司', '榕市监罚〔2026〕11号', '福州市市场监督管理局', '2026-02-20', null, '罚款', null, '虚假宣传', 1234550, 'b-penalties-0123456789abcdef', 101),
    ('r-fine-2', 'ecology/penalties', '行政处罚', '91350102MA8T00024L', '福州闽筑建设有限公司', '榕环罚〔2026〕5号', '福州市生态环境局', '2026-04-10', null, '罚款', null, '超标排放', null, 'b-ecology', 102),
    ('r-repaired', 'samr/penalties', '行政处罚', '91350102MA8T00024L', '福州闽筑建设有限公司', '榕市监罚〔2025〕9号', '福州市市场监督管理局', '2025-09-01', null, '罚款', null, '合同违法', 500000, 'b-penalties-0123456789abcdef', 103),
    ('r-expired', 'samr/penalties', '行政处罚', '91350102MA8T00024L', '福州闽筑建设有限公司', '榕市监罚〔2026〕2号', '福州市市场监督管理局', '2026-01-05', null, '警告', null, '未亮照经营', null, 'b-penalties-0123456789abcdef', 104),
    ('r-epidemic', 'samr/penalties', '行政处罚', '91350102MA8T00024L', '福州闽筑建设有限公司', '榕市监罚〔2025〕1号', '福州市市场监督管理局', '2025-02-03', null, '罚款', null, '逾期未履约', 100000, 'b-penalties-0123456789abcdef', 105),
    ('r-stray', 'samr/penalties', '行政处罚', '91350102MA8T0002AL', '福州闽筑建设有限公司', '榕市监罚〔2026〕30号', '福州市市场监督管理局', '2026-05-06', null, '警告', null, '未亮照经营', null, 'b-penalties-0123456789abcdef', 106),
    ('r-debtor', 'court/judgment_debtors', '失信被执行人', '93350121MA8T00040L', '闽侯青山农业专业合作社', '（2025）闽0121执88号', '闽侯县人民法院', '2025-08-08', null, '全部未履行', null, '有履行能力而拒不履行', null, 'b-court', 51);
create table intermediate.record_states (record_id varchar, subject_id varchar, record_class varchar, severity varchar, severity_rule varchar,
    publicity_rule varchar, repairable_on date, publicity_until date, state varchar, state_on date, case_no varchar, objection_case_no varchar);
insert into intermediate.record_states values
    ('r-honour', '91350100MA8T00016W', '守信荣誉', null, null, 'PUB-RY-1', '2025-03-01', '2028-03-01', 'in_force', null, null, null),
    ('r-fine', '91350102MA8T00024L', '行政处罚/一般', '一般', 'SEV-99', 'PUB-58-2', '2026-05-20', '2029-02-20', 'in_force', null, null, 'YY-2026-3'),
    ('r-fine-2', '91350102MA8T00024L', '行政处罚/一般', '一般', 'SEV-99', 'PUB-36-2', '2026-07-10', '2027-04-10', 'in_force', null, null, null),
    ('r-repaired', '91350102MA8T00024L', '行政处罚/一般', '一般', 'SEV-99', 'PUB-58-2', '2025-12-01', '2028-09-01', 'repaired', '2026-03-15', 'XF-2026-1', null),
    ('r-expired', '91350102MA8T00024L', '行政处罚/轻微', '轻微', 'SEV-7', 'PUB-58-1', '2026-01-05', '2026-04-05', 'expired', '2026-04-05', null, null),
    ('r-epidemic', '91350102MA8T00024L', '行政处罚/一般', '一般', 'SEV-99', 'PUB-58-2', '2025-05-03', '2028-02-03', 'excluded', '2025-04-01', 'BK-2025-7', null),
    ('r-stray', '91350102MA8T0002AL', '行政处罚/轻微', '轻微', 'SEV-7', 'PUB-36-2', '2026-05-06', '2026-08-06', 'unattached', null, null, null),
    ('r-debtor', '93350121MA8T00040L', '失信被执行人', null, null, 'PUB-SX-1', '2025-08-08', '2027-08-08', 'in_force', null, null, null);

create table scores.public_results (subject_id varchar, public_grade varchar, public_evaluated_on date, result_batch varchar, record_id varchar, source varchar,
    public_valid_until date);
insert into scores.public_results (subject_id, public_grade, public_evaluated_on, result_batch, record_id, source) values
    ('91350100MA8T00016W', 'A', '2026-03-31', '2026-1', 'nat-1', 'national'), ('91350102MA8T00024L', 'B', '2026-03-31', '2026-1', 'nat-2', 'national'),
    ('93350121MA8T00040L', 'D', '2026-03-31', '2026-1', 'nat-3', 'national'), ('92350103MA8T00032T', 'not_evaluated', null, null, null, 'none'),
    ('91350100MA8T00016X', 'not_evaluated', null, null, null, 'none');
create table scores.scheme_results (subject_id varchar, scheme varchar, grade varchar, industry_level bigint, evaluated_on date, record_id varchar, status varchar,
    valid_until date);
insert into scores.scheme_results (subject_id, scheme, grade, industry_level, evaluated_on, record_id, status) values
    ('91350100MA8T00016W', 'food', 'A', 1, '2026-06-30', '', 'active'), ('91350100MA8T00016W', 'tax', 'A', 1, '2026-04-10', 'tax-1', 'active'),
    ('91350102MA8T00024L', 'tax', 'C', 3, '2026-04-10', 'tax-2', 'active'), ('91350102MA8T00024L', 'labour', 'C', 4, '2026-01-15', 'labour-2', 'suspended'),
    ('93350121MA8T00040L', 'tax', 'A', 1, '2026-04-10', 'tax-3', 'active');
create table scores.scorecard_results (subject_id varchar, scorecard varchar, scorecard_version bigint, score_milli bigint, points_grade varchar,
    grade varchar, veto_reason_code varchar, records_counted bigint);
insert into scores.scorecard_results values
    ('91350100MA8T00016W', 'food', 1, 12500, 'A', 'A', null, 1), ('91350100MA8T00016W', 'public_city', 1, 1000000, 'A', 'A', null, 0),
    ('91350102MA8T00024L', 'public_city', 1, 960000, 'A', 'A', null, 2), ('93350121MA8T00040L', 'public_city', 1, 850000, 'B', 'D', 'PC-VETO-1', 1),
    ('92350103MA8T00032T', 'public_city', 1, 1000000, 'A', 'A', null, 0), ('91350100MA8T00016X', 'public_city', 1, 1000000, 'A', 'A', null, 0);
create table scores.contributions (subject_id varchar, scorecard varchar, characteristic varchar, position bigint, reason_code varchar, record_id varchar, points_milli bigint,
    missing varchar);
insert into scores.contributions (subject_id, scorecard, characteristic, position, reason_code, record_id, points_milli)
select subject_id, 'public_city', 'base', 0, 'BASE', '', 1000000 from intermediate.subjects
union all values
    ('91350100MA8T00016W', 'food', 'base', 0, 'BASE', '', 0), ('91350100MA8T00016W', 'food', 'static_trade', 2, 'FD-STA-2', 'permit-1', 12500),
    ('91350102MA8T00024L', 'public_city', 'penalties_general', 2, 'PC-PEN-2', 'r-fine', -40000),
    ('91350102MA8T00024L', 'public_city', 'penalties_general', 2, 'PC-PEN-2', 'r-fine-2', 0),
    ('93350121MA8T00040L', 'public_city', 'severe_lists', 5, 'PC-SEV-1', 'r-debtor', -150000);
create table scores.vetoes (subject_id varchar, scorecard varchar, characteristic varchar, position bigint, reason_code varchar, record_id varchar,
    effect varchar, grade varchar, severity bigint, score_milli bigint);
insert into scores.vetoes values ('93350121MA8T00040L', 'public_city', 'severe_list_veto', 1000, 'PC-VETO-1', 'r-debtor', 'grade', 'D', 4, null);

create table overlay.override_hits (subject_id varchar, position bigint, record_id varchar, override_code varchar, effect varchar, supervision_class bigint,
    meaning varchar, document_no varchar, authority_name varchar, event_on date);
insert into overlay.override_hits values
    ('91350102MA8T00024L', 7, 'r-fine', 'OV-OBJ-1', 'mark', null, '有记录处于异议处理中', '榕市监罚〔2026〕11号', '福州市市场监督管理局', '2026-02-20'),
    ('93350121MA8T00040L', 1, 'r-debtor', 'OV-SEV-1', 'class', 4, '在列失信被执行人', '（2025）闽0121执88号', '闽侯县人民法院', '2025-08-08'),
    ('92350103MA8T00032T', 4, 'reg-4', 'OV-OUT-1', 'out', null, '营业执照已吊销，不列入名单', null, null, null);
create table overlay.scheme_classes (subject_id varchar, scheme varchar, matrix_class bigint, supervision_class bigint, override_code varchar,
    is_out boolean, is_marked boolean, is_conflict boolean);
insert into overlay.scheme_classes values
    ('91350100MA8T00016W', 'food', 1, 1, null, false, false, false), ('91350100MA8T00016W', 'tax', 1, 1, null, false, false, false),
    ('91350102MA8T00024L', 'tax', 3, 3, null, false, true, false), ('93350121MA8T00040L', 'tax', 4, 4, 'OV-SEV-1', false, false, true),
    ('92350103MA8T00032T', 'none', 2, null, 'OV-OUT-1', true, false, false), ('91350100MA8T00016X', 'none', 2, 2, null, false, false, false);
create table overlay.subject_classes as
select subject_id, scheme as deciding_scheme, matrix_class, supervision_class, override_code, is_out, is_marked, is_conflict
from overlay.scheme_classes
where not (subject_id = '91350100MA8T00016W' and scheme = 'tax');
create table lists.supervision (department varchar, scheme varchar, division_code varchar, subject_id varchar, previous_class bigint, change varchar,
    plan varchar, quota_id varchar, check_ratio_bp bigint, max_checks bigint, frequency varchar);
insert into lists.supervision (department, scheme, subject_id, previous_class, change) values
    ('市公共信用信息中心', 'overall', '91350100MA8T00016W', 1, 'same'), ('市税务局', 'tax', '91350100MA8T00016W', 1, 'new'),
    ('市公共信用信息中心', 'overall', '91350102MA8T00024L', 2, 'up'), ('市公共信用信息中心', 'overall', '93350121MA8T00040L', null, 'new'),
    ('市公共信用信息中心', 'overall', '92350103MA8T00032T', 2, 'left'), ('市公共信用信息中心', 'overall', '91350100MA8T00016X', null, 'new');
update lists.supervision set division_code = subjects.division_code from intermediate.subjects as subjects where subjects.subject_id = supervision.subject_id;
update lists.supervision set plan = quotas.plan, quota_id = quotas.quota_id, check_ratio_bp = quotas.check_ratio_bp,
    max_checks = quotas.max_checks, frequency = quotas.frequency
from overlay.subject_classes as classes, rules.inspection_quotas as quotas
where classes.subject_id = supervision.subject_id and quotas.supervision_class = classes.supervision_class;

-- One penalty came with a wrong code and was corrected.
create table intermediate.corrections (correction_no varchar, operation varchar, wrong_code varchar, reason varchar, approver varchar, decided_on date);
insert into intermediate.corrections values ('DM-0a1b2c', '赋新码', '91350102MA8T00Z4L', '决定书代码录入错误', '王审核', '2026-04-20');
alter table intermediate.records add column record_group varchar;
update intermediate.records set record_group = case when category = '失信被执行人' then '严重失信主体名单' else category end;
alter table intermediate.record_states add column state_rule varchar;
alter table intermediate.records add column sent_subject_id varchar;
alter table intermediate.records add column correction_no varchar;
alter table staging.credit__manual_overrides add column sent_subject_id varchar;
alter table staging.credit__manual_overrides add column correction_no varchar;
alter table staging.ndrc__public_results add column sent_subject_id varchar;
alter table staging.ndrc__public_results add column correction_no varchar;
alter table staging.samr__permits add column sent_subject_id varchar;
alter table staging.samr__permits add column correction_no varchar;
alter table staging.samr__public_register add column sent_subject_id varchar;
alter table staging.samr__public_register add column correction_no varchar;
alter table staging.samr__registrations add column sent_subject_id varchar;
alter table staging.samr__registrations add column correction_no varchar;
update intermediate.records set sent_subject_id = '91350102MA8T00Z4L', correction_no = 'DM-0a1b2c' where record_id = 'r-fine-2';

-- Two visits of the clean one: one of a draw, and one that the extract tells.
create schema marts;
create table rules.inspection_results (result_code varchar, meaning varchar, is_problem boolean);
insert into rules.inspection_results values ('1', '未发现问题', false), ('3', '违反食品药品管理相关规定', true), ('E', '发现问题经责令已改正', false);
create table marts.inspection_history (subject_id varchar, department varchar, inspected_on date, result_codes varchar, is_problem boolean,
    dataset varchar, record_id varchar, draw_id varchar, is_control boolean, draw_class bigint, document_no varchar,
    sent_by varchar, batch_id varchar, extract_name varchar, line bigint);
insert into marts.inspection_history values
    ('91350100MA8T00016W', '市市场监督管理局', '2025-11-03', '1', false, 'samr/inspections', 'v-1', null, false, null, '榕检〔2025〕7号', '市市场监督管理局', 'b-registrations', '检查.csv', 7),
    ('91350100MA8T00016W', '市市场监督管理局', '2026-05-06', 'E', false, 'inspection/returned_results', 'v-2', 'CC-1', true, 1, null, '市公共信用信息中心', 'b-returned', '回传.xlsx', 9);

-- What repairs take, and the grades of the schemes.
create table rules.repair_conditions (rule_id varchar, record_class varchar, decided_by varchar, conditions varchar, papers varchar, basis varchar);
insert into rules.repair_conditions values ('REP-36-2', '行政处罚/一般', '作出处罚决定的机关', '达到最短公示期限；违法行为已改正', '履行义务证明；信用承诺书', '令第36号'),
    ('REP-LIST', '严重失信主体名单', '作出列入决定的机关', '列入事由已消除或义务已履行', '改正证明', '各名单管理办法');
create table rules.repair_days (accept_within bigint, answer_within bigint, city_within bigint, basis varchar);
insert into rules.repair_days values (3, 10, 1, '国办发〔2025〕22号');
create table rules.scheme_levels (scheme varchar, grade varchar, industry_level bigint);
insert into rules.scheme_levels values ('tax', 'A', 1), ('tax', 'B', 2), ('tax', 'M', 2), ('tax', 'C', 3), ('tax', 'D', 4);
create table rules.overlay_matrix (public_grade varchar, industry_level bigint, level_used bigint, supervision_class bigint, is_conflict boolean);
insert into rules.overlay_matrix
select grade, level, level, class, false from (values ('A', [1, 2, 3, 4, 1]), ('B', [2, 2, 3, 4, 2]), ('C', [3, 3, 3, 4, 3]), ('D', [4, 4, 4, 4, 4]),
    ('not_evaluated', [2, 2, 3, 4, 2])) as m (grade, classes), lateral (select unnest(classes) as class, unnest([1, 2, 3, 4, 0]) as level);
