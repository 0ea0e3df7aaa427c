package city

import "slices"

// violation is a made-up pattern of an infringement with its real legal basis.
type violation struct {
	groups []group // nil: any
	weight int
	kind   string // 违法行为类型
	facts  string
	basis  string
	fine   float64 // median fine, yuan
}

func (v *violation) fits(g group) bool {
	return v.groups == nil || slices.Contains(v.groups, g)
}

// violationBooks holds, for each group, what the market supervision finds there,
// and what the ecology bureau finds in industry.
func violationBooks(trades []*industry) (map[group]lottery[*violation], lottery[*violation]) {
	weight := func(v *violation) int { return v.weight }
	market := map[group]lottery[*violation]{}
	for _, i := range trades {
		if _, done := market[i.group]; done {
			continue
		}
		var fitting []*violation
		for _, v := range marketViolations() {
			if v.fits(i.group) {
				fitting = append(fitting, v)
			}
		}
		market[i.group] = newLottery(fitting, weight)
	}
	return market, newLottery(ecologyViolations(), weight)
}

func marketViolations() []*violation {
	food := []group{foodTrade, catering, foodMaking}
	goods := []group{trade, foodTrade, making, foodMaking, drugs}
	return []*violation{
		{food, 30, "经营超过保质期的食品", "当事人经营场所内待售的预包装食品超过保质期", "《中华人民共和国食品安全法》第三十四条第十项、第一百二十四条第一款第五项", 6000},
		{food, 14, "未取得食品经营许可从事食品经营活动", "当事人未取得食品经营许可擅自从事食品经营活动", "《中华人民共和国食品安全法》第三十五条第一款、第一百二十二条第一款", 20000},
		{food, 18, "未按规定履行进货查验义务", "当事人采购食品未查验供货者的许可证和产品合格证明", "《中华人民共和国食品安全法》第五十三条第一款、第一百二十六条第一款第三项", 3000},
		{food, 12, "销售农药残留超过食品安全标准限量的食用农产品", "当事人销售的食用农产品经抽样检验，农药残留项目不符合食品安全国家标准", "《中华人民共和国食品安全法》第三十四条第二项、第一百二十四条第一款第一项", 12000},
		{[]group{catering}, 16, "餐饮具未按要求清洗消毒", "当事人使用的复用餐饮具经抽样检验，大肠菌群项目不合格", "《中华人民共和国食品安全法》第三十三条第一款第五项、第一百二十六条第一款第五项", 4000},
		{goods, 16, "销售不合格产品", "当事人销售的产品经监督抽查检验，所检项目不符合强制性国家标准", "《中华人民共和国产品质量法》第三十九条、第五十条", 9000},
		{goods, 8, "销售侵犯注册商标专用权的商品", "当事人销售的商品使用了与他人注册商标相同的标识，且不能说明提供者", "《中华人民共和国商标法》第五十七条第三项、第六十条第二款", 15000},
		{goods, 8, "使用未经检定的计量器具", "当事人在贸易结算中使用未经强制检定合格的计量器具", "《中华人民共和国计量法》第九条第一款、第二十六条", 1000},
		{[]group{making, foodMaking, service, building}, 10, "使用未经定期检验的特种设备", "当事人使用的特种设备超过定期检验有效期", "《中华人民共和国特种设备安全法》第四十条第三款、第八十四条第一项", 32000},
		{[]group{drugs}, 20, "未凭处方销售处方药", "当事人未按规定凭处方销售处方药", "《药品经营和使用质量监督管理办法》第四十二条第一款、第七十二条", 6000},
		{nil, 12, "发布虚假广告", "当事人在互联网店铺发布的广告含有虚假内容，欺骗、误导消费者", "《中华人民共和国广告法》第二十八条、第五十五条第一款", 18000},
		{nil, 8, "不按规定明码标价", "当事人销售商品、提供服务未按规定明码标价", "《中华人民共和国价格法》第十三条第一款、第四十二条", 1500},
		{nil, 8, "提交虚假材料取得登记", "当事人提交虚假材料取得市场主体登记", "《中华人民共和国市场主体登记管理条例》第十七条、第四十四条", 50000},
		{nil, 8, "未按规定办理变更登记", "当事人登记事项发生变更未依法办理变更登记", "《中华人民共和国市场主体登记管理条例》第二十四条第一款、第四十六条", 5000},
	}
}

func ecologyViolations() []*violation {
	return []*violation{
		{nil, 20, "未验先投", "当事人建设项目需要配套建设的环境保护设施未经验收即投入生产", "《建设项目环境保护管理条例》第十九条第一款、第二十三条第一款", 210000},
		{nil, 20, "超标排放水污染物", "当事人外排废水经监测，化学需氧量超过排放标准", "《中华人民共和国水污染防治法》第十条、第八十三条第二项", 120000},
		{nil, 20, "未按规定使用污染防治设施", "当事人产生含挥发性有机物废气的工序未按规定使用污染防治设施", "《中华人民共和国大气污染防治法》第四十五条、第一百零八条第一项", 40000},
		{nil, 16, "危险废物贮存不规范", "当事人未按国家环境保护标准贮存危险废物", "《中华人民共和国固体废物污染环境防治法》第七十九条、第一百一十二条第一款第六项", 110000},
		{nil, 14, "未如实填报排污登记", "当事人未按规定填报排污登记表", "《排污许可管理条例》第二十四条第三款、第四十三条", 3000},
	}
}
