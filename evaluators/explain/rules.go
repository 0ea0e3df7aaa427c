package explain

import (
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/lookup"
)

// ruleBook is the small tables of a run: the rules it judged by and the names
// of divisions and industries. Each is read whole, once.
type ruleBook struct {
	tiers           tiers
	schemes         []schemeRule // industry schemes by name
	overall         schemeRule
	characteristics map[string]characteristicRule // by scorecard, characteristic and reason code
	overrides       map[int64]overrideRule        // by position
	severities      map[string]string             // citations by rule
	periods         map[string]string
	quotas          map[string]string // by plan and line
	states          map[string]string // in Chinese
	divisions       map[string]string
	industries      map[string]string
	results         []resultRule
	repairs         map[string]repairRule // by class of record, or its group
	matrix          []MatrixCell
	levels          []Level  // the grades of the industry schemes
	repairDays      [2]int64 // working days until a repair is taken up, and until it is decided
}

// repairRule is what it takes to have a record repaired.
type repairRule struct{ class, decidedBy, conditions, papers, basis string }

// Level is a grade of a scheme on the common scale, 1 best to 4.
type Level struct {
	Scheme, Grade string
	Level         int64
}

// tiers are the titles of the supervision classes.
type tiers map[int64]string

// title of a class, "" for none.
func (t tiers) title(class *int64) string {
	if class == nil {
		return ""
	}
	return t[*class]
}

type schemeRule struct {
	scheme, title, department, status, basis, scorecard string
	version                                             int64
	isOverall                                           bool
}

type characteristicRule struct {
	scorecard, name, title, reason, basis, cardTitle, schemes, file string
	version                                                         int64
	isAdvisory                                                      bool
}

func (c characteristicRule) key() string { return ruleKey(c.scorecard, c.name, c.reason) }

func ruleKey(parts ...string) string { return strings.Join(parts, "\x00") }

type overrideRule struct {
	position                           int64
	code, kind, value, effect, meaning string
	basis                              string
}

type resultRule struct{ code, meaning string }

func readRules(source Lookup) (*ruleBook, error) {
	b := &ruleBook{tiers: tiers{}}
	type pair struct{ key, value string }
	pairs := func(into *map[string]string, table, key, value string) error {
		list, err := collect(source, all(table, key, value), func(r lookup.Row, p *pair) error { return r.Scan(&p.key, &p.value) })
		*into = make(map[string]string, len(list))
		for _, p := range list {
			(*into)[p.key] = p.value
		}
		return err
	}
	for _, each := range []func() error{
		func() error { return pairs(&b.severities, "rules.penalty_severity", "rule_id", "basis") },
		func() error { return pairs(&b.periods, "rules.publicity_periods", "rule_id", "basis") },
		func() error { return pairs(&b.states, "rules.record_states", "state", "title") },
		func() error { return pairs(&b.divisions, "ref.divisions", "division_code", "division_name") },
		func() error { return pairs(&b.industries, "ref.industries", "industry_code", "industry_name") },
		func() error { return b.readTiers(source) },
		func() error { return b.readSchemes(source) },
		func() error { return b.readCharacteristics(source) },
		func() error { return b.readOverrides(source) },
		func() error { return b.readQuotas(source) },
		func() error { return b.readRepairs(source) },
		func() (err error) {
			b.matrix, err = collect(source, all("rules.overlay_matrix", "public_grade", "industry_level", "supervision_class"), func(r lookup.Row, m *MatrixCell) error {
				return r.Scan(&m.PublicGrade, &m.IndustryLevel, &m.Class)
			})
			slices.SortFunc(b.matrix, byGrade)
			return err
		},
		func() (err error) {
			b.levels, err = collect(source, all("rules.scheme_levels", "scheme", "grade", "industry_level"), func(r lookup.Row, l *Level) error {
				return r.Scan(&l.Scheme, &l.Grade, &l.Level)
			})
			return err
		},
		func() (err error) {
			b.results, err = collect(source, all("rules.inspection_results", "result_code", "meaning"), func(r lookup.Row, v *resultRule) error {
				return r.Scan(&v.code, &v.meaning)
			})
			return err
		},
	} {
		if err := each(); err != nil {
			return nil, fmt.Errorf("rules of the run: %w", err)
		}
	}
	return b, nil
}

func (b *ruleBook) readTiers(source Lookup) error {
	type tier struct {
		class int64
		title string
	}
	list, err := collect(source, all("rules.tiers", "supervision_class", "class_title"), func(r lookup.Row, t *tier) error {
		return r.Scan(&t.class, &t.title)
	})
	for _, t := range list {
		b.tiers[t.class] = t.title
	}
	return err
}

