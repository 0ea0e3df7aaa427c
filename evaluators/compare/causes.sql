-- Moved subjects of two runs, which stand as before and after, and their causes.
-- Given: given.sides (one row: same_facts, the days) and given.rules (each rule
-- that the runs read in other words).

create temp table pairs as
with

classes_before as (
    select classes.subject_id, subjects.subject_name, subjects.division_code, subjects.industry_code,
        subjects.registration_status, coalesce(classes.supervision_class, 0) as class, classes.matrix_class,
        classes.deciding_scheme, classes.override_code, classes.public_grade
    from before.overlay.subject_classes as classes
    inner join before.intermediate.subjects as subjects on subjects.subject_id = classes.subject_id
),

classes_after as (
    select classes.subject_id, subjects.subject_name, subjects.division_code, subjects.industry_code,
        subjects.registration_status, coalesce(classes.supervision_class, 0) as class, classes.matrix_class,
        classes.deciding_scheme, classes.override_code, classes.public_grade
    from after.overlay.subject_classes as classes
    inner join after.intermediate.subjects as subjects on subjects.subject_id = classes.subject_id
)

select
    coalesce(a.subject_id, b.subject_id) as subject_id,
    coalesce(a.subject_name, b.subject_name) as subject_name,
    coalesce(a.division_code, b.division_code) as division_code,
    coalesce(a.industry_code, b.industry_code) as industry_code,
    b.registration_status as status_before, a.registration_status as status_after,
    coalesce(b.class, -1) as class_before, coalesce(a.class, -1) as class_after,
    b.matrix_class as matrix_before, a.matrix_class as matrix_after,
    b.deciding_scheme as scheme_before, a.deciding_scheme as scheme_after,
    b.override_code as override_before, a.override_code as override_after,
    b.public_grade as public_before, a.public_grade as public_after
from classes_before as b
full outer join classes_after as a on a.subject_id = b.subject_id;

create temp table moved as
select * from pairs where class_before <> class_after;

-- What set the class: an override, or the matrix on at least one side.
create temp table hits as
with

hits_before as (
    select hits.subject_id, hits.override_code, hits.record_id, hits.effect, hits.supervision_class, hits.document_no, overrides.trigger_kind, hits.meaning
    from before.overlay.override_hits as hits
    inner join before.rules.overrides as overrides on overrides.override_code = hits.override_code
    where hits.effect <> 'mark'
),

hits_after as (
    select hits.subject_id, hits.override_code, hits.record_id, hits.effect, hits.supervision_class, hits.document_no, overrides.trigger_kind, hits.meaning
    from after.overlay.override_hits as hits
    inner join after.rules.overrides as overrides on overrides.override_code = hits.override_code
    where hits.effect <> 'mark'
),

-- An override code whose rule says something else, or stands in one run only.
changed_overrides as (
    select coalesce(a.override_code, b.override_code) as override_code
    from before.rules.overrides as b
    full outer join after.rules.overrides as a on a.override_code = b.override_code
    where a.override_code is null or b.override_code is null or a.trigger_kind <> b.trigger_kind
        or a.trigger_value is distinct from b.trigger_value or a.effect <> b.effect
        or a.supervision_class is distinct from b.supervision_class
)

select
    moved.subject_id,
    coalesce(a.override_code, b.override_code) as override_code,
    coalesce(a.record_id, b.record_id) as record_id,
    coalesce(a.document_no, b.document_no) as document_no,
    coalesce(a.trigger_kind, b.trigger_kind) as trigger_kind,
    coalesce(a.meaning, b.meaning) as meaning,
    case when b.subject_id is null then 'came' when a.subject_id is null then 'went' else 'changed' end as change,
    coalesce(a.override_code, b.override_code) in (select override_code from changed_overrides) as by_rule
from moved
inner join (
    hits_before as b full outer join hits_after as a
    on a.subject_id = b.subject_id and a.override_code = b.override_code and a.record_id = b.record_id
) on coalesce(a.subject_id, b.subject_id) = moved.subject_id
where moved.class_before <> -1 and moved.class_after <> -1
    and (b.subject_id is null or a.subject_id is null or a.effect <> b.effect or a.supervision_class is distinct from b.supervision_class);

