package city

import (
	"fmt"
	"slices"
	"strconv"

	"rongxin/internal/credit"
)

// sectors are the evaluations of single industries, and what those that are
// computed look at. They hold no seeded faults.
type sectors struct {
	building, property, water, transport, drugs, price, food, customs, ratings *extract // grades
	fire, demerits, clinics, bids, violations                                  *extract
	safety, statistics, research, smuggling, abnormal, severe                  *extract // lists
	associations                                                               *extract
	market, culture, procurement, overloading                                  *extract // lists
	insurance, revocations                                                     *extract
}

const (
	gradeColumns   = `*统一社会信用代码#code *单位名称#name *评价年度 评价得分 *评价等级 *评价日期#past 有效期至#open *评价机关#text`
	letterColumns  = `*统一社会信用代码#code *单位名称#name *评价年度 *评价等级 *评价日期#past 有效期至#open *评价机关#text`
	foodColumns    = `*统一社会信用代码#code *单位名称#name *评价年度 *业态 评价得分 *评价等级 *评价日期#past 有效期至#open *评价机关#text`
	customsColumns = `*统一社会信用代码#code *单位名称#name *评价年度 *海关备案编码 *评价等级 *评价日期#past 有效期至#open *评价机关#text`
	fireColumns    = `*检查编号 *统一社会信用代码#code *单位名称#name *检查方式 场所名称 *检查日期#past *检查结果 火灾隐患#text 是否重大火灾隐患
		责令改正期限#open 整改结果 *检查机关#text`
	demeritColumns = `*记分编号 *统一社会信用代码#code *医疗机构名称#name *不良执业行为#text *记分分值 *记分周期 *记分日期#past *记分机关#text`
	clinicColumns  = `*登记号 *统一社会信用代码#code *医疗机构名称#name 法定代表人#text 主要负责人#text *机构类别 *经营性质 *诊疗科目#text 地址#text
		*发证日期#past *有效期至#open 校验结果 *执业状态 *发证机关#text`
	bidColumns       = `*标段编号 *统一社会信用代码#code *中标人名称#name *项目名称 *交易类别 中标价 *中标通知书日期#past *招标人名称#text 招标人代码 项目负责人 行政监督部门#text`
	bidFaultColumns  = `*记录文书号 *统一社会信用代码#code *单位名称#name *主体角色 *违法行为 违法事实#text 处理决定#text *决定日期#past 公告期限至#open *决定机关#text`
	safetyColumns    = `*统一社会信用代码#code *单位名称#name *列入决定文书号 事故名称#text *列入事由#text 列入依据#text *列入日期#past 届满日期#open 移出日期#past *决定机关#text 决定机关代码`
	statisticColumns = `*统一社会信用代码#code *单位名称#name *列入决定文书号 *列入事由#text *违法行为 列入依据#text *列入日期#past 届满日期#open 移出日期#past *决定机关#text 决定机关代码`
	researchColumns  = `*统一社会信用代码#code *单位名称#name 责任人姓名 *失信行为 *列入决定文书号 *列入事由#text 列入依据#text *列入日期#past 届满日期#open 移出日期#past *决定机关#text 决定机关代码`
	smuggleColumns   = `*统一社会信用代码#code *单位名称#name *海关备案编码 *列入决定文书号 *列入事由#text 列入依据#text *列入日期#past 届满日期#open 移出日期#past *决定机关#text 决定机关代码`
	unusualColumns   = `*统一社会信用代码#code *单位名称#name *列入决定文书号 *列入事由 *列入日期#past 移出日期#past *登记机关#text`
	civilColumns     = `*统一社会信用代码#code *单位名称#name *列入决定文书号 *列入事由#text 列入依据#text *列入日期#past 届满日期#open 移出日期#past *决定机关#text 决定机关代码`
	orgColumns       = `*统一社会信用代码#code *单位名称#name *社会组织类型 法定代表人#text 法定代表人证件号码 业务主管单位#text 注册资金 *成立日期#past
		证书有效期至#open 业务范围#text 住所#text 住所区划 *登记状态 *登记机关#text`
)

