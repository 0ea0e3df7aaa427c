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

// A tier is a supervision class and what it means for inspections.
type tier struct {
	class     int64
	title     string
	ratio     int64 // basis points of the subjects in a yearly plan
	maxChecks int64 // a year
	frequency string
	basis     string
}

// readTiers returns the classes, the strictest first: that is the order in
// which an inspector works.
func readTiers(ctx context.Context, db *engine.DB) ([]tier, error) {
	rows, err := db.Query(ctx, `select supervision_class, class_title, check_ratio_bp, max_checks, frequency, basis
		from rules.tiers order by supervision_class desc`)
	if err != nil {
		return nil, fmt.Errorf("rules.tiers: %w", err)
	}
	defer rows.Close()
	var tiers []tier
	for rows.Next() {
		var t tier
		if err := rows.Scan(&t.class, &t.title, &t.ratio, &t.maxChecks, &t.frequency, &t.basis); err != nil {
			return nil, fmt.Errorf("rules.tiers: %w", err)
		}
		tiers = append(tiers, t)
	}
	return tiers, rows.Err()
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