-- Rows of the matrix that say another class and bear on the move.
create temp table bearing as
with

matrix_moved as (
    select * from moved
    where matrix_before <> matrix_after and (override_before is null or override_after is null)
),

schemes as (
    select
        m.subject_id, m.matrix_before, m.matrix_after, coalesce(a.scheme, b.scheme) as scheme,
        b.scheme is not null as was, a.scheme is not null as stands,
        b.matrix_class as class_before, a.matrix_class as class_after,
        b.public_grade as public_before, a.public_grade as public_after,
        b.industry_grade as grade_before, a.industry_grade as grade_after,
        b.industry_level as level_before, a.industry_level as level_after
    from matrix_moved as m
    inner join (
        before.overlay.scheme_classes as b full outer join after.overlay.scheme_classes as a
        on a.subject_id = b.subject_id and a.scheme = b.scheme
    ) on coalesce(a.subject_id, b.subject_id) = m.subject_id
    where a.matrix_class is distinct from b.matrix_class
),

-- Up: what reaches the new class. Down: all that stood above it.
bears as (
    select *,
        case when matrix_after > matrix_before then coalesce(class_after, 0) = matrix_after
            else coalesce(class_before, 0) > matrix_after end as bears
    from schemes
)

-- A subject's first scheme, or its last that went, bears where the row without scheme does.
select subject_id, scheme, was, stands, class_before, class_after, public_before, public_after, grade_before, grade_after, level_before, level_after
from bears
where bears
    or (scheme <> 'none' and subject_id in (select subject_id from bears where bears and scheme = 'none' and not (was and stands)));

create temp table crossed as
select * from bearing where scheme <> 'none' or (was and stands);

-- Scorecards behind another grade.
create temp table cards as
select distinct crossed.subject_id, crossed.scheme, coalesce(a.scorecard, b.scorecard) as scorecard
from crossed
left join before.rules.schemes as b on b.scheme = crossed.scheme
left join after.rules.schemes as a on a.scheme = crossed.scheme
where crossed.was and crossed.stands and crossed.grade_before is distinct from crossed.grade_after
    and coalesce(a.scorecard, b.scorecard) is not null
union
select crossed.subject_id, 'public' as scheme, results.scorecard
from crossed
inner join (
    select subject_id, source as scorecard from before.scores.public_results
    union
    select subject_id, source as scorecard from after.scores.public_results
) as results on results.subject_id = crossed.subject_id and results.scorecard not in ('national', 'none')
where crossed.public_before is distinct from crossed.public_after;

-- Points that a card gives now and gave before, by characteristic and record.
-- Vetoes stand beside them as characteristics of their own.
create temp table points as
with

given_before as (
    select c.subject_id, c.scorecard, c.characteristic, c.record_id, c.points_milli, false as is_veto
    from before.scores.contributions as c semi join cards on cards.subject_id = c.subject_id and cards.scorecard = c.scorecard
    union all
    select v.subject_id, v.scorecard, v.reason_code as characteristic, v.record_id, v.severity as points_milli, true as is_veto
    from before.scores.vetoes as v semi join cards on cards.subject_id = v.subject_id and cards.scorecard = v.scorecard
),

given_after as (
    select c.subject_id, c.scorecard, c.characteristic, c.record_id, c.points_milli, false as is_veto
    from after.scores.contributions as c semi join cards on cards.subject_id = c.subject_id and cards.scorecard = c.scorecard
    union all
    select v.subject_id, v.scorecard, v.reason_code as characteristic, v.record_id, v.severity as points_milli, true as is_veto
    from after.scores.vetoes as v semi join cards on cards.subject_id = v.subject_id and cards.scorecard = v.scorecard
)

