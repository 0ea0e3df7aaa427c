package evaluators

import (
	"slices"

	"rongxin/warehouse/run"
)

func (s *RuleSet) matrixSeed() run.Seed {
	seed := run.Seed{Name: "rules.overlay_matrix", Columns: columns(
		[2]string{"public_grade", "VARCHAR"}, [2]string{"industry_level", "BIGINT"},
		[2]string{"level_used", "BIGINT"}, [2]string{"supervision_class", "BIGINT"}, [2]string{"is_conflict", "BOOLEAN"})}
	for _, grade := range publicGrades {
		for i := range s.overlay.Matrix[grade] {
			level := int64(i+1) % 5 // the fifth column is "no industry result", level 0
			used := s.overlay.levelUsed(grade, level)
			class := s.overlay.Matrix[grade][(used+4)%5]
			seed.Rows = append(seed.Rows, []any{grade, level, used, class, used != level})
		}
	}
	return seed
}

// publicSeed is the one row that says where the public grade comes from.
func (s *RuleSet) publicSeed() run.Seed {
	p := s.overlay.Public
	return run.Seed{Name: "rules.public_source", Columns: columns(
		[2]string{"source", "VARCHAR"}, [2]string{"valid_months", "BIGINT"}, [2]string{"fallback", "VARCHAR"}),
		Rows: [][]any{{p.Source, p.ValidMonths, p.Fallback}}}
}

// schemeSeed lists the schemes, and the overall list as one of them.
func (s *RuleSet) schemeSeed() run.Seed {
	seed := run.Seed{Name: "rules.schemes", Columns: columns(
		[2]string{"scheme", "VARCHAR"}, [2]string{"title", "VARCHAR"}, [2]string{"department", "VARCHAR"},
		[2]string{"version", "BIGINT"}, [2]string{"status", "VARCHAR"}, [2]string{"is_overall", "BOOLEAN"},
		[2]string{"publication_range", "VARCHAR"}, [2]string{"basis", "VARCHAR"},
		[2]string{"scorecard", "VARCHAR"},                                    // where the grade is computed
		[2]string{"dataset", "VARCHAR"}, [2]string{"valid_months", "BIGINT"}, // where it is imported
		[2]string{"adjusts", "BOOLEAN"}, [2]string{"trust", "VARCHAR"})} // adjusts: the scorecard takes the imported result itself
	l := s.tiers.List
	seed.Rows = append(seed.Rows, []any{l.Scheme, l.Title, l.Department, int64(s.overlay.Version), "active", true, l.PublicationRange, s.overlay.Basis,
		nil, nil, nil, false, s.overlay.Trust})
	for _, c := range s.Schemes {
		var card, dataset, months any
		if c.Computed != nil {
			card = c.Computed.Scorecard
		}
		if c.Imported != nil {
			dataset, months = c.Imported.Dataset, c.Imported.ValidMonths
		}
		seed.Rows = append(seed.Rows, []any{c.Name, c.Title, c.Department, int64(c.Version), c.statusOn(s.day), false, l.PublicationRange, c.Basis,
			card, dataset, months, s.adjusts(c), c.Trust})
	}
	return seed
}

// adjusts tells a scheme whose scorecard takes the scheme's own imported result.
func (s *RuleSet) adjusts(c *Scheme) bool {
	if c.Computed == nil {
		return false
	}
	card := s.scorecard(c.Computed.Scorecard)
	return card != nil && slices.ContainsFunc(card.Characteristics, func(ch Characteristic) bool { return ch.Result == c.Name })
}

func (s *RuleSet) levelSeed() run.Seed {
	seed := run.Seed{Name: "rules.scheme_levels", Columns: columns(
		[2]string{"scheme", "VARCHAR"}, [2]string{"grade", "VARCHAR"}, [2]string{"industry_level", "BIGINT"})}
	for _, c := range s.Schemes {
		for _, grade := range sortedKeys(c.Levels) {
			seed.Rows = append(seed.Rows, []any{c.Name, grade, c.Levels[grade]})
		}
	}
	return seed
}

func (s *RuleSet) bandSeed() run.Seed {
	seed := run.Seed{Name: "rules.grade_scores", Columns: columns(
		[2]string{"scheme", "VARCHAR"}, [2]string{"grade", "VARCHAR"},
		[2]string{"from_milli", "BIGINT"}, [2]string{"below_milli", "BIGINT"})}
	for _, c := range s.Schemes {
		for _, b := range c.ScoreBands {
			from, below, _ := b.milli() // checked when the file was read
			seed.Rows = append(seed.Rows, []any{c.Name, b.Grade, from, below})
		}
	}
	return seed
}