func (b *ruleBook) readSchemes(source Lookup) error {
	list, err := collect(source, all("rules.schemes", "scheme", "title", "department", "version", "status", "is_overall", "basis", "scorecard"),
		func(r lookup.Row, s *schemeRule) error {
			return r.Scan(&s.scheme, &s.title, &s.department, &s.version, &s.status, &s.isOverall, &s.basis, &s.scorecard)
		})
	for _, s := range list {
		if s.isOverall {
			b.overall = s
		} else {
			b.schemes = append(b.schemes, s)
		}
	}
	slices.SortFunc(b.schemes, func(x, y schemeRule) int { return strings.Compare(x.scheme, y.scheme) })
	return err
}

// scheme is the rule of an industry scheme; one that is gone has no title.
func (b *ruleBook) scheme(name string) schemeRule {
	for _, s := range b.schemes {
		if s.scheme == name {
			return s
		}
	}
	return schemeRule{scheme: name}
}

func (b *ruleBook) readCharacteristics(source Lookup) error {
	list, err := collect(source, all("rules.characteristics", "scorecard", "characteristic", "title", "reason_code", "version", "basis",
		"scorecard_title", "is_advisory", "schemes", "rule_file"), func(r lookup.Row, c *characteristicRule) error {
		return r.Scan(&c.scorecard, &c.name, &c.title, &c.reason, &c.version, &c.basis, &c.cardTitle, &c.isAdvisory, &c.schemes, &c.file)
	})
	b.characteristics = make(map[string]characteristicRule, len(list))
	for _, c := range list {
		b.characteristics[c.key()] = c
	}
	return err
}

func (b *ruleBook) readOverrides(source Lookup) error {
	list, err := collect(source, all("rules.overrides", "position", "override_code", "trigger_kind", "trigger_value", "effect", "meaning", "basis"),
		func(r lookup.Row, o *overrideRule) error {
			return r.Scan(&o.position, &o.code, &o.kind, &o.value, &o.effect, &o.meaning, &o.basis)
		})
	b.overrides = make(map[int64]overrideRule, len(list))
	for _, o := range list {
		b.overrides[o.position] = o
	}
	return err
}

func (b *ruleBook) readQuotas(source Lookup) error {
	list, err := collect(source, all("rules.inspection_quotas", "plan", "quota_id", "basis"), func(r lookup.Row, q *[3]string) error {
		return r.Scan(&q[0], &q[1], &q[2])
	})
	b.quotas = make(map[string]string, len(list))
	for _, q := range list {
		b.quotas[ruleKey(q[0], q[1])] = q[2]
	}
	return err
}

func (b *ruleBook) readRepairs(source Lookup) error {
	list, err := collect(source, all("rules.repair_conditions", "record_class", "decided_by", "conditions", "papers", "basis"), func(r lookup.Row, c *repairRule) error {
		return r.Scan(&c.class, &c.decidedBy, &c.conditions, &c.papers, &c.basis)
	})
	if err != nil {
		return err
	}
	b.repairs = make(map[string]repairRule, len(list))
	for _, c := range list {
		b.repairs[c.class] = c
	}
	days, err := collect(source, all("rules.repair_days", "accept_within", "answer_within"), func(r lookup.Row, d *[2]int64) error {
		return r.Scan(&d[0], &d[1])
	})
	if err == nil && len(days) > 0 {
		b.repairDays = days[0]
	}
	return err
}

// repair is the rule on repairing a record; none for a class that has none.
func (b *ruleBook) repair(r Record) (repairRule, bool) {
	for _, class := range []string{r.RecordClass, r.Category, r.RecordGroup} {
		if rule, ok := b.repairs[class]; ok {
			return rule, true
		}
	}
	return repairRule{}, false
}

// better are the grades of a scheme one level above and up, the nearest first;
// of a level the first by name stands for all.
func (b *ruleBook) better(scheme string, level int64) (list []Graded) {
	for up := level - 1; up >= 1; up-- {
		var grades []string
		for _, l := range b.levels {
			if l.Scheme == scheme && l.Level == up {
				grades = append(grades, l.Grade)
			}
		}
		if len(grades) > 0 {
			list = append(list, Graded{Grade: slices.Min(grades), Level: up})
		}
	}
	return list
}

// result says in words what the codes of an inspection mean, 1;3 for instance.
func (b *ruleBook) result(codes string) string {
	var words []string
	for _, code := range strings.Split(codes, ";") {
		for _, r := range b.results {
			if r.code == code {
				words = append(words, r.meaning)
			}
		}
	}
	return strings.Join(words, "；")
}
