package city_test

import (
	"strings"
	"testing"

	"rongxin/internal/city"
)

// Interests and visits speak of inspectors in the list and of enterprises and
// inspections that were sent; every item that a task names exists, and somebody
// in each place holds the qualification that it needs.
func TestLibrariesBelongTogether(t *testing.T) {
	m := read(t, city.Config{Enterprises: 3000, Seed: 8, Clean: true}, "samr/registrations", "samr/inspections",
		"inspection/inspectors", "inspection/interests", "inspection/visits", "inspection/items", "inspection/tasks", "inspection/annual_plans")
	inspectors, codes, inspections, items, plans := map[string]bool{}, map[string]bool{}, map[string]int{}, map[string]string{}, map[string]bool{}
	holders := map[string]int{}
	m.of("inspection/inspectors", func(one table, l line) {
		inspectors[one.cell(l, "执法证号")] = true
		if one.cell(l, "状态") == "在岗" {
			for _, q := range strings.Split(one.cell(l, "检查资格"), "、") {
				holders[q]++
			}
		}
	})
	m.of("samr/registrations", func(one table, l line) { codes[one.cell(l, "统一社会信用代码")] = true })
	m.of("samr/inspections", func(one table, l line) { inspections[one.cell(l, "检查编号")] = 2 })
	interests := 0
	m.of("inspection/interests", func(one table, l line) {
		interests++
		if !inspectors[one.cell(l, "执法证号")] || !codes[one.cell(l, "统一社会信用代码")] {
			t.Errorf("%s:%d: %v", one.file, l.number, l.cells)
		}
	})
	if interests < 20 {
		t.Errorf("%d interests among 3000 enterprises", interests)
	}
	m.of("inspection/visits", func(one table, l line) {
		inspections[one.cell(l, "检查编号")]--
		if !inspectors[one.cell(l, "执法证号")] {
			t.Errorf("%s:%d: %v", one.file, l.number, l.cells)
		}
	})
	for no, left := range inspections {
		if left != 0 {
			t.Errorf("inspection %s has %d inspectors, want 2", no, 2-left)
		}
	}
	m.of("inspection/items", func(one table, l line) {
		items[one.cell(l, "事项编号")] = one.cell(l, "所需资格")
		if (one.cell(l, "事项类别") == "重点检查事项") != (one.cell(l, "抽查比例上限") == "") {
			t.Errorf("%s:%d: a key item has no cap, a general one has: %v", one.file, l.number, l.cells)
		}
	})
	m.of("inspection/annual_plans", func(one table, l line) { plans[one.cell(l, "计划编号")] = true })
	tasks := 0
	m.of("inspection/tasks", func(one table, l line) {
		tasks++
		if !plans[one.cell(l, "计划编号")] || !strings.Contains(one.cell(l, "参与部门"), one.cell(l, "发起部门")) {
			t.Errorf("%s:%d: %v", one.file, l.number, l.cells)
		}
		for _, id := range strings.Split(one.cell(l, "抽查事项"), "、") {
			if q, ok := items[id]; !ok || q != "" && holders[q] < 28 {
				t.Errorf("%s:%d: item %s needs %q, which %d hold", one.file, l.number, id, q, holders[q])
			}
		}
	})
	if tasks != 5 {
		t.Errorf("%d tasks", tasks)
	}
}
