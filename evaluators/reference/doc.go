// Package reference judges one enterprise after the other by counting, in plain
// Go, as somebody would with the rule files and a sheet of paper. It is the
// independent second of the models: it has its own reading of the rule files, no
// SQL, and nothing of the compiler. cmd/proof holds the two against each other
// on random enterprises, where any difference is a fault of one of them.
//
// It is for proving only. Nothing of the product may import it; cmd/proof has a
// test for that.
package reference

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rongxin/internal/credit"
)

// Columns are the columns of each table that the reference knows, as SQL, in the
// order in which [Verdict] writes them.
var Columns = map[string]string{
	"intermediate.record_classes":     "record_id, record_class, severity, severity_rule, exemption_rule, is_catalogued, publicity_rule, repairable_on, publicity_until",
	"intermediate.record_cases":       "record_id, repaired_on, repair_case_no, withdrawn_on, withdrawal_case_no, revoked_on, revocation_case_no, amended_on, amendment_case_no, objection_case_no, excluded_on, exclusion_case_no",
	"intermediate.record_states":      "record_id, record_class, severity, severity_rule, publicity_rule, repairable_on, publicity_until, state, state_on, case_no, state_rule, objection_case_no",
	"marts.records_in_force":          "record_id, category, record_group, severity, kind, field, document_no, event_on, fine_amount, publicity_until, repairable_on, objection_case_no",
	"marts.public_results_in_force":   "record_id, grade, event_on, valid_until, result_batch",
	"marts.industry_results_in_force": "record_id, scheme, grade, industry_level, event_on, valid_until",
	"marts.food_permits":              "record_id, activity, event_on, valid_to",
	"marts.food_businesses":           "permits",
	"scores.counted":                  "scorecard, characteristic, position, record_id, event_on, value, label",
	"scores.vetoes":                   "scorecard, characteristic, position, reason_code, record_id, effect, grade, severity, score_milli",
	"scores.contributions":            "scorecard, characteristic, position, reason_code, record_id, points_milli, missing",
	"scores.scorecard_results":        "scorecard, scorecard_version, score_milli, points_grade, grade, veto_reason_code, records_counted",
	"scores.public_results":           "public_grade, public_evaluated_on, public_valid_until, result_batch, record_id, source",
	"scores.scheme_results":           "scheme, grade, industry_level, evaluated_on, valid_until, record_id, status",
	"overlay.matrix_classes":          "scheme, public_grade, public_evaluated_on, industry_grade, industry_level, level_used, industry_evaluated_on, industry_record_id, matrix_class, is_conflict",
	"overlay.conflicts":               "scheme, scheme_title, department, public_grade, public_evaluated_on, result_batch, public_record_id, industry_grade, industry_level, level_used, industry_evaluated_on, industry_record_id",
	"overlay.override_hits":           "position, record_id, override_code, effect, supervision_class, meaning, document_no, authority_name, event_on",
	"overlay.scheme_classes":          "scheme, public_grade, public_evaluated_on, industry_grade, industry_level, industry_evaluated_on, industry_record_id, matrix_class, is_conflict, supervision_class, override_code, is_out, is_marked",
	"overlay.subject_classes":         "deciding_scheme, public_grade, public_evaluated_on, industry_grade, industry_evaluated_on, matrix_class, supervision_class, override_code, is_out, is_marked, is_conflict",
}

// A Verdict is every row of every table that is of one enterprise: each row one
// line, its values divided by |, NULL as ∅.
type Verdict map[string][]string

// Null is how NULL is written in a line.
const Null = "∅"

// add writes a row. An empty text, a day 0 and a nil number are NULL.
func (v Verdict) add(table string, values ...any) {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = text(value)
	}
	v[table] = append(v[table], strings.Join(texts, "|"))
}

// Lines are the rows of a table in the order of their texts.
func (v Verdict) Lines(table string) string {
	lines := slices.Clone(v[table])
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// blank is a text that is empty, not NULL.
const blank = blankText("")

type blankText string

func text(value any) string {
	switch v := value.(type) {
	case nil:
		return Null
	case blankText:
		return string(v)
	case string:
		return cmp.Or(v, Null)
	case credit.Date:
		if v == 0 {
			return Null
		}
		return v.String()
	case *int64:
		if v == nil {
			return Null
		}
		return fmt.Sprint(*v)
	default:
		return fmt.Sprint(v)
	}
}
