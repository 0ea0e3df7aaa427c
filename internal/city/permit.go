package city

import (
	"fmt"
	"slices"

	"rongxin/internal/credit"
)

// permit is one decision of 行政许可.
type permit struct {
	document
	by          authority
	paper       string // 许可决定文书名称
	kind        string // 许可类别
	certificate string
	permitNo    string
	content     string
	from, to    credit.Date
	reported    credit.Date
	revoked     bool
	idGiven     bool
}

// longTerm is the 有效期至 of a permit without end (双公示, 2018).
var longTerm = credit.NewDate(2099, 12, 31)

// valid is the XK_ZT that the department writes on a day.
func (p *permit) valid(day credit.Date) string {
	switch {
	case p.revoked:
		return "2"
	case p.to < day:
		return "0"
	}
	return "1"
}

// foodPermitNo is a permit number: two letters, three digits of the kind, the
// division, seven of serial; a made-up check digit is not attempted.
func foodPermitNo(letters string, e *enterprise) string {
	return fmt.Sprintf("%s1%s%07d", letters, e.place.code, e.index%10_000_000)
}

func (w *world) permit(e *enterprise) error {
	d := newDice(w.seed, e.index, topicPermit)
	// Nothing before 2019: both a permit and its renewal lie within the calendar.
	from := max(e.founded.AddDays(3), credit.NewDate(2019, 1, 2))
	to := w.settled(e)
	if to <= from {
		return nil
	}
	p := newPermit(d, e)
	if p == nil {
		return nil
	}
	p.on = min(from.AddDays(d.intn(120)), to)
	if e.founded < credit.NewDate(2019, 1, 1) {
		p.on = d.day(from, min(to, from.AddDays(5*365-1)))
	}
	if err := w.issue(d, e, p); err != nil {
		return err
	}
	// A permit that ran out is renewed before its end, by most.
	if renewed := p.to.AddDays(-d.between(20, 60)); p.to != longTerm && renewed <= to && d.chance(0.85) {
		next := *p
		next.on = renewed
		return w.issue(d, e, &next)
	}
	return nil
}

func newPermit(d *dice, e *enterprise) *permit {
	p := &permit{kind: "普通", by: e.place.samr}
	switch g := e.industry.group; {
	case g == foodMaking && d.chance(0.8):
		p.certificate, p.permitNo = "食品生产许可证", foodPermitNo("SC", e)
		p.content = "食品生产：" + e.industry.scope
	case g == catering && d.chance(0.88):
		p.certificate, p.permitNo = "食品经营许可证", foodPermitNo("JY", e)
		p.content = "餐饮服务经营者：热食类食品制售" + pick(d, []string{"", "；冷食类食品制售", "；自制饮品制售"})
	case g == foodTrade && d.chance(0.75):
		p.certificate, p.permitNo = "食品经营许可证", foodPermitNo("JY", e)
		p.content = "食品销售经营者：预包装食品销售" + pick(d, []string{"", "；散装食品销售"})
	case g == drugs && d.chance(0.9):
		p.certificate, p.permitNo = "药品经营许可证", "闽C"+foodPermitNo("A", e)
		p.content = "药品零售：处方药、甲类非处方药、乙类非处方药"
	case slices.Contains([]group{making, service, building}, g) && d.chance(0.08):
		p.certificate, p.permitNo, p.kind = "特种设备使用登记证", "梯"+foodPermitNo("FA", e), "登记"
		p.content = "特种设备使用登记：" + pick(d, []string{"曳引驱动乘客电梯", "叉车", "蒸汽锅炉", "桥式起重机"})
	default:
		return nil
	}
	p.paper = p.certificate + "准予许可决定书"
	p.series = "榕" + e.place.abbr + "市监许"
	return p
}

// issue dates a permit and files it with the enterprise.
func (w *world) issue(d *dice, e *enterprise, p *permit) error {
	p.from, p.to = p.on, p.on.AddMonths(60).AddDays(-1)
	if p.kind == "登记" {
		p.to = longTerm
	}
	var err error
	if p.reported, err = w.reportedOn(d, p.on); err != nil {
		return err
	}
	p.revoked = e.status == "吊销" || e.status == "注销" && d.chance(0.6)
	p.idGiven = d.chance(0.5)
	e.permits = append(e.permits, p)
	return nil
}
