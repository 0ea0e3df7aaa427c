package explain

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/engine"
)

// scorecards takes every score of the subject apart and adds it up again.
func (rd *reader) scorecards(ctx context.Context) ([]Scorecard, error) {
	var deciding []string
	cards, err := collect(ctx, rd.db, "scorecards", `select results.scorecard, base.scorecard_title, base.is_advisory, coalesce(base.schemes, ''),
    results.scorecard_version, base.basis, results.score_milli, results.points_grade, results.grade, coalesce(results.veto_reason_code, '')
from scores.scorecard_results as results
inner join rules.characteristics as base on base.scorecard = results.scorecard and base.characteristic = 'base'
where results.subject_id = ?
order by results.scorecard`, func(rows *sql.Rows, s *Scorecard) error {
		var schemes, veto string
		if err := rows.Scan(&s.Scorecard, &s.Title, &s.IsAdvisory, &schemes, &s.Version, &s.Basis, &s.Score, &s.PointsGrade, &s.Grade, &veto); err != nil {
			return err
		}
		s.Schemes = strings.FieldsFunc(schemes, func(r rune) bool { return r == ',' })
		deciding = append(deciding, veto)
		return nil
	}, rd.subject)
	if err != nil {
		return nil, err
	}
	lines, err := rd.contributions(ctx)
	if err != nil {
		return nil, err
	}
	vetoes, err := rd.vetoes(ctx)
	if err != nil {
		return nil, err
	}
	for i := range cards {
		s := &cards[i]
		s.Contributions, s.Vetoes = orEmpty(lines[s.Scorecard]), orEmpty(vetoes[s.Scorecard])
		delete(lines, s.Scorecard)
		for _, c := range s.Contributions {
			s.Sum += c.Points
		}
		if s.Sum != s.Score {
			return nil, fmt.Errorf("scorecard %s: the contributions add up to %s points, the score is %s: %w", s.Scorecard, s.Sum, s.Score, ErrEvidence)
		}
		if err := s.decide(deciding[i]); err != nil {
			return nil, err
		}
	}
	for card := range lines {
		return nil, fmt.Errorf("scorecard %s has contributions and no score: %w", card, ErrEvidence)
	}
	return cards, nil
}

// decide marks the veto that set the grade.
func (s *Scorecard) decide(reason string) error {
	i := slices.IndexFunc(s.Vetoes, func(v Veto) bool { return v.ReasonCode == reason && v.Grade == s.Grade })
	if i >= 0 {
		s.Vetoes[i].Decides = true
	}
	if (reason != "") != (i >= 0) || reason == "" && s.Grade != s.PointsGrade {
		return fmt.Errorf("scorecard %s: grade %s by points, %s in the end, veto %q: %w", s.Scorecard, s.PointsGrade, s.Grade, reason, ErrEvidence)
	}
	return nil
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// contributions by scorecard, in the order in which the scorecard names its
// characteristics and then counts the records.
func (rd *reader) contributions(ctx context.Context) (map[string][]Contribution, error) {
	type line struct {
		Contribution
		card, record string
		position     int64
	}
	lines, err := collect(ctx, rd.db, "contributions", `select lines.scorecard, lines.position, lines.characteristic, lines.reason_code, lines.record_id,
    lines.points_milli, coalesce(rules.title, ''), coalesce(rules.basis, '')
from scores.contributions as lines
left join rules.characteristics as rules
    on rules.scorecard = lines.scorecard and rules.characteristic = lines.characteristic and rules.reason_code = lines.reason_code
where lines.subject_id = ?`, func(rows *sql.Rows, l *line) error {
		return rows.Scan(&l.card, &l.position, &l.Characteristic, &l.ReasonCode, &l.record, &l.Points, &l.Title, &l.Basis)
	}, rd.subject)
	if err != nil {
		return nil, err
	}
	for i := range lines {
		l := &lines[i]
		if l.Basis == "" {
			return nil, fmt.Errorf("scorecard %s: no rule explains %s: %w", l.card, l.ReasonCode, ErrEvidence)
		}
		if l.record == "" {
			continue
		}
		record, err := rd.cite("scorecard "+l.card+" "+l.ReasonCode, l.record)
		if err != nil {
			return nil, err
		}
		l.Record = &record
	}
	slices.SortFunc(lines, func(a, b line) int {
		if c := cmp.Or(cmp.Compare(a.card, b.card), cmp.Compare(a.position, b.position)); c != 0 || a.Record == nil || b.Record == nil {
			return c
		}
		return cmp.Or(cmp.Compare(dayOf(a.Record.EventOn), dayOf(b.Record.EventOn)), cmp.Compare(a.Record.RecordID, b.Record.RecordID))
	})
	byCard := map[string][]Contribution{}
	for _, l := range lines {
		byCard[l.card] = append(byCard[l.card], l.Contribution)
	}
	return byCard, nil
}

func (rd *reader) vetoes(ctx context.Context) (map[string][]Veto, error) {
	type hit struct {
		Veto
		card string
	}
	hits, err := collect(ctx, rd.db, "vetoes", `select hits.scorecard, hits.reason_code, hits.grade, hits.record_id, rules.title, rules.basis
from scores.vetoes as hits
inner join rules.characteristics as rules
    on rules.scorecard = hits.scorecard and rules.reason_code = hits.reason_code and rules.veto_grade is not null
where hits.subject_id = ?
order by hits.severity desc, hits.reason_code, hits.record_id`, func(rows *sql.Rows, h *hit) error {
		return rows.Scan(&h.card, &h.ReasonCode, &h.Grade, &h.Record.RecordID, &h.Title, &h.Basis)
	}, rd.subject)
	if err != nil {
		return nil, err
	}
	byCard := map[string][]Veto{}
	for _, h := range hits {
		if h.Record, err = rd.cite("scorecard "+h.card+" "+h.ReasonCode, h.Record.RecordID); err != nil {
			return nil, err
		}
		byCard[h.card] = append(byCard[h.card], h.Veto)
	}
	return byCard, nil
}

// CheckAll holds every score of the run against its evidence: the contributions
// add up to it, and each contribution that names a record names one that is
// there and counts. It returns the number of subjects and the codes of those
// for which this fails, in order.
func CheckAll(ctx context.Context, db *engine.DB) (subjects int64, bad []string, err error) {
	if err := db.QueryRow(ctx, "select count(*) from intermediate.subjects").Scan(&subjects); err != nil {
		return 0, nil, fmt.Errorf("count subjects: %w", err)
	}
	parts := []string{"select subject_id, record_id from intermediate.record_states where state = '" + inForce + "'"}
	for _, o := range origins() {
		parts = append(parts, "select subject_id, record_id from "+o.table)
	}
	bad, err = collect(ctx, db, "check scores", `with

sums as (
    select subject_id, scorecard, cast(sum(points_milli) as bigint) as sum_milli
    from scores.contributions
    group by subject_id, scorecard
),

citable as (
    `+strings.Join(parts, "\n    union all\n    ")+`
)

select coalesce(sums.subject_id, results.subject_id) as subject_id
from sums
full join scores.scorecard_results as results
    on results.subject_id = sums.subject_id and results.scorecard = sums.scorecard
where sums.sum_milli is distinct from results.score_milli
union
select lines.subject_id
from scores.contributions as lines
left join citable
    on citable.subject_id = lines.subject_id and citable.record_id = lines.record_id
where lines.record_id <> '' and citable.record_id is null
order by subject_id`, func(rows *sql.Rows, code *string) error { return rows.Scan(code) })
	return subjects, bad, err
}
