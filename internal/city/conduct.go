package city

import (
	"rongxin/internal/credit"
)

// honour is a recognition by an authority.
type honour struct {
	document
	name, level string
	by          string
	to          credit.Date // 0: without end
}

// commitment is a 信用承诺 and its performance.
type commitment struct {
	document
	kind      string
	result    string // 履行状态 once confirmed
	breach    string
	confirmed credit.Date // 0 while running
}

// performance is what the commitment looked like at the end of a day.
func (c *commitment) performance(day credit.Date) (result, breach, confirmed string) {
	if c.confirmed == 0 || c.confirmed > day {
		return "履行中", "", ""
	}
	return c.result, c.breach, c.confirmed.String()
}

// override is a class set by hand, with reason, approver and expiry (榕发改信用
// 〔2022〕22号 §25).
type override struct {
	document
	class    string
	reason   string
	approver string
	expires  credit.Date
}

func (w *world) honour(e *enterprise) {
	d := newDice(w.seed, e.index, topicHonour)
	from, to := max(w.asOf.AddMonths(-48), e.founded.AddDays(400)), e.last(w).AddDays(-5)
	if to <= from || e.risk > 2 || !d.chance(0.035) {
		return
	}
	h := &honour{by: w.offices.samr.name, level: "市级"}
	h.on = d.day(from, to)
	switch d.intn(5) {
	case 0:
		h.name, h.series = "守合同重信用企业", "榕市监信"
	case 1:
		h.name, h.series, h.level, h.by = "诚信经营示范店", "榕"+e.place.abbr+"市监诚", "县级", e.place.samr.name
	case 2:
		h.name, h.series, h.by = "诚信示范企业", "榕信示", "福州市发展和改革委员会"
	case 3:
		h.name, h.series, h.level, h.by = "守合同重信用企业", "闽信用", "省级", "福建省市场监督管理局"
	default:
		h.name, h.series, h.by = "和谐劳动关系企业", "榕人社和", w.offices.labour.name
	}
	if d.chance(0.7) {
		h.to = h.on.AddMonths(36)
	}
	e.honours = append(e.honours, h)
}

// commit gives promises: one with each repair, and those of everyday business.
func (w *world) commit(e *enterprise) {
	d := newDice(w.seed, e.index, topicCommitment)
	for _, c := range e.cases {
		if c.repair {
			w.promise(d, e, "4", c.on)
		}
	}
	from, to := max(w.asOf.AddMonths(-36), e.founded), e.last(w).AddDays(-3)
	if to > from && d.chance(0.15) {
		w.promise(d, e, pick(d, []string{"1", "1", "2", "3", "3", "5", "6", "6", "0"}), d.day(from, to))
	}
}

func (w *world) promise(d *dice, e *enterprise, kind string, on credit.Date) {
	c := &commitment{kind: kind, result: "全部履行"}
	c.style, c.series, c.on = commitCode, e.place.code, on
	if d.chance(min(0.012*e.risk, 0.3)) {
		c.result = pick(d, []string{"部分履行", "部分履行", "全部未履行"})
		c.breach = pick(d, []string{"未按承诺期限补齐材料", "未按承诺完成整改", "承诺事项与核查情况不符"})
	}
	if confirmed := on.AddDays(d.between(20, 240)); confirmed <= w.asOf {
		c.confirmed = confirmed
	}
	e.commitments = append(e.commitments, c)
}

// overrideFew sets a class by hand for one enterprise in a thousand, at fixed
// places so that a small city has some too; one in three has expired.
func (w *world) overrideFew(e *enterprise) {
	const every, first = 997, 41
	if e.index%every != first || e.founded > w.asOf.AddDays(-60) {
		return
	}
	d := newDice(w.seed, e.index, topicOverride)
	o := &override{class: "3", reason: "涉及群众集中投诉，上调监管等级", approver: "市信用办联席会议"}
	o.series, o.on = "榕信调", w.asOf.AddDays(-d.between(10, 50))
	o.expires = o.on.AddMonths(6)
	switch e.index / every % 3 {
	case 0:
		o.expires = w.asOf.AddDays(-d.between(1, 9))
	case 1:
		o.class, o.reason = "2", "重点保供企业，按联席会议纪要调整"
	}
	e.override = o
}
