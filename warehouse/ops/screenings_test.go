package ops_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

// A comparison is noted once, an answer over the one before; what was never
// given out is told and changes nothing.
func TestScreenings(t *testing.T) { opstest.Each(t, screenings) }

func screenings(t *testing.T, place string) {
	ctx := context.Background()
	s := opstest.Open(t, place)
	first := ops.Screening{No: "BD-1", At: time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC), Actor: "林", Department: "甲局", Purpose: "招标资格审查", Run: "r1",
		SHA256: "ab", Parties: 10, Refused: 1, Hits: []ops.ScreeningHit{{"BD-1-0001", "S1", "名单", "文1"}, {"BD-1-0002", "S2", "名单", "文2"}}}
	for range 2 {
		if err := s.AddScreening(ctx, first); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []ops.Screening{
		{No: "BD-2", At: first.At, Actor: "林", Department: "甲局", Purpose: "资金审核", Run: "r1", SHA256: "cd", Parties: 5},
		{No: "BD-3", At: first.At, Actor: "陈", Department: "乙局", Purpose: "评优", Run: "r1", SHA256: "ef", Parties: 7, Hits: []ops.ScreeningHit{{"BD-3-0001", "S1", "名单", "文1"}}},
	} {
		if err := s.AddScreening(ctx, n); err != nil {
			t.Fatal(err)
		}
	}
	unknown, err := s.AnswerHits(ctx, []ops.ScreeningAnswer{
		{"BD-1-0001", "S1", "已惩戒", "2026-07-02", "b1"}, {"BD-1-0002", "S1", "已惩戒", "2026-07-02", "b1"}, {"BD-9-0001", "S1", "已惩戒", "2026-07-02", "b1"},
	})
	if diff := cmp.Diff([]string{"BD-1-0002", "BD-9-0001"}, unknown); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if _, err := s.AnswerHits(ctx, []ops.ScreeningAnswer{{"BD-1-0001", "S1", "不予惩戒", "2026-07-03", "b2"}, {"BD-3-0001", "S1", "已惩戒", "2026-07-03", "b2"}}); err != nil {
		t.Fatal(err)
	}
	counts, err := s.ScreeningCounts(ctx, "已惩戒")
	want := []ops.ScreeningCount{
		{Department: "乙局", Screenings: 1, Parties: 7, Hits: 1, Answered: 1, Acted: 1},
		{Department: "甲局", Screenings: 2, Parties: 15, Hits: 2, Answered: 1},
	}
	if diff := cmp.Diff(want, counts); err != nil || diff != "" {
		t.Error(err, diff)
	}
}