func newSectors(w *world, snapshot, delta func(string) []*edition, yearly func(string, []round) []*edition) sectors {
	graded := func(dataset, columnList, name string) *extract {
		return &extract{dataset: dataset, columns: columns(columnList), editions: yearly(name, w.rounds.sector)}
	}
	sent := func(dataset, columnList string, editions []*edition) *extract {
		return &extract{dataset: dataset, format: utf8CSV, columns: columns(columnList), editions: editions}
	}
	return sectors{
		building:     graded("construction/grades", gradeColumns, "建筑市场信用评价"),
		property:     graded("construction/property_grades", gradeColumns, "物业服务企业信用评价"),
		water:        graded("water_conservancy/grades", gradeColumns, "水利建设市场主体信用评价"),
		transport:    graded("transport/grades", gradeColumns, "道路运输企业质量信誉考核"),
		drugs:        graded("samr/drug_grades", letterColumns, "药品医疗器械经营信用等级"),
		price:        graded("samr/price_grades", letterColumns, "价格信用评价"),
		food:         graded("samr/food_grades", foodColumns, "食品生产经营风险等级"),
		customs:      sent("customs/grades", customsColumns, snapshot("海关企业信用等级")),
		ratings:      sent("civil/ratings", letterColumns, snapshot("社会组织评估等级")),
		fire:         sent("fire/inspections", fireColumns, delta("消防监督检查")),
		demerits:     sent("health/demerits", demeritColumns, delta("医疗机构不良执业行为记分")),
		clinics:      sent("health/licences", clinicColumns, delta("医疗机构执业许可")),
		bids:         sent("trading/bids", bidColumns, delta("中标结果")),
		violations:   sent("trading/violations", bidFaultColumns, delta("招标投标违法行为记录")),
		safety:       sent("emergency/severe", safetyColumns, snapshot("安全生产严重失信主体")),
		statistics:   sent("statistics/severe", statisticColumns, snapshot("统计严重失信企业")),
		research:     sent("science/research_integrity", researchColumns, snapshot("科研严重失信行为")),
		smuggling:    sent("customs/severe", smuggleColumns, snapshot("海关严重失信企业")),
		abnormal:     sent("civil/abnormal_activities", unusualColumns, snapshot("社会组织活动异常名录")),
		severe:       sent("civil/severe", civilColumns, snapshot("社会组织严重违法失信名单")),
		associations: sent("civil/organisations", orgColumns, snapshot("社会组织登记")),
		market:       sent("samr/severe_violations", marketColumns, snapshot("市场监督管理严重违法失信名单")),
		culture:      sent("culture/severe", cultureColumns, snapshot("文化和旅游市场严重失信主体")),
		procurement:  sent("finance/procurement_violations", procurementColumns, snapshot("政府采购严重违法失信行为")),
		overloading:  sent("transport/overloading", overloadColumns, snapshot("严重违法失信超限超载运输当事人")),
		insurance:    sent("medical_insurance/violations", insuranceColumns, delta("医疗保障基金违法违规处理")),
		revocations:  sent("credit/revocations", revocationColumns, delta("行政处罚决定的撤销与变更")),
	}
}

func (s sectors) all() []*extract {
	return []*extract{s.building, s.property, s.water, s.transport, s.drugs, s.price, s.food, s.customs, s.ratings, s.fire, s.demerits,
		s.clinics, s.bids, s.violations, s.safety, s.statistics, s.research, s.smuggling, s.abnormal, s.severe, s.associations,
		s.market, s.culture, s.procurement, s.overloading, s.insurance, s.revocations}
}

// band is a grade and the least score that earns it; bands descend.
type band struct {
	grade string
	from  float64
}

// grade of a score, kept inside its own band and the top of the one above.
func graded(bands []band, score, top float64) (string, string) {
	at := slices.IndexFunc(bands, func(b band) bool { return score >= b.from })
	if at < 0 {
		at = len(bands) - 1
	}
	ceiling := top
	if at > 0 {
		ceiling = bands[at-1].from - 0.01
	}
	return bands[at].grade, points(min(max(score, bands[at].from), ceiling))
}

