package city

import "strings"

// Parts of made-up names. A 字号 is one sign of each of the first two rows, and
// often a third; together they give some 190,000 of them.
var (
	nameFirst  = strings.Split("恒鑫瑞海闽榕华盛永泰宏嘉金天中亿诚信安百万德凯远联新东福祥顺广源兴明智创云星启博佳美康益正三众汇融腾锦鼎丰隆旭晟昊铭竣辰卓翰谦致和仁同弘聚立方茂禾沐青澜屿景春秋南北宝庆长利", "")
	nameSecond = strings.Split("达泰盛源通和丰隆昌兴发顺祥瑞辉耀腾飞翔创维科信诚德邦华业成利佳美康宁安益欣荣茂林森海洋洲川峰岳石岩宇辰星云帆航润泽恩惠民生力拓博朗明杰义景阳春山江河禾谷", "")
	nameThird  = strings.Split("达源隆昌祥和兴泰丰盛通汇安信德华业来轩堂阁", "")

	// Surnames by their rough share in the county; the common ones stand often.
	surnames = strings.Fields(strings.Repeat("陈 林 ", 9) + strings.Repeat("黄 张 吴 王 李 郑 ", 4) +
		strings.Repeat("刘 杨 叶 蔡 许 郭 谢 ", 2) + "何 翁 游 庄 江 卓 薛 高 余 潘 魏 邱 俞 施 倪 程 方 念 阮 曾 肖 詹 池 欧阳")
	givenFirst  = strings.Split("建志文国明秀丽美晓金玉春家德永宗云海振伟小雅思子俊依齐厚敬承", "")
	givenSecond = strings.Split("华明强英芳平珠辉斌峰燕萍松钦榕生梅清龙彬娟仁祥钗旺官俤妹", "")
)

func personName(d *dice) string {
	name := pick(d, surnames)
	if d.chance(0.85) {
		name += pick(d, givenFirst)
	}
	return name + pick(d, givenSecond)
}

// tradeName makes the 字号 of an enterprise.
func tradeName(d *dice) string {
	first, second := pick(d, nameFirst), pick(d, nameSecond)
	for second == first {
		second = pick(d, nameSecond)
	}
	if d.chance(0.4) {
		return first + second
	}
	third := pick(d, nameThird)
	for third == first || third == second {
		third = pick(d, nameThird)
	}
	return first + second + third
}

// legalForms are the ends of names by 企业类型; shops end in their own words.
func legalForm(d *dice, kind string, industrial bool) string {
	switch kind {
	case kindStock:
		return "股份有限公司"
	case kindState, kindCollective:
		return pick(d, []string{"公司", "厂", "经营部"})
	case kindSole, kindPartnership:
		form := pick(d, []string{"商行", "经营部", "中心"})
		if industrial {
			form = "厂"
		}
		if kind == kindPartnership {
			form += pick(d, []string{"（有限合伙）", "（普通合伙）"})
		}
		return form
	case kindCooperative:
		return "专业合作社"
	case kindBranch:
		return "有限公司" + pick(d, []string{"福州", "福清", "仓山", "晋安", "长乐", "闽侯"}) + "分公司"
	}
	return "有限公司"
}

// enterpriseName puts a name together as the rules of registration want it:
// division, 字号, trade, form of organisation.
func enterpriseName(d *dice, e *enterprise) string {
	if e.kind == kindShop {
		prefix := e.place.full
		if d.chance(0.1) && e.place.full != e.place.name {
			prefix = "福州市" + strings.TrimSuffix(e.place.name, "区") + "区"
		}
		own := tradeName(d)
		if d.chance(0.2) {
			own = pick(d, []string{"阿", "老", "小"}) + pick(d, givenSecond) + pick(d, nameThird)
		}
		return prefix + own + pick(d, e.industry.shopText)
	}
	return namePrefix(d, e) + tradeName(d) + pick(d, e.industry.words) + legalForm(d, e.kind, e.industry.industrial())
}

func namePrefix(d *dice, e *enterprise) string {
	switch n := d.intn(100); {
	case e.kind == kindBranch && n < 60:
		return pick(d, []string{"厦门", "泉州", "上海", "北京", "广东", "浙江"})
	case n < 24:
		return "福建"
	case n < 30:
		return "福建省"
	case n < 62 || e.place.code == "350102" && n < 80:
		return "福州"
	case n < 76:
		return "福州市"
	}
	return e.place.full
}
