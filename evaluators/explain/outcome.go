package explain

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// tier is what a supervision class means.
type tier struct {
	class int64
	title string
}

type tiers map[int64]tier

// title of a class, "" for none.
func (t tiers) title(class *int64) string {
	if class == nil {
		return ""
	}
	return t[*class].title
}

func (rd *reader) tiers(ctx context.Context) (tiers, error) {
	list, err := collect(ctx, rd.db, "tiers",
		"select supervision_class, class_title from rules.tiers",
		func(rows *sql.Rows, t *tier) error { return rows.Scan(&t.class, &t.title) })
	byClass := tiers{}
	for _, t := range list {
		byClass[t.class] = t
	}
	return byClass, err
}

func (rd *reader) identity(ctx context.Context) (Identity, error) {
	var id Identity
	var record string
	err := rd.db.QueryRow(ctx, `select subjects.subject_id, subjects.subject_id_status, subjects.subject_name, subjects.names_seen,
    coalesce(subjects.entity_type, ''), subjects.established_on, subjects.division_code, coalesce(divisions.division_name, ''),
    coalesce(subjects.industry_code, ''), coalesce(industries.industry_name, ''), subjects.registration_status, subjects.record_id
from intermediate.subjects as subjects
left join ref.divisions as divisions on divisions.division_code = subjects.division_code
left join ref.industries as industries on industries.industry_code = subjects.industry_code
where subjects.subject_id = ?`, rd.subject).Scan(&id.SubjectID, &id.SubjectIDStatus, &id.SubjectName, &id.NamesSeen,
		&id.EntityType, into(&id.EstablishedOn), &id.DivisionCode, &id.DivisionName,
		&id.IndustryCode, &id.IndustryName, &id.RegistrationStatus, &record)
	if err != nil {
		return id, fmt.Errorf("subject: %w", err)
	}
	source, err := rd.source("the subject", record)
	if err != nil {
		return id, err
	}
	if source != nil {
		id.Source = *source
	}
	id.EarlierNames, err = collect(ctx, rd.db, "earlier names", `select subject_name, min(known_from), max(known_to)
from intermediate.subject_history where subject_id = ? and subject_name <> ?
group by subject_name order by min(known_from), subject_name`, func(rows *sql.Rows, n *EarlierName) error {
		return rows.Scan(&n.SubjectName, into(&n.KnownFrom), into(&n.KnownTo))
	}, rd.subject, id.SubjectName)
	return id, err
}

// outcome reads the subject's class and, from the overall list, what it was
// before. A subject that is out of the list has no class.
func (rd *reader) outcome(ctx context.Context, classes tiers) (Outcome, error) {
	var o Outcome
	err := rd.db.QueryRow(ctx, `select classes.supervision_class, classes.matrix_class, classes.deciding_scheme, coalesce(deciding.title, ''),
    coalesce(classes.override_code, ''), classes.is_out, classes.is_marked, classes.is_conflict,
    listed.previous_class, coalesce(listed.change, ''), coalesce(overall.basis, ''),
    listed.check_ratio_bp, listed.max_checks, coalesce(listed.frequency, ''), coalesce(quotas.basis, '')
from overlay.subject_classes as classes
left join rules.schemes as overall on overall.is_overall
left join rules.schemes as deciding on deciding.scheme = classes.deciding_scheme
left join lists.supervision as listed
    on listed.scheme = overall.scheme and listed.department = overall.department and listed.subject_id = ?
left join (select distinct plan, quota_id, basis from rules.inspection_quotas) as quotas
    on quotas.plan = listed.plan and quotas.quota_id = listed.quota_id
where classes.subject_id = ?`, rd.subject, rd.subject).Scan(&o.SupervisionClass, &o.MatrixClass, &o.DecidingScheme, &o.DecidingTitle,
		&o.OverrideCode, &o.IsOut, &o.IsMarked, &o.IsConflict, &o.PreviousClass, &o.Change, &o.Basis,
		&o.CheckRatioBP, &o.MaxChecks, &o.Frequency, &o.CheckBasis)
	if err != nil {
		return o, fmt.Errorf("class: %w", err)
	}
	o.MatrixClassTitle, o.PreviousTitle = classes.title(&o.MatrixClass), classes.title(o.PreviousClass)
	if o.SupervisionClass != nil {
		t, ok := classes[*o.SupervisionClass]
		if !ok {
			return o, fmt.Errorf("supervision class %d has no tier", *o.SupervisionClass)
		}
		o.ClassTitle = t.title
	}
	o.Overrides, err = rd.overrides(ctx, o.OverrideCode)
	return o, err
}