var (
	buildingBands  = []band{{"A", 85}, {"B", 70}, {"C", 60}, {"D", 0}}
	propertyBands  = []band{{"AAA", 85}, {"AA", 80}, {"A", 70}, {"B", 60}, {"C", 0}}
	waterBands     = []band{{"AAA", 90}, {"AA", 80}, {"A", 70}, {"B", 60}, {"C", 0}}
	transportBands = []band{{"AAAA", 950}, {"AAA", 850}, {"AA", 700}, {"A", 600}, {"B", 0}}
	drugWords      = []string{"守信", "警示", "失信", "严重失信"}
	letters        = []string{"A", "B", "C", "D"}
	customsWords   = []string{"高级认证", "认证", "常规", "失信", "严重失信"}
)

// standing places the risk seen by an authority on a scale of n grades, 0 the best.
func standing(seen float64, n int) int {
	cuts := []float64{0.8, 3, 8, 16}
	at := 0
	for _, cut := range cuts[:n-1] {
		if seen > cut {
			at++
		}
	}
	return at
}

// sendSectors writes the grades of the industry that an enterprise is in, and
// its fire inspections and bids.
func (k *desk) sendSectors(e *enterprise) error {
	d := newDice(k.w.seed, e.index, topicSector)
	covered, base := d.chance(0.6), 84+6*d.normal()-2.2*min(e.risk, 14)
	seen := e.risk * (0.6 + 0.8*d.float())
	var errs []error
	for i := range k.w.rounds.sector {
		r := &k.w.rounds.sector[i]
		score := min(max(base+2*d.normal(), 20), 99)
		if !covered || !e.company() || !e.judged(r) {
			continue
		}
		errs = append(errs, k.sendSector(e, r, score, seen))
	}
	errs = append(errs, k.sendTrader(e, d, seen), k.sendFire(e, d), k.sendBids(e, d))
	return firstOf(errs)
}

// sendSector writes the result of one round.
func (k *desk) sendSector(e *enterprise, r *round, score, seen float64) error {
	x, s := k.x.sectors, e.industry
	by, year, valid := "福州市住房和城乡建设局", strconv.Itoa(r.year), r.dated.AddMonths(12)
	row := func(x *extract, bands []band, score, top float64, by string, valid credit.Date) error {
		grade, text := graded(bands, score, top)
		return k.put(x, x.of(r), e.code, e.name, year, text, grade, x.date(r.dated), x.date(valid), by)
	}
	switch {
	case s.code == "7020":
		return row(x.property, propertyBands, score, 99, by, 0)
	case s.code == "4813" && e.index%2 == 0:
		return row(x.water, waterBands, score, 99, "福州市水利局", r.dated.AddMonths(36))
	case s.group == building:
		return row(x.building, buildingBands, score, 99, by, valid)
	case s.code == "5431":
		return row(x.transport, transportBands, 10*score, 990, "福州市交通运输局", 0)
	case s.group == drugs:
		return k.put(x.drugs, x.drugs.of(r), e.code, e.name, year, drugWords[standing(seen, 4)], x.drugs.date(r.dated), "", e.place.samr.name)
	case s.code == "5212":
		return k.put(x.price, x.price.of(r), e.code, e.name, year, letters[standing(seen, 4)], x.price.date(r.dated), "", e.place.samr.name)
	case s.group == foodMaking, s.group == catering && e.index%3 == 0:
		kind := "食品生产"
		if s.group == catering {
			kind = "餐饮服务"
		}
		at := standing(seen, 4)
		risk := points([]float64{12, 31, 46, 61}[at] + min(9*(seen/20), 14)) // risk points: high is bad
		return k.put(x.food, x.food.of(r), e.code, e.name, year, kind, risk, letters[at], x.food.date(r.dated), "", e.place.samr.name)
	}
	return nil
}

