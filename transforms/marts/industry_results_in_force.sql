/* model
description: The result of each imported scheme that holds on the day, as its authority sent it. The newest one supersedes all before it, also once it has lapsed itself; of several of one day those that still hold come first; of the parts that a scheme grades separately the worst counts.
grain: [subject_id, scheme]
inputs: [intermediate.industry_results, intermediate.subjects, rules.schemes, rules.scheme_levels, run.parameters]
checks:
  - fail: {not_null: [grade, industry_level, event_on, valid_until, record_id]}
  - fail: {refers: {column: subject_id, to: intermediate.subjects}}
*/
with

-- Without a last day of its own a result holds for the months of its scheme.
known as (
    select
        results.subject_id,
        results.scheme,
        results.part,
        results.grade,
        coalesce(levels.industry_level, 0) as industry_level,
        results.score,
        results.evaluated_year,
        results.evaluated_on,
        coalesce(results.valid_to, fx_add_days(fx_add_months(results.evaluated_on, schemes.valid_months), -1)) as valid_until,
        results.record_id,
        results.dataset,
        results.batch_id,
        results.line,
        parameters.as_of
    from intermediate.industry_results as results
    cross join run.parameters as parameters
    inner join intermediate.subjects as subjects
        on subjects.subject_id = results.subject_id
    inner join rules.schemes as schemes
        on schemes.scheme = results.scheme
    left join rules.scheme_levels as levels
        on levels.scheme = results.scheme and levels.grade = results.grade
    where schemes.valid_months is not null and results.evaluated_on <= parameters.as_of
),

numbered as (
    select
        subject_id, scheme, grade, industry_level, score, evaluated_on, valid_until, record_id, dataset, batch_id, line, as_of,
        row_number() over (
            partition by subject_id, scheme, part
            order by
                evaluated_year desc nulls last, evaluated_on desc nulls last,
                case when valid_until >= as_of then 1 else 0 end desc nulls last, industry_level desc nulls last, record_id asc nulls last
        ) as newest
    from known
),

holding as (
    select
        subject_id, scheme, grade, industry_level, score, evaluated_on, valid_until, record_id, dataset, batch_id, line,
        row_number() over (
            partition by subject_id, scheme
            order by industry_level desc nulls last, evaluated_on desc nulls last, record_id asc nulls last
        ) as choice
    from numbered
    where newest = 1 and valid_until >= as_of
)

select
    subject_id,
    record_id,
    scheme,
    grade,
    industry_level,
    score,
    evaluated_on as event_on,
    valid_until,
    dataset,
    batch_id,
    line
from holding
where choice = 1
