/* model
description: Every result that an authority sent of its own evaluation, in one shape, with the name of the scheme it belongs to. Several results a year stand side by side; part tells apart what one scheme grades separately, such as selling and making food. Which result counts on the day is decided by scores.scheme_imports.
grain: [subject_id, scheme, record_id]
inputs:
  - staging.tax__grades
  - staging.ecology__grades
  - staging.labour__grades
  - staging.construction__grades
  - staging.construction__property_grades
  - staging.water_conservancy__grades
  - staging.transport__grades
  - staging.customs__grades
  - staging.samr__drug_grades
  - staging.samr__price_grades
  - staging.samr__food_grades
  - staging.civil__ratings
checks:
  - fail: {not_null: [subject_id, grade, evaluated_year, evaluated_on, batch_id, line]}
*/
with

results as (
    select
        'tax' as scheme, 'tax/grades' as dataset, '纳税信用等级' as category, '' as part,
        record_id, subject_id, subject_name, grade,
        cast(score as decimal(7, 2)) as score, evaluated_year, evaluated_on, cast(null as date) as valid_to,
        authority_name, batch_id, line, known_on, sent_subject_id, correction_no
    from staging.tax__grades
    union all
    select
        'ecology' as scheme, 'ecology/grades' as dataset, '企业环境信用等级' as category, '' as part,
        record_id, subject_id, subject_name, grade,
        cast(score as decimal(7, 2)) as score, evaluated_year, evaluated_on, cast(null as date) as valid_to,
        cast(null as varchar) as authority_name, batch_id, line, known_on, sent_subject_id, correction_no
    from staging.ecology__grades
    union all
    select
        'labour' as scheme, 'labour/grades' as dataset, '劳动保障守法诚信等级' as category, '' as part,
        record_id, subject_id, subject_name, grade,
        cast(null as decimal(7, 2)) as score, evaluated_year, evaluated_on, cast(null as date) as valid_to,
        cast(null as varchar) as authority_name, batch_id, line, known_on, sent_subject_id, correction_no
    from staging.labour__grades
    union all
    select
        'construction' as scheme, 'construction/grades' as dataset, '建筑市场信用等级' as category, '' as part,
        record_id, subject_id, subject_name, grade,
        cast(score as decimal(7, 2)) as score, evaluated_year, evaluated_on, valid_to,
        authority_name, batch_id, line, known_on, sent_subject_id, correction_no
    from staging.construction__grades
    union all
    select
        'property' as scheme, 'construction/property_grades' as dataset, '物业服务企业信用等级' as category, '' as part,
        record_id, subject_id, subject_name, grade,
        cast(score as decimal(7, 2)) as score, evaluated_year, evaluated_on, valid_to,
        authority_name, batch_id, line, known_on, sent_subject_id, correction_no
    from staging.construction__property_grades
    union all
    select
        'water' as scheme, 'water_conservancy/grades' as dataset, '水利建设市场主体信用等级' as category, '' as part,
        record_id, subject_id, subject_name, grade,
        cast(score as decimal(7, 2)) as score, evaluated_year, evaluated_on, valid_to,
        authority_name, batch_id, line, known_on, sent_subject_id, correction_no
    from staging.water_conservancy__grades
    union all
    select
        'road_transport' as scheme, 'transport/grades' as dataset, '道路运输企业质量信誉等级' as category, '' as part,
        record_id, subject_id, subject_name, grade,
        cast(score as decimal(7, 2)) as score, evaluated_year, evaluated_on, valid_to,
        authority_name, batch_id, line, known_on, sent_subject_id, correction_no
    from staging.transport__grades
    union all
    select
        'customs' as scheme, 'customs/grades' as dataset, '海关企业信用等级' as category, '' as part,
        record_id, subject_id, subject_name, grade,
        cast(null as decimal(7, 2)) as score, evaluated_year, evaluated_on, valid_to,
        authority_name, batch_id, line, known_on, sent_subject_id, correction_no
    from staging.customs__grades
    union all
    select
        'drugs' as scheme, 'samr/drug_grades' as dataset, '药品安全信用等级' as category, '' as part,
        record_id, subject_id, subject_name, grade,
        cast(null as decimal(7, 2)) as score, evaluated_year, evaluated_on, valid_to,
        authority_name, batch_id, line, known_on, sent_subject_id, correction_no
    from staging.samr__drug_grades
    union all
    select
        'price' as scheme, 'samr/price_grades' as dataset, '价格信用等级' as category, '' as part,
        record_id, subject_id, subject_name, grade,
        cast(null as decimal(7, 2)) as score, evaluated_year, evaluated_on, valid_to,
        authority_name, batch_id, line, known_on, sent_subject_id, correction_no
    from staging.samr__price_grades
    union all
    select
        case when business_kind = '餐饮服务' then 'catering' else 'food' end as scheme, 'samr/food_grades' as dataset,
        '食品生产经营风险等级' as category, business_kind as part,
        record_id, subject_id, subject_name, grade,
        cast(score as decimal(7, 2)) as score, evaluated_year, evaluated_on, valid_to,
        authority_name, batch_id, line, known_on, sent_subject_id, correction_no
    from staging.samr__food_grades
    union all
    select
        'social_organisations' as scheme, 'civil/ratings' as dataset, '社会组织评估等级' as category, '' as part,
        record_id, subject_id, subject_name, grade,
        cast(null as decimal(7, 2)) as score, evaluated_year, evaluated_on, valid_to,
        authority_name, batch_id, line, known_on, sent_subject_id, correction_no
    from staging.civil__ratings
)

select
    subject_id,
    scheme,
    record_id,
    dataset,
    category,
    part,
    subject_name,
    grade,
    score,
    evaluated_year,
    evaluated_on,
    valid_to,
    authority_name,
    batch_id,
    line,
    known_on,
    sent_subject_id,
    correction_no
from results
