package workbook

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// note writes 说明: where the list comes from, what is in it, what it means,
// and what it is not.
func (x *listExport) note(pg *page, p place, found *tally) error {
	ranges, err := rangeNames(found.ranges)
	if err != nil {
		return err
	}
	total := int64(0)
	for _, n := range found.classes {
		total += n
	}
	previous, changes := x.head.previous, fmt.Sprintf("新增 %d，从严 %d，放宽 %d，移出 %d；见“变动”表",
		found.changes["new"], found.changes["up"], found.changes["down"], found.changes["left"])
	if previous == "" {
		previous, changes = "无", "首期名单，无上期可比，“变动”表为空"
	}
	type line struct {
		label string
		value any
	}
	lines := []line{
		{"名单", p.department + "分级分类监管名单"},
		{"区划", strings.TrimSpace(p.name + " " + p.code)},
		{"期间", strings.Join(slices.Sorted(maps.Keys(found.periods)), "、")},
		{"评价方案", strings.Join(slices.Sorted(maps.Keys(found.schemes)), "、")},
		{"数据截止日", x.head.asOf.String()},
		{"规则集", x.head.ruleSet},
		{"运行编号", x.head.runID},
		{"上期运行编号", previous},
		{"公布范围", strings.Join(ranges, "、")},
		{"在列行数", total},
		{"变动", changes},
		{"使用须知", "监管类别是安排检查的参考。某一企业在列，是提示执法人员依法核实并作出决定，" +
			"不是行政处罚，不是对企业的最终认定，不得据此自动拒绝办理事项、减损权利或者增加义务。"},
		{"填写", "只在底色列填写：" + strings.Join(answerTitles(), "、") + "。其余单元格已锁定（无密码），改动的行将被退回"},
		{"检查结果", "填“结果代码”表中的代码；有多个的用英文分号连接，如 A;B"},
		{"未检查的行", "六列全部留空；填了检查日期的须填检查结果和检查人员代码"},
		{"返回", "不删行、不加列，以原文件名返回" + x.returnTo},
		{"备注标记", "异议中：有记录正在异议处理，使用前先核对；数据冲突：公共信用评价与行业评价结论相反，须人工核实"},
		{"抽查比例", "年度抽查计划中抽取的户数占该层户数的比例；户数乘以比例，小数进一，有户且比例大于零的至少抽 1 户"},
	}
	for _, t := range x.tiers {
		lines = append(lines, line{t.title, fmt.Sprintf("本名单 %d 行。依据：%s", found.classes[t.class], t.basis)})
	}
	for _, q := range x.quotas {
		if n := found.quotas[quotaKey{q.plan, q.id}]; n > 0 {
			lines = append(lines, line{"抽查规则 " + q.id, fmt.Sprintf("本名单 %d 行。抽查比例 %s，每年检查不超过 %d 次，%s。依据：%s",
				n, percent(q.ratio), q.maxChecks, q.frequency, q.basis)})
		}
	}
	lines = append(lines,
		line{"内容摘要", found.digest},
		line{"摘要算法", "全部行（含移出）的行校验码按升序排列，每个后加换行符，取 SHA-256（等同于 sort | sha256sum）"},
		line{"行校验码", strings.Join(checkedTitles(), "、") + "各去首尾空格、后加一个零字节，取 SHA-256 前 16 位十六进制"},
		line{"※ 标记", "单元格以 ※ 开头的，是为防止被表格软件当作公式执行而加，不是原文"},
		line{"日期与代码", "日期为文本，写作 2026-04-01；代码列为文本格式，请勿改为数值"},
	)
	for _, l := range lines {
		if err := pg.line(l.label, l.value); err != nil {
			return fmt.Errorf("sheet 说明: %s: %w", l.label, err)
		}
	}
	return nil
}

func rangeNames(codes map[string]bool) ([]string, error) {
	var names []string
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		name, err := rangeName(code)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}
