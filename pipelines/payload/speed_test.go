package payload_test

import (
	"fmt"
	"testing"

	"rongxin/pipelines/payload"
	"rongxin/pipelines/publish"
	"rongxin/warehouse/engine"
)

// Pages join without a gap, in byte order of the keys whatever that of the rows.
func TestManyPages(t *testing.T) {
	const rows = 25_001
	source := generated(t, rows)
	n, last := 0, ""
	err := source.Records(t.Context(), func(r publish.Record) error {
		if r.Key <= last {
			return fmt.Errorf("%s follows %s", r.Key, last)
		}
		n, last = n+1, r.Key
		return nil
	})
	if err != nil || n != rows || source.Counts()[0].ToSend != rows {
		t.Errorf("%d of %d records, %+v, %v", n, rows, source.Counts(), err)
	}
}

func BenchmarkRecords(b *testing.B) {
	source := generated(b, 100_000)
	for b.Loop() {
		if err := source.Records(b.Context(), func(publish.Record) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(100_000*b.N)/b.Elapsed().Seconds(), "records/s")
}

// generated is a source of so many small records whose keys do not ascend.
func generated(tb testing.TB, rows int) *payload.Source {
	tb.Helper()
	db, err := engine.Open(tb.Context(), engine.Config{TempDir: tb.TempDir()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { db.Close() })
	m, err := payload.Parse("fines.yml", []byte(small))
	if err != nil {
		tb.Fatal(err)
	}
	err = db.View(tb.Context(), m.Source.Relation, fmt.Sprintf(`select cast((i * 7919) %% %d as varchar) as record_id, 'S' || i as subject_id,
		'ABCD' as body, 'ABCD3' || i %% 10 as item, '罚款' as kind, i as fine, '王' as first, '李' as second, '1;2' as numbers, '陈某' as owner, 3 as class, 1250 as share,
		date '2026-01-01' as found, date '2026-01-02' as told, 'public' as range, '好' as state from range(%d) as r(i)`, rows, rows))
	if err != nil {
		tb.Fatal(err)
	}
	return payload.NewSource(db, []*payload.Mapping{m})
}
