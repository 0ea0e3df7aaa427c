package city

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rongxin/internal/credit"
)

// The libraries of the random draw: who inspects, what, and by which plan. They
// are written without faults, so that an assignment can be held against them.

// inspector is a person who inspects for a department, in one county-level unit
// or, with the division 350100, in the whole city.
type inspector struct {
	id, name       string
	department     string
	unit           authority
	division       string
	qualifications []string
	from, to       credit.Date
	left           bool // no longer on duty
}

// department is one that inspects, as the rules name it.
type department struct {
	name, unit string // 市市场监督管理局; 市场监督管理局 as in 鼓楼区市场监督管理局
	serial     int
	each, city int // inspectors of a county-level unit, and of the city
	items      []item
}

// item is what is looked at. A key item has no cap on its ratio.
type item struct{ id, name, kind, cap, basis, qualification string }

var departments = []department{
	{"市市场监督管理局", "市场监督管理局", 1, 5, 8, []item{
		{"SC01", "登记事项检查", "一般检查事项", "5", "市场主体登记管理条例", ""},
		{"SC02", "公示信息检查", "一般检查事项", "3", "企业信息公示暂行条例", ""},
		{"SC03", "食品经营监督检查", "重点检查事项", "", "食品安全法；市场监管总局令第49号", "食品安全检查员"},
		{"SC04", "特种设备使用监督检查", "重点检查事项", "", "特种设备安全法", "特种设备安全监察员"},
	}},
	{"市生态环境局", "生态环境局", 2, 3, 5, []item{
		{"HJ01", "排污许可执行情况检查", "一般检查事项", "30", "排污许可管理条例", "环境监察员"},
		{"HJ02", "危险废物管理检查", "重点检查事项", "", "固体废物污染环境防治法", "环境监察员"},
	}},
	{"市人力资源和社会保障局", "人力资源和社会保障局", 3, 3, 5, []item{
		{"RS01", "工资支付情况检查", "一般检查事项", "10", "劳动保障监察条例", "劳动保障监察员"},
		{"RS02", "劳务派遣用工检查", "一般检查事项", "10", "劳动合同法", "劳动保障监察员"},
	}},
	{"市税务局", "税务局", 4, 3, 6, []item{
		{"SW01", "税务稽查随机抽查", "一般检查事项", "20", "税收征收管理法；推进税务稽查随机抽查实施方案", "税务稽查员"},
	}},
}

// inspectors are those of all departments, by department and division.
func (w *world) newInspectors() map[string][]*inspector {
	all := map[string][]*inspector{}
	d := newDice(w.seed, 0, topicInspector)
	for _, dep := range departments {
		var needed []string
		for _, it := range dep.items {
			if it.qualification != "" && !slices.Contains(needed, it.qualification) {
				needed = append(needed, it.qualification)
			}
		}
		for _, p := range append([]*place{w.offices.city}, w.all...) {
			n := dep.each
			if p == w.offices.city {
				n = dep.city
			}
			for i := range n {
				all[p.code] = append(all[p.code], w.newInspector(d, dep, p, i, needed))
			}
		}
	}
	return all
}

// newInspector holds each qualification of the department with a chance of 0.7,
// and the first two of a unit hold all of them.
func (w *world) newInspector(d *dice, dep department, p *place, i int, needed []string) *inspector {
	since := d.day(w.asOf.AddMonths(-72), w.asOf.AddMonths(-6))
	one := &inspector{
		id: fmt.Sprintf("%s%02d%03d", p.code, dep.serial, i+1), name: personName(d), department: dep.name,
		unit: authority{p.full + dep.unit, officeCode(p.code, 500+dep.serial)}, division: p.code, from: since, to: since.AddMonths(120),
		left: i > 1 && d.chance(0.05),
	}
	for _, q := range needed {
		if i < 2 || d.chance(0.7) {
			one.qualifications = append(one.qualifications, q)
		}
	}
	return one
}

