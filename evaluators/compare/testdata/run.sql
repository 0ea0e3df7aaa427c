create schema overlay; create schema scores; create schema rules; create schema intermediate; create schema ref;

create table intermediate.subjects as select 'S' as subject_id, '榕城食品' as subject_name, '350102' as division_code, '1411' as industry_code, '存续' as registration_status;
create table overlay.subject_classes as select 'S' as subject_id, cast(2 as bigint) as supervision_class, cast(2 as bigint) as matrix_class,
    'food' as deciding_scheme, cast(null as varchar) as override_code, 'B' as public_grade;
create table overlay.scheme_classes as
    select 'S' as subject_id, scheme, 'B' as public_grade, 'B' as industry_grade, cast(2 as bigint) as industry_level, cast(2 as bigint) as matrix_class, cast(2 as bigint) as supervision_class
    from (values ('tax'), ('food')) as t(scheme);
create table overlay.override_hits (subject_id varchar, position bigint, record_id varchar, override_code varchar, effect varchar, supervision_class bigint, meaning varchar, document_no varchar);
create table rules.overrides as
    select * from (values ('OV-1', 'record_category', '行政处罚', 'class', cast(4 as bigint), '在列'), ('OV-OUT', 'registration_status', '吊销', 'out', null, '已吊销'))
    as t(override_code, trigger_kind, trigger_value, effect, supervision_class, meaning);
create table rules.schemes as
    select * from (values ('tax', '纳税信用', 'active', null), ('food', '食品', 'active', 'food')) as t(scheme, title, status, scorecard);
create table rules.scheme_levels as
    select scheme, grade, level as industry_level from (values ('tax'), ('food')) as s(scheme), (values ('A', cast(1 as bigint)), ('B', 2), ('C', 3)) as l(grade, level);
create table rules.overlay_matrix as
    select grade as public_grade, level as industry_level, greatest(level, base) as supervision_class
    from (values ('B', cast(2 as bigint)), ('C', 3)) as g(grade, base), (values (cast(0 as bigint)), (1), (2), (3), (4)) as l(level);
create table rules.characteristics as
    select 'food' as scorecard, 'dynamic' as characteristic, '动态风险' as title, 'FD-1' as reason_code, '食品评分' as scorecard_title;
create table scores.contributions as
    select * from (values ('S', 'food', 'base', cast(0 as bigint), 'BASE', '', cast(0 as bigint)), ('S', 'food', 'dynamic', 1, 'FD-1', 'r2', 15000))
    as t(subject_id, scorecard, characteristic, position, reason_code, record_id, points_milli);
create table scores.vetoes (subject_id varchar, scorecard varchar, reason_code varchar, record_id varchar, grade varchar, severity bigint);
create table scores.scorecard_results as select 'S' as subject_id, 'food' as scorecard, cast(15000 as bigint) as score_milli, 'B' as points_grade, 'B' as grade;
create table scores.public_results as select 'S' as subject_id, 'B' as public_grade, 'p1' as record_id, 'national' as source;
create table intermediate.records as
    select 'r2' as record_id, 'S' as subject_id, '监督检查问题' as category, '查2' as document_no, cast(null as varchar) as correction_no;
create table intermediate.record_states as select 'r2' as record_id, 'S' as subject_id, 'in_force' as state, '一般' as severity, date '2028-01-01' as publicity_until;
create table ref.divisions as select '350102' as division_code, '鼓楼区' as division_name;
create table ref.industries as select '1411' as industry_code, '糕点' as industry_name, 'C' as section_code;
