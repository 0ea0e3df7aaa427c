package explain

import (
	"testing"

	"rongxin/internal/credit"
)

// A repair that may be asked for on the day of the evaluation keeps the day from which it might have been.
func TestWordsOfARepair(t *testing.T) {
	since, asOf, later := credit.NewDate(2026, 6, 12), credit.NewDate(2026, 6, 30), credit.NewDate(2026, 7, 2)
	for want, step := range map[string]RecordStep{
		"2026-06-12 起可申请信用修复（评价日已可申请）": {By: byRepair, On: &asOf, RepairableOn: &since},
		"2026-07-02 起可申请信用修复":          {By: byRepair, On: &later, RepairableOn: &later},
		"移出或撤销前持续计入":                   {},
	} {
		if got := step.how(); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

// A score without a record says that, and none of its points.
func TestWordsOfAnEmptyScore(t *testing.T) {
	base := Contribution{Title: "基础分"}
	empty := Scorecard{Grade: string(notEvaluated), Contributions: []Contribution{base, {Missing: string(notEvaluated)}}}
	known := Scorecard{Grade: string(notEvaluated), Contributions: []Contribution{base, {Record: &Record{}}}}
	if !empty.isEmpty() || known.isEmpty() || (Scorecard{Grade: "A", Contributions: []Contribution{base}}).isEmpty() {
		t.Error("a score is empty where no record and no grade is there, and only then")
	}
}
