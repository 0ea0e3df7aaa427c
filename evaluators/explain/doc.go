// Package explain answers one question from the tables of a run: why does this
// subject stand where it stands. It decides nothing. It reads what transforms
// and evaluators left behind, follows every point to the record, document,
// batch, file and line it came from and to the rule and its citation, and
// refuses to speak when the points do not add up to the score or a point has no
// record that counts. An enterprise that asks at the counter, and an officer
// who must answer, are entitled to no less (个人信息保护法第二十四条 asks the
// same of automated decisions on persons).
//
// The answer is an [Explanation]: JSON for machines, WriteText for people.
package explain

import (
	"slices"
	"strings"

	"rongxin/warehouse/engine"
)

// Tables are the run tables that [Subject] and [CheckAll] read, for the caller
// to attach. They hold everything needed; the landing area is not asked.
func Tables() []string {
	tables := []string{
		"run.batches",
		"ref.divisions", "ref.industries",
		"rules.penalty_severity", "rules.publicity_periods", "rules.record_states", "rules.overrides", "rules.tiers",
		"rules.schemes", "rules.characteristics", "rules.inspection_quotas",
		"intermediate.subjects", "intermediate.subject_history",
		"intermediate.records", "intermediate.record_states", "intermediate.corrections",
		"scores.public_results", "scores.scheme_results", "scores.scorecard_results",
		"scores.contributions", "scores.vetoes",
		"overlay.scheme_classes", "overlay.subject_classes", "overlay.override_hits",
		"lists.supervision",
		"marts.inspection_history", "intermediate.inspection_results", "staging.samr__inspections", "rules.inspection_results",
	}
	for _, o := range origins() {
		tables = append(tables, o.table)
	}
	slices.Sort(tables)
	return tables
}

// An origin is a table whose rows are cited although they are no records that
// count or lapse: registrations, permits, grades. The other fields are SQL
// expressions over its columns; an empty one stands for no value.
type origin struct {
	table      string // a staging table, or one with the columns dataset and category
	category   string // in Chinese; empty: its own column
	kind       string
	documentNo string
	authority  string
	eventOn    string
	endedOn    string
}

// origins must name every table from which a fact other than
// marts.records_in_force takes its record_id.
func origins() []origin {
	return []origin{
		{table: "intermediate.industry_results", kind: "grade", authority: "authority_name", eventOn: "evaluated_on"},
		{table: "staging.civil__organisations", category: "登记信息", kind: "registration_status"},
		{table: "staging.credit__manual_overrides", category: "人工调整", kind: "reason",
			documentNo: "document_no", authority: "approver", eventOn: "approved_on", endedOn: "expires_on"},
		{table: "staging.ndrc__public_results", category: "公共信用综合评价结果", kind: "grade", eventOn: "evaluated_on"},
		{table: "staging.samr__permits", category: "行政许可", kind: "certificate_name",
			documentNo: "document_no", authority: "authority_name", eventOn: "decided_on", endedOn: "valid_to"},
		{table: "staging.samr__public_register", category: "登记信息"},
		{table: "staging.samr__registrations", category: "登记信息", kind: "registration_status"},
	}
}

// source gives the SQL of category and dataset; a dataset is department/dataset,
// as landing names it.
func (o origin) source() (category, dataset string) {
	if o.category == "" {
		return "category", "dataset"
	}
	dataset = strings.Replace(strings.TrimPrefix(o.table, "staging."), "__", "/", 1)
	return engine.Quote(o.category), engine.Quote(dataset)
}