// sendTrader writes customs/grades, of one importer in three.
func (k *desk) sendTrader(e *enterprise, d *dice, seen float64) error {
	x := k.x.sectors.customs
	known := d.chance(0.3)
	on := d.day(max(e.founded.AddDays(90), k.w.asOf.AddMonths(-24)), k.w.asOf.AddDays(-5))
	if !known || e.industry.code != "5181" || e.ended != 0 || e.founded.AddDays(95) > k.w.asOf {
		return nil
	}
	at := standing(seen, 5)
	if at < 2 && e.index%5 != 0 {
		at = 2 // most are neither authenticated nor dishonest
	}
	return k.put(x, x.editions[0], e.code, e.name, strconv.Itoa(on.Year()), customsNo(e), customsWords[at], x.date(on), "", "福州海关")
}

func customsNo(e *enterprise) string { return fmt.Sprintf("3501%06d", e.index%1_000_000) }

// sendFire writes the inspections of the fire brigade, of places that many visit
// and of workshops.
func (k *desk) sendFire(e *enterprise, d *dice) error {
	x := k.x.sectors.fire
	s := e.industry
	if s.group != catering && !s.industrial() && s.code != "5212" && s.code != "7020" {
		return nil
	}
	for n := range d.poisson(0.12, 2) {
		on, alive := k.w.lately(d, e, 25)
		bad, worse := d.chance(min(0.12+0.06*e.risk, 0.8)), d.chance(min(0.03*e.risk, 0.5))
		if !alive {
			continue
		}
		result, problem, major, due, correction := "合格", "", "否", "", "不需整改"
		if bad {
			result, problem, due, correction = "不合格", "疏散通道堆放杂物，消防设施未保持完好有效", x.date(on.AddDays(30)), "已整改"
			if worse {
				problem, major, correction = "未设自动消防设施，安全出口数量不足", "是", pick(d, []string{"整改中", "拒不整改"})
			}
		}
		err := k.put(x, x.since(on), fmt.Sprintf("榕消检〔%d〕%07d-%d", on.Year(), e.index, n+1), e.code, e.name,
			pick(d, []string{"双随机抽查", "日常检查", "专项检查"}), e.address, x.date(on), result, problem, major, due, correction, "福州市消防救援支队")
		if err != nil {
			return err
		}
	}
	return nil
}

// sendBids writes what builders won, and what some did to win it.
func (k *desk) sendBids(e *enterprise, d *dice) error {
	from, to := max(k.w.asOf.AddMonths(-24), e.founded.AddDays(200)), k.w.settled(e)
	wins, on, wan := d.chance(0.35), d.day(from, to), d.between(80, 4000)
	cheats := d.chance(min(0.012*e.risk, 0.3))
	later, alive := k.w.lately(d, e, 25)
	kind := pick(d, []string{"串通投标", "弄虚作假", "转包", "违法分包"})
	if e.industry.group != building || !e.company() || to <= from {
		return nil
	}
	x := k.x.sectors.bids
	if wins || cheats {
		err := k.put(x, x.since(on), fmt.Sprintf("FZGC%07d-1", e.index), e.code, e.name, e.place.name+pick(d, []string{"道路提升工程", "安置房项目", "校舍修缮工程"}),
			"工程建设", strconv.Itoa(wan*10000), x.date(on), e.place.full+"住房和城乡建设局", "", "", "福州市住房和城乡建设局")
		if err != nil {
			return err
		}
	}
	if !cheats || !alive {
		return nil
	}
	x = k.x.sectors.violations
	return k.put(x, x.since(later), fmt.Sprintf("榕招监〔%d〕%07d号", later.Year(), e.index), e.code, e.name, "投标人", kind, kind+"，经查证属实",
		"记入不良行为记录", x.date(later), x.date(later.AddMonths(12)), "福州市住房和城乡建设局")
}

// lately draws a day of the last days before one of the two sendings, so that
// the record is told in time, and says whether the enterprise lived then.
func (w *world) lately(d *dice, e *enterprise, days int) (credit.Date, bool) {
	sent := w.asOf
	if d.chance(0.6) {
		sent = w.cutoff
	}
	on := d.day(sent.AddDays(-days), sent.AddDays(-1))
	return on, e.founded.AddDays(30) < on && on < e.last(w)
}

// put writes a row without a fault into an edition.
func (k *desk) put(x *extract, to *edition, cells ...string) error {
	_, _, err := k.write(&row{x: x, to: to, cells: cells})
	return err
}

func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
