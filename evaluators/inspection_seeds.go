package evaluators

import (
	"fmt"

	"rongxin/internal/credit"
	"rongxin/warehouse/run"
)

// inspectionSeeds are the inspection plans in force as tables.
func (s *RuleSet) inspectionSeeds() []run.Seed {
	plans := run.Seed{Name: "rules.inspection_plans", Columns: columns(
		[2]string{"plan", "VARCHAR"}, [2]string{"title", "VARCHAR"}, [2]string{"version", "BIGINT"},
		[2]string{"effective_from", "DATE"}, [2]string{"owner", "VARCHAR"}, [2]string{"basis", "VARCHAR"}, [2]string{"trust", "VARCHAR"},
		[2]string{"period", "VARCHAR"}, [2]string{"period_from", "DATE"}, [2]string{"period_to", "DATE"},
		[2]string{"control_share_bp", "BIGINT"}, [2]string{"inspectors_per_object", "BIGINT"}, [2]string{"spares", "BIGINT"},
		[2]string{"publish_within_working_days", "BIGINT"})}
	for _, p := range s.Plans {
		name, from, to := period(p.Period, s.day)
		share, _ := basisPoints(p.Control.Share) // checked when the file was read
		plans.Rows = append(plans.Rows, []any{p.Name, p.Title, int64(p.Version), p.EffectiveFrom.Time(), p.Owner, p.Basis, p.Trust,
			name, from.Time(), to.Time(), share, p.Inspectors.PerObject, p.Inspectors.Spares, p.Publish.WorkingDays})
	}
	return []run.Seed{plans, s.planSchemeSeed(), s.quotaSeed(), s.conflictSeed(), s.exclusionSeed(), s.jointSeed(), s.initiatorSeed()}
}

// period names the month, quarter or year of a day, such as 2026-Q2, and gives
// its first and last day.
func period(kind string, day credit.Date) (name string, from, to credit.Date) {
	y, m, _ := day.YMD()
	switch kind {
	case "month":
		from = credit.NewDate(y, m, 1)
		return from.String()[:7], from, from.AddMonths(1).AddDays(-1)
	case "quarter":
		quarter := (m-1)/3 + 1
		from = credit.NewDate(y, 3*quarter-2, 1)
		return fmt.Sprintf("%d-Q%d", y, quarter), from, from.AddMonths(3).AddDays(-1)
	default:
		return fmt.Sprint(y), credit.NewDate(y, 1, 1), credit.NewDate(y, 12, 31)
	}
}

// planSchemeSeed gives each list, the overall one included, its plan.
func (s *RuleSet) planSchemeSeed() run.Seed {
	seed := run.Seed{Name: "rules.inspection_plan_schemes", Columns: columns(
		[2]string{"scheme", "VARCHAR"}, [2]string{"plan", "VARCHAR"})}
	names := []string{s.tiers.List.Scheme}
	for _, c := range s.Schemes {
		names = append(names, c.Name)
	}
	for _, name := range names {
		seed.Rows = append(seed.Rows, []any{name, s.planOf(name).Name})
	}
	return seed
}

