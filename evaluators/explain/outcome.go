package explain

import (
	"fmt"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/lookup"
)

func (rd *reader) identity() (Identity, error) {
	type named struct {
		Identity
		record string
	}
	list, err := collect(rd, rd.of("intermediate.subjects", "subject_id", "subject_id_status", "subject_name", "names_seen", "entity_type",
		"established_on", "division_code", "industry_code", "registration_status", "record_id"), func(r lookup.Row, id *named) error {
		return r.Scan(&id.SubjectID, &id.SubjectIDStatus, &id.SubjectName, &id.NamesSeen, &id.EntityType,
			&id.EstablishedOn, &id.DivisionCode, &id.IndustryCode, &id.RegistrationStatus, &id.record)
	})
	found, err := only(list, err, "subject")
	if err != nil {
		return found.Identity, err
	}
	id := found.Identity
	id.DivisionName, id.IndustryName = rd.rules.divisions[id.DivisionCode], rd.rules.industries[id.IndustryCode]
	source, err := rd.source("the subject", found.record)
	if err != nil {
		return id, err
	}
	if source != nil {
		id.Source = *source
	}
	id.EarlierNames, err = rd.earlierNames(id.SubjectName)
	return id, err
}

// earlierNames are the names that are no longer the subject's, each with the
// first and the last day on which the register had it.
func (rd *reader) earlierNames(today string) ([]EarlierName, error) {
	history, err := collect(rd, rd.of("intermediate.subject_history", "subject_name", "known_from", "known_to"), func(r lookup.Row, n *EarlierName) error {
		return r.Scan(&n.SubjectName, &n.KnownFrom, &n.KnownTo)
	})
	names := []EarlierName{}
	for _, n := range history {
		if n.SubjectName == today {
			continue
		}
		i := slices.IndexFunc(names, func(o EarlierName) bool { return o.SubjectName == n.SubjectName })
		if i < 0 {
			names = append(names, n)
			continue
		}
		names[i].KnownFrom, names[i].KnownTo = earlier(names[i].KnownFrom, n.KnownFrom), later(names[i].KnownTo, n.KnownTo)
	}
	slices.SortFunc(names, func(a, b EarlierName) int {
		if c := int(dayOf(a.KnownFrom)) - int(dayOf(b.KnownFrom)); c != 0 {
			return c
		}
		return strings.Compare(a.SubjectName, b.SubjectName)
	})
	return names, err
}

func earlier(a, b *credit.Date) *credit.Date {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}

