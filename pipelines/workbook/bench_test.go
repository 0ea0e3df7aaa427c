package workbook_test

import (
	"context"
	"path/filepath"
	"testing"

	"rongxin/pipelines/workbook"
	"rongxin/warehouse/engine"
)

// manyRows are 45,000 rows of five departments and 13 divisions.
const manyRows = `
select one.* replace (
	'部门' || i % 5 as department, '3501' || (10 + i // 5 % 13) as division_code, '区' || i // 5 % 13 as division_name,
	'91350100M' || lpad(cast(i as varchar), 9, '0') as subject_id, sha256(cast(i as varchar)) as row_hash,
	cast(1 + i % 4 as bigint) as supervision_class, 'same' as change
)
from range(45000) as n(i)
cross join (select * from lists.supervision where subject_id = '91350102M0001A1B2E') as one
order by department, scheme, division_code, subject_id`

// BenchmarkExportLists writes 65 workbooks and as many Parquet files from a
// table that is a Parquet file, as it is in a run.
func BenchmarkExportLists(b *testing.B) {
	ctx, db := context.Background(), open(b)
	file := filepath.Join(b.TempDir(), "supervision.parquet")
	if err := db.CopyTo(ctx, manyRows, file); err != nil {
		b.Fatal(err)
	}
	exec(b, db, "drop table lists.supervision")
	if err := db.View(ctx, "lists.supervision", "select * from read_parquet("+engine.Quote(file)+")"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := workbook.ExportLists(ctx, db, b.TempDir()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(45000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
