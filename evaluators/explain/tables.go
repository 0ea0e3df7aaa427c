package explain

import (
	"fmt"
	"slices"

	"rongxin/warehouse/lookup"
)

// A Lookup answers questions from the tables of one run, as lookup.Lookup does,
// several at a time.
type Lookup interface {
	Rows(lookup.Question) ([]lookup.Row, error)
}

// Tables are the run tables that an [Explainer] asks for single subjects and
// names; what it asks whole, the rules and divisions, is small.
func Tables() []string {
	return slices.Sorted(slices.Values([]string{
		"intermediate.subjects", "intermediate.subject_history",
		"marts.subject_names", "marts.subject_records", "marts.unattached_records", "marts.inspection_history",
		"scores.public_results", "scores.scheme_results", "scores.scorecard_results",
		"scores.contributions", "scores.evidence",
		"overlay.scheme_classes", "overlay.subject_classes", "overlay.override_hits",
		"lists.supervision",
	}))
}

// collect asks and scans each row. An empty result is an empty list, never nil,
// so that JSON shows [].
func collect[T any](source Lookup, q lookup.Question, scan func(lookup.Row, *T) error) ([]T, error) {
	rows, err := source.Rows(q)
	if err != nil {
		return nil, err
	}
	list := make([]T, len(rows))
	for i, row := range rows {
		if err := scan(row, &list[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", q.Table, err)
		}
	}
	return list, nil
}

// of asks for the columns of one subject's rows.
func of(subject, table string, columns ...string) lookup.Question {
	return lookup.Question{Table: table, Columns: columns, Where: []lookup.Equal{{Column: "subject_id", Value: subject}}}
}

// all asks for a whole table.
func all(table string, columns ...string) lookup.Question {
	return lookup.Question{Table: table, Columns: columns}
}

// only is the one row of a list that must have one.
func only[T any](list []T, err error, what string) (one T, _ error) {
	if err == nil && len(list) != 1 {
		err = fmt.Errorf("%s: %d rows, want 1", what, len(list))
	}
	if err != nil {
		return one, err
	}
	return list[0], nil
}