select
    coalesce(a.subject_id, b.subject_id) as subject_id, coalesce(a.scorecard, b.scorecard) as scorecard,
    coalesce(a.characteristic, b.characteristic) as characteristic, coalesce(a.record_id, b.record_id) as record_id,
    b.subject_id is not null as was, a.subject_id is not null as stands,
    b.points_milli as points_before, a.points_milli as points_after, coalesce(a.is_veto, b.is_veto) as is_veto
from given_before as b
full outer join given_after as a
    on a.subject_id = b.subject_id and a.scorecard = b.scorecard
    and a.characteristic = b.characteristic and a.record_id = b.record_id;

-- Characteristics that give other points, and whether the same records do.
create temp table characteristics as
select
    subject_id, scorecard, characteristic,
    coalesce(sum(points_before), 0) as points_before, coalesce(sum(points_after), 0) as points_after,
    bool_and(was and stands) as same_records, bool_or(is_veto) as is_veto
from points
group by subject_id, scorecard, characteristic
having coalesce(sum(points_before), 0) <> coalesce(sum(points_after), 0);

-- Records that bear on a move, through a characteristic or an override.
create temp table record_moves as
with

bearing as (
    select points.subject_id, points.record_id, points.stands, 'scorecard ' || points.scorecard as rule, points.scorecard || '/' || points.characteristic as via
    from points
    inner join characteristics as c
        on c.subject_id = points.subject_id and c.scorecard = points.scorecard and c.characteristic = points.characteristic
    where points.was <> points.stands and points.record_id <> ''
    union all
    select subject_id, record_id, change = 'came' as stands, 'rule overlay' as rule, override_code as via
    from hits
    where change <> 'changed' and not by_rule and trigger_kind = 'record_category'
),

found as (
    select
        bearing.subject_id, bearing.record_id, bearing.stands, bearing.rule, bearing.via,
        coalesce(ra.category, rb.category) as category, coalesce(ra.document_no, rb.document_no) as document_no,
        rb.record_id is not null as known_before, ra.record_id is not null as known_after,
        rb.subject_id as subject_before, ra.subject_id as subject_after,
        ra.correction_no, sb.state as state_before, sa.state as state_after,
        sb.severity as severity_before, sa.severity as severity_after,
        sb.publicity_until as until_before, sa.publicity_until as until_after
    from bearing
    left join before.intermediate.records as rb on rb.record_id = bearing.record_id
    left join after.intermediate.records as ra on ra.record_id = bearing.record_id
    left join before.intermediate.record_states as sb on sb.record_id = bearing.record_id
    left join after.intermediate.record_states as sa on sa.record_id = bearing.record_id
)

select
    found.subject_id, found.record_id, found.via, found.category, found.document_no,
    case
        when not known_before then case when correction_no is null then 'came' else 'corrected' end
        when not known_after then 'removed'
        when subject_before is distinct from subject_after then 'corrected'
        when state_before <> state_after and stands and state_before in ('not_yet', 'unattached') then 'came'
        when state_before <> state_after and stands then 'restored'
        when state_before <> state_after and state_after in ('ended', 'expired') then 'lapsed'
        when state_before <> state_after then state_after
        when severity_before is distinct from severity_after then 'reclassed'
        when stands then 'counted'
        else 'lapsed'
    end as change,
    -- The rule that did it, where the facts are the same.
    case
        when not sides.same_facts then
            case
                when not known_before or not known_after or subject_before is distinct from subject_after then null
                when state_before <> state_after and until_before is distinct from until_after then publicity.rule
                when state_before <> state_after then null
                when severity_before is distinct from severity_after then severity.rule
                else own.rule
            end
        when state_before <> state_after then coalesce(case when 'expired' in (state_before, state_after) then publicity.rule end, states.rule, sides.changed_rules)
        when severity_before is distinct from severity_after then coalesce(severity.rule, sides.changed_rules)
        else coalesce(own.rule, sides.changed_rules)
    end as rule
from found
cross join given.sides as sides
left join given.rules as publicity on publicity.rule = 'rule publicity_periods'
left join given.rules as states on states.rule = 'rule record_states'
left join given.rules as severity on severity.rule = 'rule penalty_severity'
left join given.rules as own on own.rule = found.rule;

