package workbook

import (
	"context"
	"fmt"

	"rongxin/warehouse/engine"
)

// quality is a row of marts.quality_summary: counts of rows of one dataset.
type quality struct {
	dataset, title, lastKnownOn          string
	batches, read, accepted, rejected    int64
	wrongCode, duplicateCode, unattached int64
	clocked, late, withFindings          int64
}

// readQuality returns the department's datasets by name; none when it sent
// nothing.
func readQuality(ctx context.Context, db *engine.DB, department string) ([]quality, error) {
	rows, err := db.Query(ctx, `
		select dataset, title, coalesce(cast(last_known_on as varchar), ''), batches,
			rows_read, rows_accepted, rows_rejected, wrong_code_rows, duplicate_code_rows,
			unattached_rows, clocked_rows, late_rows, rows_with_findings
		from marts.quality_summary where department = `+engine.Quote(department)+` order by dataset`)
	if err != nil {
		return nil, fmt.Errorf("marts.quality_summary: %w", err)
	}
	defer rows.Close()
	var list []quality
	for rows.Next() {
		var q quality
		err := rows.Scan(&q.dataset, &q.title, &q.lastKnownOn, &q.batches, &q.read, &q.accepted, &q.rejected,
			&q.wrongCode, &q.duplicateCode, &q.unattached, &q.clocked, &q.late, &q.withFindings)
		if err != nil {
			return nil, fmt.Errorf("marts.quality_summary: %w", err)
		}
		list = append(list, q)
	}
	return list, rows.Err()
}

// statistics writes 统计. Of rates it gives two whose denominators nobody
// disputes: rejected of read, late of those with a deadline.
func (x *feedbackExport) statistics(b *book) error {
	t, err := b.table("统计", []column{
		{"数据集", 30}, {"数据集代码", 24}, {"批次数", 8}, {"最近接收日", 12},
		{"读取行数", 10}, {"接收行数", 10}, {"退回行数", 10}, {"退回率", 9},
		{"错码行数", 10}, {"重码行数", 10}, {"未归到企业行数", 10},
		{"计时限行数", 10}, {"超时限行数", 10}, {"超时限率", 9}, {"有问题行数", 10},
	}, 1)
	if err != nil {
		return err
	}
	for _, q := range x.datasets {
		err := t.row(q.title, q.dataset, q.batches, q.lastKnownOn, q.read, q.accepted, q.rejected, share(q.rejected, q.read),
			q.wrongCode, q.duplicateCode, q.unattached, q.clocked, q.late, share(q.late, q.clocked), q.withFindings)
		if err != nil {
			return err
		}
	}
	return t.close()
}
