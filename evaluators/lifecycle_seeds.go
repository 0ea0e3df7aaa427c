package evaluators

import (
	"strings"

	"rongxin/warehouse/run"
)

// lifecycleSeeds are the rules on when a record counts, as tables.
func (s *RuleSet) lifecycleSeeds() []run.Seed {
	return []run.Seed{s.publicitySeed(), s.transitionSeed(), s.stateSeed(), s.exemptionSeed(), s.severeListSeed(),
		s.repairSeed(), s.repairDaysSeed(), s.measureSeed()}
}

// publicitySeed has the periods of every class of record, severe lists among
// them. stated_months bounds an end that the decision states itself; fields, joined
// by semicolons, are those that a line is for.
func (s *RuleSet) publicitySeed() run.Seed {
	seed := run.Seed{Name: "rules.publicity_periods", Columns: columns(
		[2]string{"rule_id", "VARCHAR"}, [2]string{"record_class", "VARCHAR"}, [2]string{"fields", "VARCHAR"},
		[2]string{"min_months", "BIGINT"}, [2]string{"max_months", "BIGINT"}, [2]string{"stated_months", "BIGINT"},
		[2]string{"effective_from", "DATE"}, [2]string{"effective_to", "DATE"}, [2]string{"basis", "VARCHAR"})}
	for _, p := range s.periods {
		seed.Rows = append(seed.Rows, []any{p.ID, p.Class, text(strings.Join(p.Fields, ";")), p.MinMonths, number(p.MaxMonths), number(p.MaxMonths),
			p.EffectiveFrom.Time(), date(p.EffectiveTo), p.Basis})
	}
	for _, l := range s.lists {
		seed.Rows = append(seed.Rows, []any{"PUB-" + l.ID, l.List, nil, number(l.EarlyExitMonths), number(l.TermMonths), number(l.StatedMonths),
			l.EffectiveFrom.Time(), date(l.EffectiveTo), l.Basis})
	}
	return seed
}

func (s *RuleSet) transitionSeed() run.Seed {
	seed := run.Seed{Name: "rules.publicity_transitions", Columns: columns(
		[2]string{"rule_id", "VARCHAR"}, [2]string{"effective_from", "DATE"}, [2]string{"applies", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	for _, t := range s.transitions {
		seed.Rows = append(seed.Rows, []any{t.ID, t.EffectiveFrom.Time(), t.Applies, t.Basis})
	}
	return seed
}

func (s *RuleSet) stateSeed() run.Seed {
	seed := run.Seed{Name: "rules.record_states", Columns: columns(
		[2]string{"position", "BIGINT"}, [2]string{"state", "VARCHAR"}, [2]string{"title", "VARCHAR"},
		[2]string{"counts", "BOOLEAN"}, [2]string{"stop_within", "BIGINT"}, [2]string{"basis", "VARCHAR"})}
	for i, st := range s.states.States {
		seed.Rows = append(seed.Rows, []any{int64(i + 1), st.State, st.Title, st.Counts, number(st.StopWithin), st.Basis})
	}
	return seed
}

func (s *RuleSet) exemptionSeed() run.Seed {
	seed := run.Seed{Name: "rules.exemptions", Columns: columns(
		[2]string{"rule_id", "VARCHAR"}, [2]string{"penalty_kind", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	for _, e := range s.states.Exemptions {
		seed.Rows = append(seed.Rows, []any{e.ID, e.PenaltyKind, e.Basis})
	}
	return seed
}

// severeListSeed has one row a list: the dataset that brings it and the name its
// records go by.
func (s *RuleSet) severeListSeed() run.Seed {
	seed := run.Seed{Name: "rules.severe_lists", Columns: columns(
		[2]string{"dataset", "VARCHAR"}, [2]string{"list", "VARCHAR"}, [2]string{"record_group", "VARCHAR"},
		[2]string{"delete_within", "BIGINT"}, [2]string{"trust", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	for _, l := range s.lists.newest() {
		seed.Rows = append(seed.Rows, []any{l.Dataset, l.List, severeGroup, number(l.DeleteWithin), l.Trust, l.Basis})
	}
	return seed
}

func (s *RuleSet) repairSeed() run.Seed {
	seed := run.Seed{Name: "rules.repair_conditions", Columns: columns(
		[2]string{"rule_id", "VARCHAR"}, [2]string{"record_class", "VARCHAR"}, [2]string{"decided_by", "VARCHAR"},
		[2]string{"conditions", "VARCHAR"}, [2]string{"papers", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	if s.repairs == nil {
		return seed
	}
	for _, c := range s.repairs.Conditions {
		seed.Rows = append(seed.Rows, []any{c.ID, c.Class, c.Decides, strings.Join(c.Require, "；"), strings.Join(c.Papers, "；"), c.Basis})
	}
	return seed
}

// repairDaysSeed has the working days that a repair takes at most.
func (s *RuleSet) repairDaysSeed() run.Seed {
	seed := run.Seed{Name: "rules.repair_days", Columns: columns(
		[2]string{"accept_within", "BIGINT"}, [2]string{"answer_within", "BIGINT"}, [2]string{"city_within", "BIGINT"}, [2]string{"basis", "VARCHAR"})}
	if r := s.repairs; r != nil {
		seed.Rows = append(seed.Rows, []any{r.AcceptWithin, r.AnswerWithin, r.CityWithin, r.Basis})
	}
	return seed
}

// measureSeed has one row a measure and trigger.
func (s *RuleSet) measureSeed() run.Seed {
	seed := run.Seed{Name: "rules.measures", Columns: columns(
		[2]string{"measure_id", "VARCHAR"}, [2]string{"measure_kind", "VARCHAR"}, [2]string{"measure_group", "VARCHAR"},
		[2]string{"title", "VARCHAR"}, [2]string{"trigger_kind", "VARCHAR"}, [2]string{"trigger_value", "VARCHAR"},
		[2]string{"trigger_grade", "VARCHAR"}, [2]string{"applied_by", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	if s.measures == nil {
		return seed
	}
	for _, m := range s.measures.Measures {
		for _, t := range m.For {
			kind, value, grade := t.kind()
			seed.Rows = append(seed.Rows, []any{m.ID, m.Kind, m.Group, m.Title, kind, text(value), text(grade), t.By, t.Basis})
		}
	}
	return seed
}