// overrides lists every hit in the order of the rules. Of the hits with the
// deciding code the newest decides, as in overlay.scheme_classes.
func (rd *reader) overrides(ctx context.Context, deciding string) ([]Override, error) {
	list, err := collect(ctx, rd.db, "overrides", `select hits.override_code, hits.effect, hits.supervision_class, hits.meaning, overrides.basis, hits.record_id
from overlay.override_hits as hits
inner join rules.overrides as overrides on overrides.position = hits.position
where hits.subject_id = ?
order by hits.position, hits.event_on desc nulls last, hits.record_id`, func(rows *sql.Rows, o *Override) error {
		return rows.Scan(&o.OverrideCode, &o.Effect, &o.SupervisionClass, &o.Meaning, &o.Basis, &o.Record.RecordID)
	}, rd.subject)
	if err != nil {
		return nil, err
	}
	for i := range list {
		o := &list[i]
		if o.Record, err = rd.cite("override "+o.OverrideCode, o.Record.RecordID); err != nil {
			return nil, err
		}
		o.Decides = deciding == o.OverrideCode && (i == 0 || list[i-1].OverrideCode != deciding)
	}
	if deciding != "" && !slices.ContainsFunc(list, func(o Override) bool { return o.Decides }) {
		return nil, fmt.Errorf("override %s set the class without a hit: %w", deciding, ErrEvidence)
	}
	return list, nil
}

func (rd *reader) public(ctx context.Context) (PublicResult, error) {
	var p PublicResult
	err := rd.db.QueryRow(ctx, `select public_grade, public_evaluated_on, coalesce(result_batch, ''), source, coalesce(record_id, '')
from scores.public_results where subject_id = ?`, rd.subject).Scan(&p.Grade, into(&p.EvaluatedOn), &p.ResultBatch, &p.SourceKind, &p.RecordID)
	if err != nil {
		return p, fmt.Errorf("public result: %w", err)
	}
	p.Source, err = rd.source("the public result", p.RecordID)
	return p, err
}

// schemes lists all industry schemes, also those the subject has no part in.
func (rd *reader) schemes(ctx context.Context, classes tiers, cards []Scorecard) ([]Scheme, error) {
	list, err := collect(ctx, rd.db, "schemes", `select schemes.scheme, schemes.title, schemes.department, schemes.version, schemes.status, schemes.basis,
    coalesce(results.grade, ''), results.industry_level, results.evaluated_on, coalesce(results.record_id, ''),
    classes.matrix_class, classes.supervision_class, coalesce(classes.is_conflict, false)
from rules.schemes as schemes
left join scores.scheme_results as results on results.scheme = schemes.scheme and results.subject_id = $1
left join overlay.scheme_classes as classes on classes.scheme = schemes.scheme and classes.subject_id = $1
where not schemes.is_overall
order by schemes.scheme`, func(rows *sql.Rows, s *Scheme) error {
		return rows.Scan(&s.Scheme, &s.Title, &s.Department, &s.Version, &s.Status, &s.Basis,
			&s.Grade, &s.IndustryLevel, into(&s.EvaluatedOn), &s.RecordID, &s.MatrixClass, &s.SupervisionClass, &s.IsConflict)
	}, rd.subject)
	if err != nil {
		return nil, err
	}
	for i := range list {
		s := &list[i]
		s.ClassTitle = classes.title(s.SupervisionClass)
		if s.Source, err = rd.source("scheme "+s.Scheme, s.RecordID); err != nil {
			return nil, err
		}
		if s.Grade == "" || s.RecordID != "" {
			continue
		}
		card := slices.IndexFunc(cards, func(c Scorecard) bool { return slices.Contains(c.Schemes, s.Scheme) })
		if card < 0 || cards[card].Grade != s.Grade {
			return nil, fmt.Errorf("scheme %s has grade %s from neither a record nor a scorecard: %w", s.Scheme, s.Grade, ErrEvidence)
		}
		s.Scorecard = cards[card].Scorecard
	}
	return list, nil
}
