package compare

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/run"
)

func TestBinsAndIndex(t *testing.T) {
	many := func(shift int64) (points []counted) { // 1 to 100 points, one subject each
		for p := int64(1); p <= 100; p++ {
			points = append(points, counted{p, 1, 1})
		}
		if shift > 0 {
			for i := range points {
				points[i].after = 0
			}
			for p := int64(1); p <= 100; p++ {
				at := min(p+shift, 100)
				points[at-1].after++
			}
		}
		return points
	}
	tests := []struct {
		name   string
		points []counted
		bins   int
		want   float64 // NaN: none
	}{
		{"the same", []counted{{0, 90, 90}, {10, 10, 10}}, 2, 0},
		{"half of those with points lost them", []counted{{0, 90, 95}, {10, 10, 5}}, 2, 0.05*math.Log(0.95/0.90) - 0.05*math.Log(0.5)},
		{"all in other points: an empty bin counts as half a subject", []counted{{0, 100, 0}, {10, 0, 100}}, 2, 2 * 0.995 * math.Log(200)},
		{"only one run has it", []counted{{0, 100, 0}}, 1, math.NaN()},
		{"a hundred different points are cut at percentiles", many(0), 16, 0},
		{"all a decile higher", many(10), 16, 0.01*math.Log(2) + 0.025*math.Log(6) + 0.045*math.Log(10) + 0.1*math.Log(11)},
	}
	for _, tt := range tests {
		list := bins(tt.points)
		if len(list) != tt.bins {
			t.Errorf("%s: %d bins, want %d: %+v", tt.name, len(list), tt.bins, list)
		}
		var before, after, wantBefore, wantAfter int64
		for _, b := range list {
			before, after = before+b.Before, after+b.After
		}
		for _, p := range tt.points {
			wantBefore, wantAfter = wantBefore+p.before, wantAfter+p.after
		}
		if before != wantBefore || after != wantAfter {
			t.Errorf("%s: bins hold %d and %d of %d and %d", tt.name, before, after, wantBefore, wantAfter)
		}
		got := index(list)
		switch {
		case math.IsNaN(tt.want) != (got == nil):
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		case got != nil && *got != int64(math.Round(tt.want*10000)):
			t.Errorf("%s: got %d ten-thousandths, want %.4f", tt.name, *got, tt.want)
		}
	}
}

// Subjects are counted once in each grouping, and moves by their direction.
func TestGroups(t *testing.T) {
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{Threads: 1, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	people := func(classes ...string) string {
		text := `create schema staging; create table staging.samr__registrations as
			select 'r' || i as record_id, cast(capital as bigint) as capital_amount from (values (1, 50000000), (2, null), (3, 100000000000)) as t(i, capital);
			alter table intermediate.subjects add column entity_type varchar; alter table intermediate.subjects add column record_id varchar;
			delete from intermediate.subjects; delete from overlay.subject_classes;`
		for i, class := range classes {
			division := []string{"350102", "350103"}[i%2]
			kind := []string{"有限责任公司", "个体工商户", "有限责任公司", "合伙企业"}[i]
			text += fmt.Sprintf(`insert into intermediate.subjects values ('S%d', '企业', '%s', '1411', '存续', '%s', 'r%d');
				insert into overlay.subject_classes values ('S%d', %s, 2, 'food', null, 'B');`, i+1, division, kind, i+1, i+1, class)
		}
		return base + text
	}
	for name, text := range map[string]string{"before": people("1", "3", "2", "2"), "after": people("3", "1", "null", "2")} {
		if err := db.Beside(ctx, name, func() error { return db.Exec(ctx, text) }); err != nil {
			t.Fatal(err)
		}
	}
	c := &Comparison{Before: &run.Run{}, After: &run.Run{}, db: db}
	if err := c.find(ctx); err != nil {
		t.Fatal(err)
	}
	sizes := []Size{{Title: "个体", EntityTypes: []string{"个体工商户"}}, {Title: "小", Below: 100000000}, {Title: "大"}}
	if err := c.SetSizes(ctx, sizes, "不详"); err != nil {
		t.Fatal(err)
	}
	for by, want := range map[string][]Group{
		"all":      {{Title: "全市", Subjects: 4, Moved: 3, Stricter: [4]int64{0, 0, 1}, Milder: [4]int64{0, 0, 1}}},
		"division": {{Key: "350102", Title: "鼓楼区", Subjects: 2, Moved: 2, Stricter: [4]int64{0, 0, 1}}, {Key: "350103", Title: "350103", Subjects: 2, Moved: 1, Milder: [4]int64{0, 0, 1}}},
		"industry": {{Key: "C", Title: "行业不详", Subjects: 4, Moved: 3, Stricter: [4]int64{0, 0, 1}, Milder: [4]int64{0, 0, 1}}},
		"size": {{Key: "01", Title: "个体", Subjects: 1, Moved: 1, Milder: [4]int64{0, 0, 1}}, {Key: "02", Title: "小", Subjects: 1, Moved: 1, Stricter: [4]int64{0, 0, 1}},
			{Key: "03", Title: "大", Subjects: 1, Moved: 1}, {Key: "99", Title: "不详", Subjects: 1}},
	} {
		got, err := c.Groups(ctx, by)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("by %s: %s", by, diff)
		}
	}
	if g := (Group{Moved: 9, Stricter: [4]int64{0, 1, 2, 3}, Milder: [4]int64{0, 1, 1, 0}}); g.Count("any", 1) != 9 || g.Count("any", 2) != 6 || g.Count("stricter", 1) != 6 || g.Count("milder", 2) != 1 {
		t.Errorf("counts by direction and classes are wrong: %d %d %d %d", g.Count("any", 1), g.Count("any", 2), g.Count("stricter", 1), g.Count("milder", 2))
	}
	if _, err := c.Groups(ctx, "street"); err == nil {
		t.Error("an unknown grouping is not refused")
	}
}
