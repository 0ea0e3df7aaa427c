package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/lookup"
)

// scorecards takes every score of the subject apart and adds it up again.
func (rd *reader) scorecards() ([]Scorecard, error) {
	type scored struct {
		Scorecard
		veto string
	}
	results, err := collect(rd, rd.of("scores.scorecard_results", "scorecard", "scorecard_version", "score_milli", "points_grade", "grade", "veto_reason_code"),
		func(r lookup.Row, s *scored) error {
			return r.Scan(&s.Scorecard.Scorecard, &s.Version, (*int64)(&s.Score), &s.PointsGrade, &s.Grade, &s.veto)
		})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(results, func(a, b scored) int { return strings.Compare(a.Scorecard.Scorecard, b.Scorecard.Scorecard) })
	proofs, err := rd.proofs()
	if err != nil {
		return nil, err
	}
	lines, err := rd.contributions(proofs)
	if err != nil {
		return nil, err
	}
	vetoes, err := rd.vetoes(proofs)
	if err != nil {
		return nil, err
	}
	cards := []Scorecard{}
	for _, result := range results {
		s, name := result.Scorecard, result.Scorecard.Scorecard
		base, ok := rd.rules.characteristics[ruleKey(name, "base", "BASE")]
		if !ok {
			return nil, fmt.Errorf("scorecard %s: no rule explains it: %w", name, ErrEvidence)
		}
		s.Title, s.IsAdvisory, s.Basis = base.cardTitle, base.isAdvisory, base.basis
		s.Schemes = strings.FieldsFunc(base.schemes, func(r rune) bool { return r == ',' })
		s.Contributions, s.Vetoes = orEmpty(lines[name]), orEmpty(vetoes[name])
		delete(lines, name)
		for _, c := range s.Contributions {
			s.Sum += c.Points
		}
		if s.Sum != s.Score {
			return nil, fmt.Errorf("scorecard %s: the contributions add up to %s points, the score is %s: %w", name, s.Sum, s.Score, ErrEvidence)
		}
		if err := s.decide(result.veto); err != nil {
			return nil, err
		}
		cards = append(cards, s)
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

// A proof is a row of scores.evidence: what a record does on a scorecard.
type proof struct {
	card, kind, characteristic, reason, record string
	file, citation, effect, grade              string
	position                                   int64
	version, points                            *int64
}

func (rd *reader) proofs() ([]proof, error) {
	return collect(rd, rd.of("scores.evidence", "scorecard", "position", "record_id", "kind", "characteristic", "reason_code", "points_milli", "effect", "grade",
		"rule_file", "rule_version", "citation"), func(r lookup.Row, p *proof) error {
		return r.Scan(&p.card, &p.position, &p.record, &p.kind, &p.characteristic, &p.reason, &p.points, &p.effect, &p.grade, &p.file, &p.version, &p.citation)
	})
}

// contributions by scorecard, in the order in which the scorecard names its
// characteristics and then counts the records. Each that names a record must
// have its evidence.
func (rd *reader) contributions(proofs []proof) (map[string][]Contribution, error) {
	type line struct {
		Contribution
		card, record string
		position     int64
	}
	lines, err := collect(rd, rd.of("scores.contributions", "scorecard", "position", "characteristic", "reason_code", "record_id", "points_milli", "missing"),
		func(r lookup.Row, l *line) error {
			return r.Scan(&l.card, &l.position, &l.Characteristic, &l.ReasonCode, &l.record, (*int64)(&l.Points), &l.Missing)
		})
	if err != nil {
		return nil, err
	}
	for i := range lines {
		l := &lines[i]
		rule, ok := rd.rules.characteristics[ruleKey(l.card, l.Characteristic, l.ReasonCode)]
		if !ok {
			return nil, fmt.Errorf("scorecard %s: no rule explains %s: %w", l.card, l.ReasonCode, ErrEvidence)
		}
		l.Title, l.Basis, l.RuleFile, l.RuleVersion = rule.title, rule.basis, rule.file, rule.version
		if l.record == "" {
			continue
		}
		at := slices.IndexFunc(proofs, func(p proof) bool {
			return p.kind == "points" && p.card == l.card && p.position == l.position && p.record == l.record
		})
		if at < 0 || proofs[at].points == nil || Points(*proofs[at].points) != l.Points || proofs[at].version == nil {
			return nil, fmt.Errorf("scorecard %s: the points of %s by record %s have no evidence: %w", l.card, l.ReasonCode, l.record, ErrEvidence)
		}
		l.RuleFile, l.RuleVersion, l.Basis = proofs[at].file, *proofs[at].version, proofs[at].citation
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

// vetoes by scorecard, in the order of its rules.
func (rd *reader) vetoes(proofs []proof) (map[string][]Veto, error) {
	byCard := map[string][]Veto{}
	hits := slices.Clone(proofs)
	slices.SortStableFunc(hits, func(a, b proof) int {
		return cmp.Or(cmp.Compare(a.position, b.position), cmp.Compare(a.record, b.record))
	})
	for _, p := range hits {
		if p.kind != "veto" {
			continue
		}
		v := Veto{ReasonCode: p.reason, Effect: p.effect, Grade: p.grade, Basis: p.citation, RuleFile: p.file,
			Title: rd.rules.characteristics[ruleKey(p.card, p.characteristic, p.reason)].title}
		var err error
		if v.Record, err = rd.cite("scorecard "+p.card+" "+p.reason, p.record); err != nil {
			return nil, err
		}
		byCard[p.card] = append(byCard[p.card], v)
	}
	return byCard, nil
}
