package run

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
)

// refusedQuery reads the rejects of all batches of a dataset.
func refusedQuery(home string, d landing.Dataset, batches []knownBatch) string {
	batches = slices.DeleteFunc(slices.Clone(batches), func(b knownBatch) bool { return b.Dataset != d.Name })
	cases := make([]string, len(batches))
	for i, b := range batches {
		cases[i] = fmt.Sprintf("(%s, cast(%d as bigint), %t)", engine.Quote(b.ID), b.no, b.current)
	}
	if len(batches) == 0 {
		return engine.Empty(refusedColumns())
	}
	return fmt.Sprintf("select refused.*, known.batch_no, known.is_current from (%s) as refused "+
		"inner join (values %s) as known(batch_id, batch_no, is_current) on known.batch_id = refused.batch_id",
		rejectsQuery(home, batches), strings.Join(cases, ", "))
}

func refusedColumns() []landing.Column {
	return append(landing.RejectColumns(),
		landing.Column{Name: "batch_no", Type: "BIGINT"}, landing.Column{Name: "is_current", Type: "BOOLEAN"})
}

// rejectsQuery reads the rejects of batches that are still refused.
func rejectsQuery(home string, batches []knownBatch) string {
	query := refusedRows(home, batches)
	replays := replayedLines(home, batches)
	if replays == "" {
		return query
	}
	return fmt.Sprintf("select refused.* from (%s) as refused where not exists (select 1 from (%s) as replayed where "+
		"replayed.dataset = refused.dataset and replayed.batch_id = refused.batch_id and replayed.line = refused.line)", query, replays)
}

// replayedQuery reads the rejects of batches that a replay let in. A row counts
// once, as the first replay found it.
func replayedQuery(home string, batches []knownBatch) string {
	replays := replayedLines(home, batches)
	if replays == "" {
		return engine.Empty(givenColumns[replayedTable])
	}
	return fmt.Sprintf("select refused.*, replayed.replayed_on from (%s) as refused inner join "+
		"(select dataset, batch_id, line, min(replayed_on) as replayed_on from (%s) group by all) as replayed on "+
		"replayed.dataset = refused.dataset and replayed.batch_id = refused.batch_id and replayed.line = refused.line",
		refusedRows(home, batches), replays)
}

// replayedLines are the lines that replays let in, by the batch that refused
// them; empty without replays.
func replayedLines(home string, batches []knownBatch) string {
	var parts []string
	for _, b := range batches {
		if b.Parent != "" {
			parts = append(parts, fmt.Sprintf("select %s as dataset, %s as batch_id, line, date '%s' as replayed_on from read_parquet(%s)",
				engine.Quote(b.Dataset), engine.Quote(b.Parent), receivedOn(b.Batch),
				engine.Quote(filepath.Join(landing.Dir(home, b.Dataset, b.ID), landing.RecordsName))))
		}
	}
	return strings.Join(parts, " union all ")
}

// refusedRows reads the rejects of batches; a column that a batch did not have
// yet is NULL there.
func refusedRows(home string, batches []knownBatch) string {
	columns := givenColumns[rejectsTable]
	query := engine.Empty(columns)
	var files []string
	for _, b := range batches {
		if b.Rows.Rejected > 0 {
			files = append(files, engine.Quote(filepath.Join(landing.Dir(home, b.Dataset, b.ID), landing.RejectsName)))
		}
	}
	if files == nil {
		return query
	}
	return fmt.Sprintf("select %s from (%s union all by name select * from read_parquet([%s], union_by_name = true))",
		names(columns), query, strings.Join(files, ", "))
}
