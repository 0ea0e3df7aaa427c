package workbook

import (
	"context"
	"fmt"
	"time"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
)

// A head is what every file of a run says about the run.
type head struct {
	asOf     credit.Date
	runID    string
	ruleSet  string
	previous string // run the changes are against; empty for the first
}

func readHead(ctx context.Context, db *engine.DB) (head, error) {
	var h head
	var asOf time.Time
	err := db.QueryRow(ctx, "select as_of, run_id, rule_set, coalesce(previous_run_id, '') from run.parameters").
		Scan(&asOf, &h.runID, &h.ruleSet, &h.previous)
	if err != nil {
		return h, fmt.Errorf("run.parameters: %w", err)
	}
	year, month, day := asOf.Date()
	h.asOf = credit.NewDate(year, int(month), day)
	return h, nil
}

// A tier is a supervision class.
type tier struct {
	class int64
	title string
	basis string
}

// readTiers returns the classes, the strictest first: that is the order in
// which an inspector works.
func readTiers(ctx context.Context, db *engine.DB) ([]tier, error) {
	rows, err := db.Query(ctx, "select supervision_class, class_title, basis from rules.tiers order by supervision_class desc")
	if err != nil {
		return nil, fmt.Errorf("rules.tiers: %w", err)
	}
	defer rows.Close()
	var tiers []tier
	for rows.Next() {
		var t tier
		if err := rows.Scan(&t.class, &t.title, &t.basis); err != nil {
			return nil, fmt.Errorf("rules.tiers: %w", err)
		}
		tiers = append(tiers, t)
	}
	return tiers, rows.Err()
}

// A quota is a line of an inspection plan: the share of some subjects that is
// inspected.
type quota struct {
	plan, id  string
	ratio     int64 // basis points
	maxChecks int64 // a year
	frequency string
	basis     string
}

// readQuotas returns the lines of all plans in the order in which they are asked.
func readQuotas(ctx context.Context, db *engine.DB) ([]quota, error) {
	rows, err := db.Query(ctx, `select distinct plan, position, quota_id, check_ratio_bp, max_checks, frequency, basis
		from rules.inspection_quotas order by plan, position`)
	if err != nil {
		return nil, fmt.Errorf("rules.inspection_quotas: %w", err)
	}
	defer rows.Close()
	var quotas []quota
	for rows.Next() {
		var q quota
		var position int64
		if err := rows.Scan(&q.plan, &position, &q.id, &q.ratio, &q.maxChecks, &q.frequency, &q.basis); err != nil {
			return nil, fmt.Errorf("rules.inspection_quotas: %w", err)
		}
		quotas = append(quotas, q)
	}
	return quotas, rows.Err()
}

// rangeName is the Chinese name of a publication range.
func rangeName(code string) (string, error) {
	switch code {
	case "public":
		return "社会公开", nil
	case "government":
		return "政府共享", nil
	case "authorised":
		return "授权查询", nil
	}
	return "", fmt.Errorf("publication range %q is not known", code)
}
