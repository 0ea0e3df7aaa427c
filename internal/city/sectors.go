package city

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
