package compare

import (
	"fmt"
	"strconv"
	"strings"
)

// Class names a class to officials.
func Class(class int64) string {
	switch class {
	case Absent:
		return "未登记"
	case Out:
		return "不列入"
	}
	return strconv.FormatInt(class, 10) + "类"
}

// kinds name the causes to officials.
var kinds = map[string]string{
	"registration": "登记变化", "override": "特别规定", "record": "记录变化", "public": "国家评价变化",
	"industry": "行业评价变化", "rule": "规则变化", "other": "其他",
}

// Kind names a kind of cause to officials.
func Kind(kind string) string { return either(kinds[kind], kind) }

// changes name what happened. A state of a record that is not here is told by
// its own name.
var changes = map[string]string{
	"came": "新增", "went": "不再有", "changed": "变化", "removed": "部门不再报送", "corrected": "代码更正后改挂", "restored": "恢复计入",
	"lapsed": "到期不再计入", "aged": "随时间变化", "counted": "开始计入", "reclassed": "轻重程度变化",
	"repaired": "已修复", "withdrawn": "异议成立已撤销", "excluded": "认定为不可抗力", "revoked": "原决定已撤销",
	"exempted": "轻微免罚或首违不罚", "amended": "决定已变更、更正数据未到", "out_of_catalogue": "不在现行目录内",
	"points": "计分变化", "veto": "一票否决的等级变化", "grades": "等级界限变化", "level": "级别对应变化", "matrix": "叠加矩阵变化", "public_source": "公共信用来源变化",
	"public_grade": "公共信用结果的采用变化", "industry_grade": "行业结果的采用变化",
}

// Change names what happened to officials.
func Change(change string) string { return either(changes[change], change) }

func (c Cause) text(title string) string {
	via := either(title, c.Via)
	switch c.Kind {
	case "registration":
		return "登记状态：" + step(either(c.Was, "未登记"), either(c.Stands, "未登记"))
	case "override":
		return Change(c.Change) + "：" + via + document(c.DocumentNo)
	case "record":
		if c.Change == "aged" {
			return fmt.Sprintf("%s %s", via, step(points(c.Was), points(c.Stands)))
		}
		return c.Was + document(c.DocumentNo) + Change(c.Change) + "，影响" + via
	case "public":
		return "公共信用等级：" + step(grade(c.Was), grade(c.Stands))
	case "industry":
		return via + "等级：" + step(either(c.Was, "无"), either(c.Stands, "无"))
	case "rule":
		return c.ruleText(via)
	}
	return "未能判明，请逐户核对"
}

func (c Cause) ruleText(via string) string {
	text := "《" + c.RuleTitle + "》" + Change(c.Change)
	switch c.Change {
	case "points":
		return fmt.Sprintf("《%s》：%s %s", c.RuleTitle, via, step(points(c.Was), points(c.Stands)))
	case "matrix":
		return fmt.Sprintf("《%s》：同一矩阵格由 %s类 改为 %s类", c.RuleTitle, c.Was, c.Stands)
	case "level":
		return fmt.Sprintf("《%s》：同一等级由 %s级 改为 %s级", c.RuleTitle, c.Was, c.Stands)
	case "industry_grade":
		return text + "：" + via + " " + step(either(c.Was, "无"), either(c.Stands, "无"))
	case "grades", "public_source", "public_grade":
		return text + "：" + step(grade(c.Was), grade(c.Stands))
	}
	if c.Was != "" && c.DocumentNo != "" { // a record
		return text + "：" + c.Was + document(c.DocumentNo) + "，影响" + via
	}
	if via != "" {
		text += "：" + via
	}
	return text
}

// points writes thousandths of a point without zeros at the end.
func points(milli string) string {
	n, err := strconv.ParseInt(milli, 10, 64)
	if err != nil {
		return either(milli, "无")
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	text := strconv.FormatInt(n/1000, 10)
	if rest := n % 1000; rest != 0 {
		text += "." + strings.TrimRight(fmt.Sprintf("%03d", rest), "0")
	}
	return sign + text + "分"
}

func grade(g string) string {
	if g == "not_evaluated" {
		return "未评价"
	}
	return either(g, "无")
}

func step(was, stands string) string { return was + " → " + stands }

func document(no string) string {
	if no == "" {
		return ""
	}
	return "（" + no + "）"
}

func either(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
