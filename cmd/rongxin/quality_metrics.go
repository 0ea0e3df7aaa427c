package main

import (
	"rongxin/internal/credit"
	"rongxin/internal/metrics"
	"rongxin/pipelines/workbook"
)

// tellQuality tells the figures of a notice about all departments. Those of all
// months and those of the months that a call chose stand side by side.
func (a *app) tellQuality(n *workbook.Notice) {
	months := "chosen"
	if n.Period == (workbook.Period{}) {
		months = "all"
	}
	for _, m := range []metrics.Metric{metrics.QualityRatio, metrics.QualityPart, metrics.QualityWhole, metrics.QualityMissed} {
		a.told.Renew(m, months)
	}
	if day, err := credit.ParseDate(n.AsOf); err == nil {
		a.told.Set(metrics.QualityAsOf, seconds(day.Time()), months)
	}
	a.told.Renew(metrics.QualityGoal)
	for _, m := range n.Measures {
		if m.GoalPPM != nil {
			a.told.Set(metrics.QualityGoal, float64(*m.GoalPPM)/1e6, m.Name)
		}
	}
	for _, s := range n.Standings {
		for measure, f := range s.Figures {
			a.told.Set(metrics.QualityPart, float64(f.Numerator), months, s.Department, measure)
			a.told.Set(metrics.QualityWhole, float64(f.Denominator), months, s.Department, measure)
			if f.Denominator > 0 {
				a.told.Set(metrics.QualityRatio, float64(f.Numerator)/float64(f.Denominator), months, s.Department, measure)
			}
			if f.Met != nil {
				a.told.Set(metrics.QualityMissed, map[bool]float64{false: 1}[*f.Met], months, s.Department, measure)
			}
		}
	}
}
