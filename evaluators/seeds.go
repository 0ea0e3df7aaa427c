package evaluators

import (
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/run"
)

// Seeds are the rules in force as tables, so that SQL joins them and analysts
// can read them beside the results.
func (s *RuleSet) Seeds() []run.Seed {
	seeds := []run.Seed{s.severitySeed(), s.resultSeed(), s.publicSeed(), s.matrixSeed(), s.overrideSeed(),
		s.tierSeed(), s.schemeSeed(), s.levelSeed(), s.bandSeed(), s.characteristicSeed()}
	seeds = append(seeds, s.qualitySeeds()...)
	seeds = append(seeds, s.inspectionSeeds()...)
	seeds = append(seeds, s.lifecycleSeeds()...)
	seeds = append(seeds, s.linesSeed())
	seeds[0].Sources = s.sources
	return seeds
}

// columns reads "name TYPE" pairs.
func columns(pairs ...[2]string) []landing.Column {
	list := make([]landing.Column, len(pairs))
	for i, p := range pairs {
		list[i] = landing.Column{Name: p[0], Type: p[1]}
	}
	return list
}

func (s *RuleSet) severitySeed() run.Seed {
	seed := run.Seed{Name: "rules.penalty_severity", Columns: columns(
		[2]string{"priority", "BIGINT"}, [2]string{"rule_id", "VARCHAR"}, [2]string{"penalty_kind", "VARCHAR"},
		[2]string{"fine_from", "BIGINT"}, [2]string{"fine_up_to", "BIGINT"}, [2]string{"severity", "VARCHAR"},
		[2]string{"effective_from", "DATE"}, [2]string{"effective_to", "DATE"}, [2]string{"basis", "VARCHAR"})}
	for i, l := range s.severities {
		seed.Rows = append(seed.Rows, []any{int64(i + 1), l.ID, text(l.PenaltyKind), fen(l.FineFrom), fen(l.FineUpTo),
			l.Severity, l.from.Time(), date(l.to), l.Basis})
	}
	return seed
}

func (s *RuleSet) resultSeed() run.Seed {
	seed := run.Seed{Name: "rules.inspection_results", Columns: columns(
		[2]string{"result_code", "VARCHAR"}, [2]string{"meaning", "VARCHAR"}, [2]string{"is_problem", "BOOLEAN"})}
	for _, r := range s.results.Results {
		seed.Rows = append(seed.Rows, []any{r.Code, r.Meaning, r.Problem})
	}
	return seed
}

// overrideSeed is one row an override, and for severe_list one a list, each with
// the basis of its list.
func (s *RuleSet) overrideSeed() run.Seed {
	seed := run.Seed{Name: "rules.overrides", Columns: columns(
		[2]string{"position", "BIGINT"}, [2]string{"override_code", "VARCHAR"}, [2]string{"trigger_kind", "VARCHAR"},
		[2]string{"trigger_value", "VARCHAR"}, [2]string{"effect", "VARCHAR"}, [2]string{"supervision_class", "BIGINT"},
		[2]string{"meaning", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	for i, o := range s.overlay.Overrides {
		var class any
		if o.SetClass > 0 {
			class = o.SetClass
		}
		add := func(code, when, is, meaning, basis string) {
			seed.Rows = append(seed.Rows, []any{int64(len(seed.Rows) + 1), code, when, text(is), s.overlay.effect(i), class, meaning, basis})
		}
		if o.When != "severe_list" {
			add(o.Code, o.When, o.Is, o.Text, o.Basis)
			continue
		}
		for _, l := range s.lists.newest() {
			add(o.Code+"-"+l.ID, "record_category", l.List, o.Text+l.List, l.Basis)
		}
	}
	return seed
}

func (s *RuleSet) tierSeed() run.Seed {
	seed := run.Seed{Name: "rules.tiers", Columns: columns(
		[2]string{"supervision_class", "BIGINT"}, [2]string{"class_title", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	for _, t := range s.tiers.Tiers {
		seed.Rows = append(seed.Rows, []any{t.Class, t.Title, s.tiers.Basis})
	}
	return seed
}

// characteristicSeed explains every reason code. The scorecard's own title,
// whether it is advisory, and the schemes that take its grade (by comma) stand
// in each of its rows.
func (s *RuleSet) characteristicSeed() run.Seed {
	seed := run.Seed{Name: "rules.characteristics", Columns: columns(
		[2]string{"scorecard", "VARCHAR"}, [2]string{"characteristic", "VARCHAR"}, [2]string{"title", "VARCHAR"},
		[2]string{"reason_code", "VARCHAR"}, [2]string{"each_milli", "BIGINT"}, [2]string{"cap_milli", "BIGINT"},
		[2]string{"veto_grade", "VARCHAR"}, [2]string{"version", "BIGINT"}, [2]string{"basis", "VARCHAR"},
		[2]string{"scorecard_title", "VARCHAR"}, [2]string{"is_advisory", "BOOLEAN"}, [2]string{"schemes", "VARCHAR"},
		[2]string{"kind", "VARCHAR"}, [2]string{"rule_file", "VARCHAR"})}
	for _, card := range s.Scorecards {
		file := s.fileOf("scorecard " + card.Name)
		schemes := text(strings.Join(s.schemesOf(card.Name), ","))
		add := func(name, title, reason string, each, limit *Points, veto any, basis, kind string) {
			seed.Rows = append(seed.Rows, []any{card.Name, name, title, reason, thousandths(each), thousandths(limit), veto, int64(card.Version), basis,
				card.Title, card.Advisory, schemes, kind, file})
		}
		add("base", "基础分", "BASE", &card.BasePoints, nil, nil, card.Basis, "base")
		for _, c := range card.Characteristics {
			add(c.Name, c.Title, c.ReasonCode, c.Each, c.Cap, nil, c.Basis, c.Kind())
		}
		if card.Lowest != nil || card.Highest != nil {
			add("bounds", "得分上下限", "BOUNDS", nil, nil, nil, card.Basis, "bounds")
		}
		for _, v := range card.Vetoes {
			effect, grade := v.effect(card)
			add(v.Name, v.Title, v.ReasonCode, nil, v.Score, grade, v.Basis, "veto/"+effect)
		}
	}
	return seed
}

// fileOf is the file of a rule, as sources name it.
func (s *RuleSet) fileOf(rule string) string {
	i := slices.IndexFunc(s.sources, func(source run.Source) bool { return source.Rule == rule })
	if i < 0 {
		return ""
	}
	return s.sources[i].File
}

// schemesOf names the schemes that take the grade of a scorecard.
func (s *RuleSet) schemesOf(card string) []string {
	var names []string
	for _, c := range s.Schemes {
		if c.Computed != nil && c.Computed.Scorecard == card {
			names = append(names, c.Name)
		}
	}
	return names
}

// thousandths is NULL where there are no points.
func thousandths(points *Points) any {
	if points == nil {
		return nil
	}
	return int64(*points)
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func number(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

// fen turns 元 into fen.
func fen(yuan *int64) any {
	if yuan == nil {
		return nil
	}
	return *yuan * 100
}

func date(d *credit.Date) any {
	if d == nil {
		return nil
	}
	return d.Time()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func milli(points int64) int64 { return points * 1000 }
