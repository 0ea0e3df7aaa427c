package city

// inspection is one check with its result code (a selection of the codes used
// by market supervision; DOMAIN words: 1 nothing found, E corrected at once).
type inspection struct {
	document
	by      authority
	field   string
	mode    string
	result  string
	problem string
}

// Problems by result code.
var problems = map[string]string{
	"3": "违反食品药品管理规定", "4": "违反产品质量管理规定", "6": "通过登记的住所无法联系",
	"8": "不配合检查情节严重", "A": "发现问题待后续处理", "B": "未按规定公示应当公示的信息",
	"C": "公示信息隐瞒真实情况、弄虚作假", "E": "发现问题经责令已改正",
}

// inspect checks about a quarter of the enterprises in two years, the food
// trades and the risky more often.
func (w *world) inspect(e *enterprise) {
	d := newDice(w.seed, e.index, topicInspection)
	from, to := max(w.asOf.AddMonths(-24), e.founded.AddDays(60)), e.last(w).AddDays(-1)
	mean := 0.16 + 0.06*min(e.risk, 8)
	if e.industry.food() || e.industry.group == drugs {
		mean += 0.35
	}
	if to <= from {
		return
	}
	for range d.poisson(mean, 5) {
		i := &inspection{by: e.place.samr, field: inspectionField(d, e)}
		i.series, i.on = "榕"+e.place.abbr+"市监检", d.day(from, to)
		i.mode = pick(d, []string{"双随机抽查", "双随机抽查", "日常检查", "专项检查"})
		i.result = inspectionResult(d, e, i)
		i.problem = problems[i.result]
		e.inspections = append(e.inspections, i)
	}
}

func inspectionField(d *dice, e *enterprise) string {
	switch {
	case e.industry.food() && d.chance(0.7):
		return "食品安全"
	case e.industry.industrial() && d.chance(0.5):
		return pick(d, []string{"产品质量", "特种设备"})
	}
	return pick(d, []string{"公示信息", "公示信息", "广告", "价格", "产品质量"})
}

func inspectionResult(d *dice, e *enterprise, i *inspection) string {
	for _, a := range e.abnormal {
		if a.reason == "通过登记的住所无法联系" && liveOn(a.on, a.removed, i.on) {
			return "6"
		}
	}
	if !d.chance(min(0.1+0.07*e.risk, 0.8)) {
		if d.chance(0.03) {
			return "F"
		}
		return "1"
	}
	found := []string{"E", "E", "E", "A", "4"}
	switch i.field {
	case "食品安全":
		found = []string{"E", "E", "3", "3", "A"}
	case "公示信息":
		found = []string{"B", "B", "E", "C", "6"}
	}
	if e.risk > 8 && d.chance(0.1) {
		return "8"
	}
	return pick(d, found)
}