create temp table causes as
with

all_causes as (
    select subject_id, 'registration' as cause, case when class_before = -1 then 'came' when class_after = -1 then 'went' else 'changed' end as change,
        null as via, status_before as was, status_after as stands, null as record_id, null as document_no, null as rule
    from moved
    where class_before = -1 or class_after = -1 or status_before <> status_after
    union all
    select subject_id, 'override', change, meaning, null, null, nullif(record_id, ''), document_no, null
    from hits
    where not by_rule and change <> 'changed' and trigger_kind <> 'registration_status'
        and (trigger_kind <> 'record_category' or (subject_id, record_id) not in (select (subject_id, record_id) from record_moves where rule is not null))
    union all
    select hits.subject_id, 'rule', hits.change, hits.meaning, null, null, nullif(hits.record_id, ''), hits.document_no, coalesce(lists.rule, 'rule overlay')
    from hits
    left join (
        select min(rule) as rule from given.rules where rule in ('rule overlay', 'rule severe_lists')
    ) as lists on true
    where hits.by_rule or hits.change = 'changed'
    union all
    select subject_id, case when rule is null then 'record' else 'rule' end, change, via, category, null, record_id, document_no, rule
    from record_moves
    union all
    -- The same records, other points: the scorecard's rule, or age alone.
    select c.subject_id, case when rules.rule is null then 'record' else 'rule' end, case when c.is_veto then 'veto' when rules.rule is null then 'aged' else 'points' end,
        c.scorecard || '/' || c.characteristic, case when not c.is_veto then cast(c.points_before as varchar) end,
        case when not c.is_veto then cast(c.points_after as varchar) end, null, null, rules.rule
    from characteristics as c
    left join given.rules as rules on rules.rule = 'scorecard ' || c.scorecard
    where c.same_records
    union all
    -- The same points, another grade.
    select cards.subject_id, 'rule', 'grades', 'scorecard ' || cards.scorecard, b.grade, a.grade, null, null, 'scorecard ' || cards.scorecard
    from cards
    inner join before.scores.scorecard_results as b on b.subject_id = cards.subject_id and b.scorecard = cards.scorecard
    inner join after.scores.scorecard_results as a on a.subject_id = cards.subject_id and a.scorecard = cards.scorecard
    where a.score_milli = b.score_milli and a.points_grade <> b.points_grade
    union all
    -- The national grade, which over the same facts only a rule can change.
    select crossed.subject_id, case when sides.same_facts then 'rule' else 'public' end, case when sides.same_facts then 'public_grade' else 'changed' end,
        null, crossed.public_before, crossed.public_after, min(a.record_id), null, case when sides.same_facts then 'rule overlay' end
    from crossed
    cross join given.sides as sides
    inner join before.scores.public_results as b on b.subject_id = crossed.subject_id
    inner join after.scores.public_results as a on a.subject_id = crossed.subject_id
    where crossed.public_before <> crossed.public_after and (a.source = 'national' or b.source = 'national')
    group by crossed.subject_id, crossed.public_before, crossed.public_after, sides.same_facts
    union all
    select crossed.subject_id, 'rule', 'public_source', null, b.source, a.source, null, null, 'rule overlay'
    from crossed
    inner join before.scores.public_results as b on b.subject_id = crossed.subject_id
    inner join after.scores.public_results as a on a.subject_id = crossed.subject_id
    where a.source <> b.source and a.source <> 'national' and b.source <> 'national'
    union all
    -- An imported grade is another one, or came or went with the scheme as it was.
    select crossed.subject_id, case when sides.same_facts then 'rule' else 'industry' end,
        case when sides.same_facts then 'industry_grade' when not crossed.was then 'came' when not crossed.stands then 'went' else 'changed' end,
        crossed.scheme, crossed.grade_before, crossed.grade_after, null, null,
        case when sides.same_facts then coalesce(own.rule, card.rule, sides.changed_rules) end
    from crossed
    cross join given.sides as sides
    inner join before.rules.schemes as b on b.scheme = crossed.scheme
    inner join after.rules.schemes as a on a.scheme = crossed.scheme
    left join given.rules as own on own.rule = 'scheme ' || crossed.scheme
    left join given.rules as card on card.rule = 'scorecard ' || coalesce(a.scorecard, b.scorecard)
    where b.status = a.status and crossed.grade_before is distinct from crossed.grade_after
        and not (crossed.was and crossed.stands and coalesce(a.scorecard, b.scorecard) is not null)
    union all
    select crossed.subject_id, 'rule', case when not crossed.was then 'came' else 'went' end,
        crossed.scheme, coalesce(b.status, 'absent'), coalesce(a.status, 'absent'), null, null, 'scheme ' || crossed.scheme
    from crossed
    left join before.rules.schemes as b on b.scheme = crossed.scheme
    left join after.rules.schemes as a on a.scheme = crossed.scheme
    where crossed.was <> crossed.stands and crossed.scheme <> 'none' and b.status is distinct from a.status
    union all
    -- The same grade at another level, by the scheme's own map.
    select crossed.subject_id, 'rule', 'level', crossed.scheme, cast(crossed.level_before as varchar), cast(crossed.level_after as varchar), null, null, 'scheme ' || crossed.scheme
    from crossed
    left join before.rules.scheme_levels as b on b.scheme = crossed.scheme and b.grade = crossed.grade_before
    left join after.rules.scheme_levels as a on a.scheme = crossed.scheme and a.grade = crossed.grade_after
    where crossed.was and crossed.stands and crossed.grade_before = crossed.grade_after
        and coalesce(b.industry_level, 0) <> coalesce(a.industry_level, 0)
    union all
    -- The cell of the matrix says another class than it did.
    select bearing.subject_id, 'rule', 'matrix', bearing.scheme, cast(b.supervision_class as varchar), cast(bearing.class_after as varchar), null, null, 'rule overlay'
    from bearing
    inner join before.rules.overlay_matrix as b
        on b.public_grade = bearing.public_after and b.industry_level = bearing.level_after
    where bearing.stands and b.supervision_class <> bearing.class_after
),