// sendLibraries writes what does not depend on an enterprise.
func (k *desk) sendLibraries() error {
	x, w := k.x.inspectors, k.w
	for _, p := range append([]*place{w.offices.city}, w.all...) {
		for _, i := range w.inspectors[p.code] {
			state := "在岗"
			if i.left {
				state = "离岗"
			}
			if err := k.tell(x, i.id, i.name, i.department, i.unit.name, i.unit.code, i.division, strings.Join(i.qualifications, "、"),
				x.date(i.from), x.date(i.to), state); err != nil {
				return err
			}
		}
	}
	for _, dep := range departments {
		for _, it := range dep.items {
			if err := k.tell(k.x.items, it.id, it.name, it.kind, it.cap, dep.name, it.basis, it.qualification); err != nil {
				return err
			}
		}
	}
	return errors.Join(k.sendSupervised(), k.sendTasks())
}

// sendTasks writes the plan of the year with a task of each department for the
// quarter, and a joint one for all of them in the food trades of the retail and
// catering sections.
func (k *desk) sendTasks() error {
	w, x := k.w, k.x.tasks
	year, month, _ := w.asOf.YMD()
	from := credit.NewDate(year, (month-1)/3*3+1, 1)
	to := from.AddMonths(3).AddDays(-1)
	plan := fmt.Sprintf("FZSSJ-%d", year)
	err := k.tell(k.x.annualPlans, plan, fmt.Sprintf("福州市%d年度双随机抽查工作计划", year), fmt.Sprint(year), w.offices.samr.name, w.offices.samr.code,
		x.date(credit.NewDate(year, 1, 15)))
	if err != nil {
		return err
	}
	names, joint := make([]string, len(departments)), make([]string, len(departments))
	for i, dep := range departments {
		names[i], joint[i] = dep.name, dep.items[0].id
		ids := make([]string, len(dep.items))
		for n, it := range dep.items {
			ids[n] = it.id
		}
		err := k.tell(x, fmt.Sprintf("%s-%02d", plan, dep.serial), dep.name[len("市"):]+"季度随机抽查", plan, x.date(from), x.date(to), dep.name,
			officeCode("350100", dep.serial), dep.name, "否", strings.Join(ids, "、"), "", "", "", "", "", "")
		if err != nil {
			return err
		}
	}
	return k.tell(x, plan+"-09", "批发零售和住宿餐饮业部门联合抽查", plan, x.date(from), x.date(to), departments[0].name, w.offices.samr.code,
		strings.Join(names, "、"), "是", strings.Join(joint, "、"), "", "F、H", "", "各部门抽查事项一次完成", "进一次门、查多项事；检查人员不少于两人并出示证件", "")
}

// sendWitnessed writes who inspected the enterprise, and who has an interest in it:
// one enterprise in fifty has an inspector of its place who worked there or who
// declared an interest.
func (k *desk) sendWitnessed(e *enterprise) error {
	d := newDice(k.w.seed, e.index, topicInterest)
	local := k.w.inspectors[e.place.code]
	for _, i := range e.inspections {
		first := d.intn(departments[0].each)
		for n := range 2 { // those of market supervision come first
			who := local[(first+n)%departments[0].each]
			x := k.x.visits
			to := x.since(i.on)
			if _, _, err := k.write(&row{x: x, to: to, cells: []string{i.no, e.code, e.name, x.date(i.on), who.id}}); err != nil {
				return err
			}
		}
	}
	if !d.chance(0.02) {
		return nil
	}
	x, relation := k.x.interests, pick(d, []string{"曾任职", "曾任职", "本人利害关系", "近亲属利害关系"})
	return k.tell(x, pick(d, local).id, e.code, e.name, relation, x.date(d.day(k.w.asOf.AddMonths(-30), k.w.asOf.AddDays(-1))), "")
}

// tell writes a row of a library into its newest edition.
func (k *desk) tell(x *extract, cells ...string) error {
	_, _, err := k.write(&row{x: x, to: x.editions[len(x.editions)-1], cells: cells})
	return err
}