func later(a, b *credit.Date) *credit.Date {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

// outcome reads the subject's class and, from the overall list, what it was
// before. A subject that is out of the list has no class.
func (rd *reader) outcome(division string) (Outcome, error) {
	list, err := collect(rd, rd.of("overlay.subject_classes", "supervision_class", "matrix_class", "deciding_scheme", "override_code", "is_out",
		"is_marked", "is_conflict"), func(r lookup.Row, o *Outcome) error {
		return r.Scan(&o.SupervisionClass, &o.MatrixClass, &o.DecidingScheme, &o.OverrideCode, &o.IsOut, &o.IsMarked, &o.IsConflict)
	})
	o, err := only(list, err, "class")
	if err != nil {
		return o, err
	}
	if err := rd.listed(&o, division); err != nil {
		return o, err
	}
	rules := rd.rules
	o.DecidingTitle, o.Basis = rules.scheme(o.DecidingScheme).title, rules.overall.basis
	o.MatrixClassTitle, o.PreviousTitle = rules.tiers.title(&o.MatrixClass), rules.tiers.title(o.PreviousClass)
	if o.ClassTitle = rules.tiers.title(o.SupervisionClass); o.SupervisionClass != nil && o.ClassTitle == "" {
		return o, fmt.Errorf("supervision class %d has no tier", *o.SupervisionClass)
	}
	o.Overrides, err = rd.overrides(o.OverrideCode)
	return o, err
}

// listed adds what the overall list says of the subject. It is sorted by
// division, so who is asked for in his own is found at once.
func (rd *reader) listed(o *Outcome, division string) error {
	q := rd.of("lists.supervision", "previous_class", "change", "check_ratio_bp", "max_checks", "frequency", "plan", "quota_id")
	q.Where = append(q.Where, lookup.Equal{Column: "department", Value: rd.rules.overall.department}, lookup.Equal{Column: "scheme", Value: rd.rules.overall.scheme})
	type line struct {
		Outcome
		plan, quota string
	}
	ask := func(q lookup.Question) ([]line, error) {
		return collect(rd, q, func(r lookup.Row, l *line) error {
			return r.Scan(&l.PreviousClass, &l.Change, &l.CheckRatioBP, &l.MaxChecks, &l.Frequency, &l.plan, &l.quota)
		})
	}
	own := q
	own.Where = append(slices.Clone(q.Where), lookup.Equal{Column: "division_code", Value: division})
	lines, err := ask(own)
	if err == nil && len(lines) == 0 { // left the list, perhaps from another division
		lines, err = ask(q)
	}
	if err != nil || len(lines) == 0 {
		return err
	}
	l := lines[0]
	o.PreviousClass, o.Change, o.CheckRatioBP, o.MaxChecks, o.Frequency = l.PreviousClass, l.Change, l.CheckRatioBP, l.MaxChecks, l.Frequency
	o.CheckBasis = rd.rules.quotas[ruleKey(l.plan, l.quota)]
	return nil
}

// overrides lists every hit in the order of the rules. Of the hits with the
// deciding code the newest decides, as in overlay.scheme_classes.
func (rd *reader) overrides(deciding string) ([]Override, error) {
	type hit struct {
		Override
		position int64
		event    *credit.Date
	}
	hits, err := collect(rd, rd.of("overlay.override_hits", "position", "override_code", "effect", "supervision_class", "meaning", "event_on", "record_id"),
		func(r lookup.Row, h *hit) error {
			return r.Scan(&h.position, &h.OverrideCode, &h.Effect, &h.SupervisionClass, &h.Meaning, &h.event, &h.Record.RecordID)
		})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(hits, func(a, b hit) int {
		if c := int(a.position - b.position); c != 0 {
			return c
		}
		if c := int(dayOf(b.event) - dayOf(a.event)); c != 0 {
			return c
		}
		return strings.Compare(a.Record.RecordID, b.Record.RecordID)
	})
	list, decided := []Override{}, false
	for _, h := range hits {
		o := h.Override
		if o.Record, err = rd.cite("override "+o.OverrideCode, o.Record.RecordID); err != nil {
			return nil, err
		}
		o.Basis = rd.rules.overrides[h.position].basis
		o.Decides = deciding == o.OverrideCode && !decided
		decided = decided || o.Decides
		list = append(list, o)
	}
	if deciding != "" && !decided {
		return nil, fmt.Errorf("override %s set the class without a hit: %w", deciding, ErrEvidence)
	}
	return list, nil
}

func (rd *reader) public() (PublicResult, error) {
	list, err := collect(rd, rd.of("scores.public_results", "public_grade", "public_evaluated_on", "public_valid_until", "result_batch", "source", "record_id"),
		func(r lookup.Row, p *PublicResult) error {
			return r.Scan(&p.Grade, &p.EvaluatedOn, &p.ValidUntil, &p.ResultBatch, &p.SourceKind, &p.RecordID)
		})
	p, err := only(list, err, "public result")
	if err != nil {
		return p, err
	}
	p.Source, err = rd.source("the public result", p.RecordID)
	return p, err
}

// schemes lists all industry schemes, also those the subject has no part in.
func (rd *reader) schemes(cards []Scorecard) ([]Scheme, error) {
	results, err := collect(rd, rd.of("scores.scheme_results", "scheme", "grade", "industry_level", "evaluated_on", "valid_until", "record_id"), func(r lookup.Row, s *Scheme) error {
		return r.Scan(&s.Scheme, &s.Grade, &s.IndustryLevel, &s.EvaluatedOn, &s.ValidUntil, &s.RecordID)
	})
	if err != nil {
		return nil, err
	}
	classes, err := collect(rd, rd.of("overlay.scheme_classes", "scheme", "matrix_class", "supervision_class", "is_conflict"), func(r lookup.Row, s *Scheme) error {
		return r.Scan(&s.Scheme, &s.MatrixClass, &s.SupervisionClass, &s.IsConflict)
	})
	if err != nil {
		return nil, err
	}
	list := make([]Scheme, 0, len(rd.rules.schemes))
	for _, rule := range rd.rules.schemes {
		s := Scheme{Scheme: rule.scheme}
		same := func(o Scheme) bool { return o.Scheme == rule.scheme }
		if i := slices.IndexFunc(results, same); i >= 0 {
			s = results[i]
		}
		if s.Grade != "" && s.EvaluatedOn == nil { // computed: of the day of the run
			s.EvaluatedOn = &rd.day
		}
		s.Title, s.Department, s.Version, s.Status, s.Basis = rule.title, rule.department, rule.version, rule.status, rule.basis
		if i := slices.IndexFunc(classes, same); i >= 0 {
			s.MatrixClass, s.SupervisionClass, s.IsConflict = classes[i].MatrixClass, classes[i].SupervisionClass, classes[i].IsConflict
		}
		s.ClassTitle = rd.rules.tiers.title(s.SupervisionClass)
		if s.Source, err = rd.source("scheme "+s.Scheme, s.RecordID); err != nil {
			return nil, err
		}
		if s.Grade != "" && s.RecordID == "" {
			card := slices.IndexFunc(cards, func(c Scorecard) bool { return slices.Contains(c.Schemes, s.Scheme) })
			if card < 0 || cards[card].Grade != s.Grade {
				return nil, fmt.Errorf("scheme %s has grade %s from neither a record nor a scorecard: %w", s.Scheme, s.Grade, ErrEvidence)
			}
			s.Scorecard = cards[card].Scorecard
		}
		list = append(list, s)
	}
	return list, nil
}