told as (
    select distinct * from all_causes
    union all
    select moved.subject_id, case when sides.changed_rules is null then 'other' else 'rule' end, 'changed', null, null, null, null, null, sides.changed_rules
    from moved
    cross join given.sides as sides
    where moved.subject_id not in (select subject_id from all_causes)
)

select
    row_number() over (
        partition by told.subject_id
        order by
            case told.cause when 'registration' then 1 when 'override' then 2 when 'record' then 3 when 'public' then 4
                when 'industry' then 5 when 'rule' then 6 else 7 end,
            told.change, told.via, told.rule, told.record_id, told.was, told.stands
    ) as position,
    told.*
from told;

-- Titles of schemes and characteristics, as officials know them.
create temp table words as
select via, min(title) as title
from (
    select scheme as via, title from after.rules.schemes
    union all
    select scheme as via, title from before.rules.schemes
    union all
    select scorecard || '/' || characteristic as via, scorecard_title || '“' || title || '”' as title from after.rules.characteristics
    union all
    select scorecard || '/' || characteristic as via, scorecard_title || '“' || title || '”' as title from before.rules.characteristics
    union all
    select scorecard || '/' || reason_code as via, scorecard_title || '“' || title || '”' as title from after.rules.characteristics
    union all
    select scorecard || '/' || reason_code as via, scorecard_title || '“' || title || '”' as title from before.rules.characteristics
    union all
    select 'scorecard ' || scorecard as via, scorecard_title as title from after.rules.characteristics
    union all
    select 'scorecard ' || scorecard as via, scorecard_title as title from before.rules.characteristics
    union all
    select override_code as via, meaning as title from after.rules.overrides
    union all
    select override_code as via, meaning as title from before.rules.overrides
)
group by via;
