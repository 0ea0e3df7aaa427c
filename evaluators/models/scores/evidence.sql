/* model
description: One row for each record that gives or takes points or vetoes on a scorecard, down to the document, batch, file and line, and up to the rule file and its citation. Points that rest on no record stand in scores.contributions alone.
grain: [subject_id, scorecard, position, record_id, kind]
inputs:
  - scores.contributions
  - scores.vetoes
  - scores.scorecard_results
  - marts.subject_records
  - rules.characteristics
local: true
checks:
  - fail: {unique: [subject_id, scorecard, position, record_id, kind]}
  - fail: {not_null: [department, batch_id, extract_name, line, rule_file, rule_version, citation]}
  - fail: {accepted: {column: kind, values: [points, veto]}}
  - fail: {no_rows: "select lines.record_id from scores.contributions as lines left join scores.evidence as evidence on evidence.subject_id = lines.subject_id and evidence.scorecard = lines.scorecard and evidence.position = lines.position and evidence.record_id = lines.record_id and evidence.kind = 'points' where lines.record_id <> '' and evidence.points_milli is distinct from lines.points_milli"}
  - fail: {no_rows: "select evidence.record_id from scores.evidence as evidence inner join marts.subject_records as records on records.record_id = evidence.record_id where records.state <> 'in_force' or records.subject_id <> evidence.subject_id"}
  - fail: {no_rows: "select results.subject_id from scores.scorecard_results as results left join (select subject_id, scorecard, cast(sum(points_milli) as bigint) as sum_milli from (select subject_id, scorecard, points_milli from scores.evidence where kind = 'points' union all select subject_id, scorecard, points_milli from scores.contributions where record_id = '') as lines group by subject_id, scorecard) as sums on sums.subject_id = results.subject_id and sums.scorecard = results.scorecard where sums.sum_milli is distinct from results.score_milli"}
*/
with

lines as (
    select
        subject_id, scorecard, position, record_id, 'points' as kind, characteristic, reason_code, points_milli,
        cast(null as varchar) as effect, cast(null as varchar) as grade
    from scores.contributions
    where record_id <> ''
    union all
    select
        subject_id, scorecard, position, record_id, 'veto' as kind, characteristic, reason_code,
        cast(null as bigint) as points_milli, effect, grade
    from scores.vetoes
)

select
    lines.subject_id,
    lines.scorecard,
    lines.position,
    lines.record_id,
    lines.kind,
    lines.characteristic,
    lines.reason_code,
    lines.points_milli,
    lines.effect,
    lines.grade,
    records.document_no,
    records.event_on,
    records.dataset,
    records.department,
    records.batch_id,
    records.extract_name,
    records.line,
    rules.rule_file,
    rules.version as rule_version,
    rules.basis as citation
from lines
left join marts.subject_records as records
    on records.subject_id = lines.subject_id and records.record_id = lines.record_id
left join rules.characteristics as rules
    on rules.scorecard = lines.scorecard
    and rules.characteristic = lines.characteristic
    and rules.reason_code = lines.reason_code