// quotaSeed has one row for each class, industry and risk class of a line; NULL
// is any. Of the rows that fit a subject that with the least position decides.
func (s *RuleSet) quotaSeed() run.Seed {
	seed := run.Seed{Name: "rules.inspection_quotas", Columns: columns(
		[2]string{"plan", "VARCHAR"}, [2]string{"position", "BIGINT"}, [2]string{"quota_id", "VARCHAR"},
		[2]string{"supervision_class", "BIGINT"}, [2]string{"industry_section", "VARCHAR"}, [2]string{"industry_division", "VARCHAR"},
		[2]string{"risk_class", "VARCHAR"}, [2]string{"ratio_min_bp", "BIGINT"}, [2]string{"check_ratio_bp", "BIGINT"},
		[2]string{"max_checks", "BIGINT"}, [2]string{"minimum", "BIGINT"}, [2]string{"frequency", "VARCHAR"},
		[2]string{"trust", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	for _, p := range s.Plans {
		for i, q := range p.Quotas {
			least, _ := basisPoints(q.RatioMin) // checked when the file was read
			ratio, _ := basisPoints(q.Ratio)
			for _, class := range q.Classes {
				for _, industry := range orAny(q.Industries) {
					section, division := text(industry), any(nil)
					if len(industry) == 2 {
						section, division = nil, industry
					}
					for _, risk := range orAny(q.RiskClasses) {
						seed.Rows = append(seed.Rows, []any{p.Name, int64(i + 1), q.ID, class, section, division, text(risk),
							least, ratio, q.MaxChecks, q.Minimum, q.Frequency, q.Trust, q.Basis})
					}
				}
			}
		}
	}
	return seed
}

// orAny is the list, or one empty text for any.
func orAny(list []string) []string {
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

func (s *RuleSet) conflictSeed() run.Seed {
	seed := run.Seed{Name: "rules.inspection_conflicts", Columns: columns(
		[2]string{"plan", "VARCHAR"}, [2]string{"conflict", "VARCHAR"}, [2]string{"months", "BIGINT"},
		[2]string{"meaning", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	for _, p := range s.Plans {
		for _, c := range p.Inspectors.Conflicts {
			seed.Rows = append(seed.Rows, []any{p.Name, c.Conflict, positive(c.Months), c.Text, c.Basis})
		}
	}
	return seed
}

// exclusionSeed has one row for each condition of an exclusion: months since the
// foundation, a registration status, a result of the last inspection, or a class
// with a risk class, NULL being any. A cap has no condition of its own.
func (s *RuleSet) exclusionSeed() run.Seed {
	seed := run.Seed{Name: "rules.inspection_exclusions", Columns: columns(
		[2]string{"plan", "VARCHAR"}, [2]string{"position", "BIGINT"}, [2]string{"exclusion", "VARCHAR"},
		[2]string{"months", "BIGINT"}, [2]string{"registration_status", "VARCHAR"}, [2]string{"result_code", "VARCHAR"},
		[2]string{"supervision_class", "BIGINT"}, [2]string{"risk_class", "VARCHAR"},
		[2]string{"meaning", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	for _, p := range s.Plans {
		for i, e := range p.Exclusions {
			add := func(status, result, class, risk any) {
				seed.Rows = append(seed.Rows, []any{p.Name, int64(i + 1), e.Exclusion, positive(e.Months), status, result, class, risk, e.Text, e.Basis})
			}
			for _, status := range e.Statuses {
				add(status, nil, nil, nil)
			}
			for _, code := range e.Results {
				add(nil, code, nil, nil)
			}
			for _, class := range e.Classes {
				for _, risk := range orAny(e.RiskClasses) {
					add(nil, nil, class, text(risk))
				}
			}
			if len(e.Statuses)+len(e.Results)+len(e.Classes) == 0 {
				add(nil, nil, nil, nil)
			}
		}
	}
	return seed
}

func (s *RuleSet) jointSeed() run.Seed {
	seed := run.Seed{Name: "rules.inspection_joint_caps", Columns: columns(
		[2]string{"plan", "VARCHAR"}, [2]string{"supervision_class", "BIGINT"}, [2]string{"max_visits", "BIGINT"}, [2]string{"basis", "VARCHAR"})}
	for _, p := range s.Plans {
		for _, class := range classes {
			seed.Rows = append(seed.Rows, []any{p.Name, class, p.Joint.MaxVisits[class], p.Joint.Basis})
		}
	}
	return seed
}

func (s *RuleSet) initiatorSeed() run.Seed {
	seed := run.Seed{Name: "rules.inspection_initiators", Columns: columns(
		[2]string{"plan", "VARCHAR"}, [2]string{"position", "BIGINT"}, [2]string{"department", "VARCHAR"})}
	for _, p := range s.Plans {
		for i, department := range p.Joint.Initiators {
			seed.Rows = append(seed.Rows, []any{p.Name, int64(i + 1), department})
		}
	}
	return seed
}

func positive(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}
