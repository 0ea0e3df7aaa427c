package evaluators

import "rongxin/warehouse/run"

// qualitySeeds are the definitions of data quality as tables.
func (s *RuleSet) qualitySeeds() []run.Seed {
	q := s.quality
	definition := run.Seed{Name: "rules.quality_definition", Columns: columns(
		[2]string{"title", "VARCHAR"}, [2]string{"version", "BIGINT"}, [2]string{"effective_from", "DATE"},
		[2]string{"owner", "VARCHAR"}, [2]string{"basis", "VARCHAR"}, [2]string{"trust", "VARCHAR"},
		[2]string{"coverage_from", "DATE"}),
		Rows: [][]any{{q.Title, int64(q.Version), q.EffectiveFrom.Time(), q.Owner, q.Basis, q.Trust, q.CoverageFrom.Time()}}}

	findings := run.Seed{Name: "rules.quality_findings", Columns: columns(
		[2]string{"finding", "VARCHAR"}, [2]string{"measure", "VARCHAR"}, [2]string{"meaning", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	for _, f := range q.Findings {
		findings.Rows = append(findings.Rows, []any{f.Finding, f.Measure, f.Meaning, f.Basis})
	}

	unanswerable := run.Seed{Name: "rules.quality_unanswerable", Columns: columns(
		[2]string{"finding", "VARCHAR"}, [2]string{"meaning", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	for _, f := range q.Unanswerable {
		unanswerable.Rows = append(unanswerable.Rows, []any{f.Finding, f.Meaning, f.Basis})
	}

	exceptions := run.Seed{Name: "rules.quality_exceptions", Columns: columns(
		[2]string{"exception", "VARCHAR"}, [2]string{"registration_status", "VARCHAR"}, [2]string{"meaning", "VARCHAR"}, [2]string{"basis", "VARCHAR"})}
	for _, e := range q.Exceptions {
		for _, status := range e.Statuses {
			exceptions.Rows = append(exceptions.Rows, []any{e.Exception, status, e.Meaning, e.Basis})
		}
		if len(e.Statuses) == 0 {
			exceptions.Rows = append(exceptions.Rows, []any{e.Exception, nil, e.Meaning, e.Basis})
		}
	}

	reviewed := run.Seed{Name: "rules.quality_reviewed", Columns: columns(
		[2]string{"finding", "VARCHAR"}, [2]string{"subject_id", "VARCHAR"}, [2]string{"effective_from", "DATE"},
		[2]string{"effective_to", "DATE"}, [2]string{"reason", "VARCHAR"}, [2]string{"approver", "VARCHAR"})}
	for _, c := range q.Reviewed {
		reviewed.Rows = append(reviewed.Rows, []any{c.Finding, c.Code, c.From.Time(), date(c.Until), c.Reason, c.Approver})
	}

	statuses := run.Seed{Name: "rules.quality_live_statuses", Columns: columns([2]string{"registration_status", "VARCHAR"})}
	for _, status := range q.Register.LiveStatuses {
		statuses.Rows = append(statuses.Rows, []any{status})
	}
	items := run.Seed{Name: "rules.publication_items", Columns: columns([2]string{"item", "VARCHAR"})}
	for _, item := range q.PublicationItems {
		items.Rows = append(items.Rows, []any{item})
	}

	measures := run.Seed{Name: "rules.quality_measures", Columns: columns(
		[2]string{"position", "BIGINT"}, [2]string{"measure", "VARCHAR"}, [2]string{"title", "VARCHAR"},
		[2]string{"numerator", "VARCHAR"}, [2]string{"denominator", "VARCHAR"}, [2]string{"better", "VARCHAR"},
		[2]string{"goal", "VARCHAR"}, [2]string{"goal_ppm", "BIGINT"}, [2]string{"basis", "VARCHAR"})}
	for i, m := range q.Measures {
		goal, _ := m.goalPPM() // checked when the file was read
		measures.Rows = append(measures.Rows, []any{int64(i + 1), m.Measure, m.Title, text(m.Numerator), text(m.Denominator),
			m.Better, text(m.Goal), goal, m.Basis})
	}
	return []run.Seed{definition, findings, unanswerable, exceptions, reviewed, statuses, items, measures}
}
