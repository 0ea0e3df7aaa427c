package city

import (
	"errors"
	"fmt"
	"strconv"
)

const (
	marketColumns = `*统一社会信用代码#code *单位名称#name *列入决定文书号 *领域 *列入事由#text *列入日期#past 届满日期#open 移出日期#past
		*决定机关#text 决定机关代码`
	cultureColumns = `*统一社会信用代码#code *单位名称#name *列入决定文书号 *市场领域 *列入事由#text 列入依据#text *列入日期#past 届满日期#open
		移出日期#past *决定机关#text 决定机关代码`
	procurementColumns = `*统一社会信用代码#code *单位名称#name *列入决定文书号 *列入事由#text 处罚结果#text 列入依据#text *列入日期#past
		届满日期#open 移出日期#past *决定机关#text 决定机关代码`
	overloadColumns = `*统一社会信用代码#code *单位名称#name *列入决定文书号 违法次数 车牌号 *列入事由#text 列入依据#text *列入日期#past
		届满日期#open 移出日期#past *决定机关#text 决定机关代码`
	insuranceColumns = `*处理文书号 *统一社会信用代码#code *定点医药机构名称#name *机构类型 *违法违规行为#text *处理方式 损失基金金额 *处理日期#past
		*处理机关#text`
	revocationColumns = `*编号 *类型 *主体代码#code *主体名称#name *文书号 *决定日期#past *作出单位#text *依据文书 *理由#text`
)

// sendMoreLists writes the severe lists of market supervision, culture,
// procurement and road transport.
func (k *desk) sendMoreLists(e *enterprise) error {
	d, s := newDice(k.w.seed, e.index, topicMoreLists), k.x.sectors
	var errs []error
	if n, ok := k.w.enlist(d, e, 0.005, "榕市监列", 36); ok {
		field := pick(d, []string{"质量安全", "侵害消费者权益", "破坏公平竞争秩序"})
		errs = append(errs, k.put(s.market, s.market.editions[0], e.code, e.name, n.no, field, field+"领域违法，受到较重行政处罚",
			s.market.date(n.on), s.market.date(n.ends), s.market.date(n.exited), "福州市市场监督管理局", ""))
	}
	if n, ok := k.w.enlist(d, e, 0.02, "榕文旅列", 36); ok && e.industry.code == "7259" {
		errs = append(errs, k.put(s.culture, s.culture.editions[0], e.code, e.name, n.no, "演出", "擅自举办营业性演出，情节严重", "文化和旅游部令第7号",
			s.culture.date(n.on), s.culture.date(n.ends), s.culture.date(n.exited), "福州市文化和旅游局", ""))
	}
	if n, ok := k.w.enlist(d, e, 0.004, "榕财采", 24); ok && (e.industry.group == service || e.industry.group == software) {
		errs = append(errs, k.put(s.procurement, s.procurement.editions[0], e.code, e.name, n.no, "提供虚假材料谋取中标", "禁止参加政府采购活动二年", "政府采购法第七十七条",
			s.procurement.date(n.on), s.procurement.date(n.ends), s.procurement.date(n.exited), "福州市财政局", ""))
	}
	if n, ok := k.w.enlist(d, e, 0.02, "榕交超限", 24); ok && e.industry.code == "5431" {
		errs = append(errs, k.put(s.overloading, s.overloading.editions[0], e.code, e.name, n.no, strconv.Itoa(d.between(4, 9)), "", "一年内违法超限运输超过三次", "公路安全保护条例",
			s.overloading.date(n.on), s.overloading.date(n.ends), s.overloading.date(n.exited), "福州市交通运输局", ""))
	}
	if on, alive := k.w.lately(d, e, 20); d.chance(min(0.01*e.risk, 0.2)) && alive && e.industry.group == drugs {
		errs = append(errs, k.put(s.insurance, s.insurance.since(on), fmt.Sprintf("榕医保处〔%d〕%07d号", on.Year(), e.index), e.code, e.name, "定点零售药店",
			"串换药品、耗材", pick(d, []string{"责令改正", "退回基金", "暂停医保服务"}), strconv.Itoa(d.between(2, 90)*100), s.insurance.date(on), "福州市医疗保障局"))
	}
	return errors.Join(errs...)
}

// sendAftermath writes decisions not to punish, and that a penalty of the history
// file was revoked or changed in the last days.
func (k *desk) sendAftermath(e *enterprise) error {
	d := newDice(k.w.seed, e.index, topicAftermath)
	on, alive := k.w.lately(d, e, 9)
	if d.chance(min(0.01*e.risk, 0.1)) && alive {
		p := &penalty{by: e.place.samr, source: e.place.samr, violation: k.w.marketBook[e.industry.group].draw(d), kind: pick(d, []string{"首违不罚", "轻微不罚"}), reported: on}
		p.on, p.facts = on, pubFacts(d, e, p)
		p.no = fmt.Sprintf("榕%s市监不罚〔%d〕%07d号", e.place.abbr, on.Year(), e.index)
		x := k.x.penalties
		ed := x.since(on)
		if err := k.put(x, ed, penaltyCells(x, e, p, ed)...); err != nil {
			return err
		}
	}
	x := k.x.sectors.revocations
	for i, p := range e.penalties {
		on, revoked := k.w.asOf.AddDays(-d.intn(3)), d.chance(0.015)
		if !revoked || !k.w.withdrawable(p) || p.on >= on {
			continue
		}
		kind := pick(d, []string{"自行撤销", "复议撤销", "判决撤销", "确认违法"})
		err := k.put(x, x.editions[1], fmt.Sprintf("榕罚撤%07d-%d", e.index, i+1), kind, e.code, e.name, p.no, x.date(on), p.by.name,
			fmt.Sprintf("榕复决〔%d〕%07d号", on.Year(), e.index), "主要证据不足")
		if err != nil {
			return err
		}
	}
	return nil
}
