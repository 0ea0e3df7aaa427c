package transforms

import (
	"slices"
	"strings"
)

// isCorrected reports whether the codes of a dataset are corrected at staging:
// those of every one that names its subjects, but not what is said about
// corrections themselves.
func isCorrected(dataset string, columns []string) bool {
	if dataset == "credit/code_corrections" || dataset == "credit/code_feedback" {
		return false
	}
	return slices.Contains(columns, "subject_id") && slices.Contains(columns, "match_id")
}

// asSent ends a staging model whose codes stay as they were sent.
func asSent(columns []string) string {
	told, notWithdrawn := withoutWithdrawals(columns)
	query := "\n\nselect\n    " + strings.Join(told, ",\n    ") + "\nfrom standing"
	if notWithdrawn != "" {
		query += "\nwhere " + notWithdrawn
	}
	return query
}

// withoutWithdrawals leaves out the records that their newest version takes
// back, and the column that says so.
func withoutWithdrawals(columns []string) (told []string, condition string) {
	told = slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c == "is_withdrawal" })
	if len(told) == len(columns) {
		return columns, ""
	}
	return told, "not coalesce(is_withdrawal, false)"
}

// corrected ends a staging model with the right codes: where a correction of the
// subject's code was approved, the record has the right code, and beside it what
// was sent and by which correction it changed. It is then one record with what
// was sent under the right code.
func corrected(dataset string, columns []string) string {
	sameName := ""
	if slices.Contains(columns, "subject_name") {
		sameName = "\n        and (corrections.name_key is null or corrections.name_key = fx_name_key(standing.subject_name))"
	}
	right := make([]string, len(columns))
	for i, column := range columns {
		switch right[i] = "standing." + column; column {
		case "subject_id":
			right[i] = "coalesce(choices.right_code, standing.subject_id) as subject_id"
		case "subject_id_status":
			right[i] = "coalesce(choices.right_status, standing.subject_id_status) as subject_id_status"
		}
	}
	told, notWithdrawn := withoutWithdrawals(columns)
	if notWithdrawn != "" {
		notWithdrawn = " and " + notWithdrawn
	}
	return strings.NewReplacer(
		"{dataset}", dataset, "{same name}", sameName, "{  right}", strings.Join(right, ",\n        "),
		"{columns}", strings.Join(told, ",\n    "), "{and not withdrawn}", notWithdrawn, "{  columns}", strings.Join(columns, ",\n        "),
	).Replace(stagedCorrected)
}

// stagedCorrected looks first at the few records that a correction may touch. A
// key that does not hold the subject's code gives a match_id equal to record_id,
// which names the record whatever the code.
const stagedCorrected = `,

choices as (
    select
        standing.record_id,
        corrections.correction_no,
        corrections.operation,
        corrections.right_code,
        corrections.right_status,
        row_number() over (
            partition by standing.record_id
            order by corrections.approval_rank desc nulls last
        ) as choice
    from standing
    inner join intermediate.corrections as corrections
        on corrections.wrong_code = standing.subject_id
        and (corrections.applies_to is null or corrections.applies_to = '{dataset}'){same name}
),

corrected as (
    select
        {  right},
        standing.batch_no,
        case when choices.correction_no is not null then standing.subject_id end as sent_subject_id,
        choices.correction_no,
        choices.operation
    from standing
    left join choices
        on choices.record_id = standing.record_id and choices.choice = 1
),

matched as (
    select
        {  columns},
        sent_subject_id,
        correction_no,
        row_number() over (
            partition by coalesce(match_id, record_id), case when match_id <> record_id then subject_id end
            order by batch_no desc nulls last, line desc nulls last, record_id asc nulls last
        ) as version
    from corrected
    where coalesce(operation, '') <> '删除'
)

select
    {columns},
    sent_subject_id,
    correction_no
from matched
where version = 1{and not withdrawn}`
