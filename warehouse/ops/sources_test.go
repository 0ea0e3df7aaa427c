package ops_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

// A spool becomes the landed mark whole, or leaves it as it was.
func TestSourceMarks(t *testing.T) { opstest.Each(t, sourceMarks) }

func sourceMarks(t *testing.T, place string) {
	ctx := context.Background()
	s := opstest.Open(t, place)
	const dataset, other = "samr/penalties", "tax/arrears"
	at := time.Date(2026, 6, 30, 4, 0, 0, 0, time.UTC)
	first := ops.Mark{Origin: "samr: a.b by t, id", Contract: "c0", After: []string{"2026-06-30", "7"}, Cursor: 70, Floor: 60, Open: true, Batch: 4, Bytes: 100, Rows: 3, At: at}
	second := ops.Mark{Origin: first.Origin, After: []string{"2026-06-30", "9"}, Cursor: 90, Floor: 80, Batch: 5, Bytes: 50, Rows: 1, Sealed: true, At: at}
	landedAs := func(m ops.Mark) *ops.Mark {
		m.Bytes, m.Rows, m.Sealed = 0, 0, false
		return &m
	}
	row := func(n byte) ops.SourceRow { return ops.SourceRow{Digest: [16]byte{n}, Cursor: 10 * int64(n)} }
	check := func(step string, wantLanded, wantSpooled *ops.Mark, wantSeen ...byte) {
		t.Helper()
		landed, spooled, err := s.Marks(ctx, dataset)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]*ops.Mark{wantLanded, wantSpooled}, []*ops.Mark{landed, spooled}); diff != "" {
			t.Errorf("%s: %s", step, diff)
		}
		var seen []byte
		for n := range byte(10) {
			known, err := s.Seen(ctx, dataset, row(n).Digest)
			if err != nil {
				t.Fatal(err)
			}
			if known {
				seen = append(seen, n)
			}
		}
		if diff := cmp.Diff(wantSeen, seen); diff != "" {
			t.Errorf("%s: rows known: %s", step, diff)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check("nothing read", nil, nil)
	must(s.Spool(ctx, other, second, []ops.SourceRow{row(1)}))
	must(s.LandSpool(ctx, dataset, 0))
	check("nothing to land", nil, nil)
	must(s.Spool(ctx, dataset, first, []ops.SourceRow{row(5), row(6), row(7)}))
	check("spooled", nil, &first, 5, 6, 7)
	must(s.LandSpool(ctx, dataset, 60))
	check("landed", landedAs(first), nil, 6, 7)
	must(s.Spool(ctx, dataset, second, []ops.SourceRow{row(6), row(8), row(9)}))
	check("more spooled", landedAs(first), &second, 6, 7, 8, 9)
	must(s.DropSpool(ctx, dataset))
	check("dropped", landedAs(first), nil, 6, 7)
	must(s.Spool(ctx, dataset, second, []ops.SourceRow{row(9)}))
	must(s.LandSpool(ctx, dataset, 80))
	check("landed again", landedAs(second), nil, 9)
	must(s.Spool(ctx, dataset, second, []ops.SourceRow{row(4)}))
	must(s.ResetMark(ctx, dataset, ops.Mark{Origin: first.Origin, Cursor: 10, Floor: 10, At: at}))
	check("reset", &ops.Mark{Origin: first.Origin, After: []string{}, Cursor: 10, Floor: 10, At: at}, nil)
	if known, err := s.Seen(ctx, other, row(1).Digest); err != nil || !known {
		t.Error("another source lost its rows", err)
	}
}
