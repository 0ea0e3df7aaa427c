package city

import (
	"fmt"
	"strconv"

	"rongxin/internal/credit"
)

// entry is a place on a list of 严重失信主体, gone from it when its term is over.
type entry struct {
	no               string
	on, ends, exited credit.Date
}

// enlist draws whether an enterprise is on a list of the last two years; one
// entry in five was ended early.
func (w *world) enlist(d *dice, e *enterprise, p float64, series string, term int) (entry, bool) {
	from, to := max(w.asOf.AddMonths(-24), e.founded.AddDays(200)), w.settled(e)
	listed, on, early := d.chance(min(p*e.risk, 0.2)), d.day(from, to), d.chance(0.2)
	if !listed || to <= from || !e.company() {
		return entry{}, false
	}
	n := entry{no: fmt.Sprintf("%s〔%d〕%07d号", series, on.Year(), e.index), on: on, ends: on.AddMonths(term)}
	switch {
	case early && on.AddMonths(12) < to:
		n.exited = on.AddMonths(12)
	case n.ends <= w.asOf:
		n.exited = n.ends
	}
	return n, true
}

// sendListed writes the severe lists of single departments.
func (k *desk) sendListed(e *enterprise) error {
	d, s := newDice(k.w.seed, e.index, topicListed), k.x.sectors
	if n, ok := k.w.enlist(d, e, 0.006, "榕应急列", 36); ok && (e.industry.industrial() || e.industry.group == building) {
		err := k.put(s.safety, s.safety.editions[0], e.code, e.name, n.no, "", "发生生产安全责任事故受到行政处罚", "应急管理部令第11号",
			s.safety.date(n.on), s.safety.date(n.ends), s.safety.date(n.exited), "福州市应急管理局", "")
		if err != nil {
			return err
		}
	}
	if n, ok := k.w.enlist(d, e, 0.004, "榕统列", 12); ok && (e.industry.industrial() || e.industry.group == trade) {
		kind := pick(d, []string{"提供不真实统计资料", "拒绝提供统计资料"})
		err := k.put(s.statistics, s.statistics.editions[0], e.code, e.name, n.no, kind+"，情节严重", kind, "企业统计信用管理办法",
			s.statistics.date(n.on), s.statistics.date(n.ends), s.statistics.date(n.exited), "福州市统计局", "")
		if err != nil {
			return err
		}
	}
	if n, ok := k.w.enlist(d, e, 0.02, "榕科诚", 36); ok && e.industry.group == software {
		kind := pick(d, []string{"骗取项目经费", "伪造篡改", "抄袭剽窃"})
		err := k.put(s.research, s.research.editions[0], e.code, e.name, personName(d), kind, n.no, "科技计划项目中"+kind, "科研失信行为调查处理规则",
			s.research.date(n.on), s.research.date(n.ends), s.research.date(n.exited), "福州市科学技术局", "")
		if err != nil {
			return err
		}
	}
	if n, ok := k.w.enlist(d, e, 0.02, "榕关信", 24); ok && e.industry.code == "5181" {
		return k.put(s.smuggling, s.smuggling.editions[0], e.code, e.name, customsNo(e), n.no, "走私受到行政处罚", "海关总署令第282号",
			s.smuggling.date(n.on), s.smuggling.date(n.ends), s.smuggling.date(n.exited), "福州海关", "")
	}
	return nil
}

// sendClinic writes the licence of a clinic, and its demerits: one beauty salon
// in four is one.
func (k *desk) sendClinic(e *enterprise) error {
	d := newDice(k.w.seed, e.index, topicClinic)
	from, to := max(k.w.asOf.AddMonths(-12), e.founded.AddDays(30)), k.w.settled(e)
	is := d.chance(0.25)
	on, alive := k.w.lately(d, e, 8)
	if !is || e.industry.code != "8040" || !alive || to <= from {
		return nil
	}
	x := k.x.sectors.clinics
	office := e.place.full + "卫生健康局"
	err := k.put(x, x.since(on), fmt.Sprintf("PDY%07d350100", e.index), e.code, e.name, e.person.name, e.person.name, "医疗美容诊所", "营利性", "医疗美容科",
		e.address, x.date(on), x.date(on.AddMonths(60)), "合格", "有效", office)
	if err != nil {
		return err
	}
	x = k.x.sectors.demerits
	for n := range d.poisson(0.12+0.35*min(e.risk, 6), 4) {
		on := d.day(from, to)
		err := k.put(x, x.since(on), fmt.Sprintf("榕卫记〔%d〕%07d-%d", on.Year(), e.index, n+1), e.code, e.name,
			pick(d, []string{"病历书写不规范", "使用非卫生技术人员从事诊疗活动", "超出核准登记的诊疗科目执业"}), strconv.Itoa(d.between(1, 6)),
			strconv.Itoa(on.Year())+"年度", x.date(on), office)
		if err != nil {
			return err
		}
	}
	return nil
}

// sendAssociation writes a social organisation for every sixtieth enterprise,
// which is its president: its registration, its rating of the last five years
// and, of a few, an entry in the list of the abnormal or the severe.
func (k *desk) sendAssociation(e *enterprise) error {
	if e.index%60 != 7 {
		return nil
	}
	d, s := newDice(k.w.seed, e.index, topicAssociation), k.x.sectors
	code, ok := credit.NewCode("51"+e.place.code, fmt.Sprintf("MJ%06d", e.index/60%1_000_000))
	if !ok {
		return fmt.Errorf("no code for social organisation %d", e.index)
	}
	kind := pick(d, []string{"社会团体", "社会服务机构"})
	name := e.place.full + tradeName(d) + map[string]string{"社会团体": "行业协会", "社会服务机构": "公益服务中心"}[kind]
	founded := d.day(k.w.asOf.AddMonths(-180), k.w.asOf.AddMonths(-72))
	office := e.place.full + "民政局"
	x := s.associations
	err := k.put(x, x.editions[0], code, name, kind, e.person.name, e.person.id, "", "3", x.date(founded), "", "行业服务、交流培训", e.address, e.place.code, "正常", office)
	if err != nil {
		return err
	}
	rated, stars, on := d.chance(0.7), d.between(1, 5), d.day(k.w.asOf.AddMonths(-70), k.w.asOf.AddDays(-10))
	if rated {
		x = s.ratings
		err = k.put(x, x.editions[0], code, name, strconv.Itoa(on.Year()), strconv.Itoa(stars)+"A", x.date(on), x.date(on.AddMonths(60).AddDays(-1)), "福州市民政局")
		if err != nil {
			return err
		}
	}
	x, on = s.abnormal, d.day(k.w.asOf.AddMonths(-20), k.w.asOf.AddDays(-10))
	if d.chance(0.12) {
		err = k.put(x, x.editions[0], code, name, fmt.Sprintf("榕民异〔%d〕%07d号", on.Year(), e.index), "未按规定年检或报送年报", x.date(on), "", office)
		if err != nil {
			return err
		}
	}
	x = s.severe
	if d.chance(0.06) {
		return k.put(x, x.editions[0], code, name, fmt.Sprintf("榕民列〔%d〕%07d号", on.Year(), e.index), "列入活动异常名录后仍不改正", "民政部令第60号",
			x.date(on), x.date(on.AddMonths(24)), "", office, "")
	}
	return nil
}
