package city

import (
	"math"

	"rongxin/internal/credit"
)

// abnormal is an entry of 经营异常名录.
type abnormal struct {
	document
	by      authority
	reason  string
	removed credit.Date // 0 while listed
}

// fraud is a determination as 重大税收违法失信主体 (税务总局令第54号).
type fraud struct {
	document
	by        authority
	kind      string
	wan       float64
	published credit.Date
	removed   credit.Date // after three years
}

// arrears is an entry of the list of unpaid wages (人社部令第45号).
type arrears struct {
	document
	workers int
	yuan    int
	removed credit.Date
}

// debt is an entry of 失信被执行人.
type debt struct {
	document
	court       string
	published   credit.Date
	disruption  string
	performance string
	removed     credit.Date
}

// live tells whether an entry counts on a day.
func liveOn(listed, removed, day credit.Date) bool {
	return listed <= day && (removed == 0 || removed > day)
}

// rare scales a base probability by risk, never above a fifth.
func rare(p float64, e *enterprise) float64 { return min(p*e.risk, 0.2) }

func (w *world) listAbnormal(e *enterprise) {
	d := newDice(w.seed, e.index, topicAbnormal)
	from, to := w.lookBack(e), e.last(w).AddDays(-3)
	if to <= from || !d.chance(min(0.032*e.risk, 0.35)) {
		return
	}
	reasons := []string{"未按规定公示年度报告", "未按规定公示年度报告", "通过登记的住所无法联系", "通过登记的住所无法联系", "未按责令期限公示信息", "公示信息隐瞒真实情况弄虚作假"}
	a := &abnormal{by: e.place.samr, reason: pick(d, reasons)}
	a.series, a.on = "榕"+e.place.abbr+"市监异列", d.day(from, to)
	if d.chance(0.35) {
		if out := a.on.AddDays(d.between(20, 500)); out <= w.asOf {
			a.removed = out
		}
	}
	e.abnormal = append(e.abnormal, a)
}

func (w *world) defraud(e *enterprise) {
	d := newDice(w.seed, e.index, topicFraud)
	from := max(e.founded.AddDays(300), credit.NewDate(2022, 2, 1), w.asOf.AddMonths(-40))
	to := e.last(w).AddDays(-60)
	if !e.company() || to <= from || !d.chance(rare(0.0019, e)) {
		return
	}
	kinds := []string{"偷税", "虚开增值税专用发票", "虚开增值税专用发票", "虚开普通发票", "走逃（失联）", "逃避追缴欠税", "骗取出口退税"}
	f := &fraud{by: authority{name: "国家税务总局福州市税务局"}, kind: pick(d, kinds)}
	f.series, f.on = "榕税稽定", d.day(from, to)
	f.wan = math.Round(100*min(max(d.lognormal(260, 0.8), 100), 9000)) / 100
	f.published = f.on.AddDays(d.between(20, 45))
	if out := f.published.AddMonths(36); out <= w.asOf {
		f.removed = out
	}
	e.fraud = f
}

func (w *world) delayWages(e *enterprise) {
	d := newDice(w.seed, e.index, topicArrears)
	p := 0.0009
	if e.industry.group == building {
		p = 0.012
	}
	from := max(e.founded.AddDays(100), credit.NewDate(2022, 1, 1), w.asOf.AddMonths(-40))
	to := e.last(w).AddDays(-10)
	if !e.company() || to <= from || !d.chance(rare(p, e)) {
		return
	}
	a := &arrears{workers: d.between(3, 90)}
	a.series, a.on = "榕人社监列", d.day(from, to)
	a.yuan = a.workers * d.between(40, 280) * 100
	out := a.on.AddMonths(36)
	if d.chance(0.25) {
		out = a.on.AddDays(d.between(190, 700)) // after correction, not before six months
	}
	if out <= w.asOf {
		a.removed = out
	}
	e.arrears = a
}

func (w *world) dishonour(e *enterprise) {
	d := newDice(w.seed, e.index, topicDebt)
	from := max(e.founded.AddDays(200), w.asOf.AddMonths(-30))
	to := w.asOf.AddDays(-5)
	if !e.company() || to <= from || !d.chance(rare(0.014, e)) {
		return
	}
	b := &debt{court: "福州市中级人民法院"}
	b.style, b.series = execution, "闽01执"
	if d.chance(0.85) {
		b.court, b.series = e.place.full+"人民法院", "闽01"+e.place.code[4:]+"执"
	}
	b.published = d.day(from, to)
	b.on = b.published.AddDays(-d.between(30, 200))
	b.disruption = pick(d, []string{"有履行能力而拒不履行生效法律文书确定义务", "违反财产报告制度", "违反限制消费令", "以伪造证据、暴力、威胁等方法妨碍、抗拒执行"})
	b.performance = pick(d, []string{"全部未履行", "全部未履行", "全部未履行", "部分未履行"})
	out := b.published.AddMonths(24)
	if d.chance(0.3) {
		out, b.performance = b.published.AddDays(d.between(20, 600)), "全部已履行"
	}
	if out <= w.asOf {
		b.removed = out
	} else if b.performance == "全部已履行" {
		b.performance = "部分未履行"
	}
	e.debt = b
}

// severe tells whether the enterprise is on a list of 严重失信主体 on a day.
func (e *enterprise) severe(day credit.Date) bool {
	return e.fraud != nil && liveOn(e.fraud.published, e.fraud.removed, day) ||
		e.arrears != nil && liveOn(e.arrears.on, e.arrears.removed, day) ||
		e.debt != nil && liveOn(e.debt.published, e.debt.removed, day)
}
