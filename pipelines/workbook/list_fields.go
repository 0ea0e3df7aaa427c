package workbook

import (
	"fmt"
	"strings"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
)

// A listField is one thing that a list says of a subject: a column of the CSV
// file, and of the workbook where it has a width.
type listField struct {
	column
	value func(*listed) any // a string or an int64; nil for what is to be filled in
}

// answerTitles are the columns of a class's sheet that an inspector fills in. They
// come back under these names.
func answerTitles() []string {
	return []string{"检查日期", "检查结果", "发现问题", "整改情况", "文书编号", "检查人员代码"}
}

// checkedTitles are the columns that say which line of which list a row is. 行校验码
// is the contract.RowCheck of their cells.
func checkedTitles() []string {
	return []string{"名单编号", "期间", "主管部门", "评价方案代码", "统一社会信用代码", "企业名称", "监管类别"}
}

// givenFields are what the list says, in the order of reading: who, what to do,
// why, and what changed.
func givenFields() []listField {
	text := func(title string, width float64, value func(*listed) string) listField {
		return listField{column{title, width}, func(l *listed) any { return value(l) }}
	}
	return []listField{
		text("统一社会信用代码", 21, func(l *listed) string { return l.id }),
		text("企业名称", 36, func(l *listed) string { return l.name }),
		text("区划", 10, func(l *listed) string { return l.division }),
		text("行业", 26, func(l *listed) string { return l.industry }),
		text("监管类别", 18, func(l *listed) string { return l.classTitle }),
		text("抽查比例", 9, func(l *listed) string { return l.ratioText }),
		text("抽查频次", 24, func(l *listed) string { return l.frequency }),
		text("公共信用等级", 10, func(l *listed) string { return l.publicText }),
		text("公共评价日期", 12, func(l *listed) string { return l.publicOn }),
		text("行业评价", 20, func(l *listed) string { return l.industryScheme }),
		text("行业等级", 10, func(l *listed) string { return l.industryText }),
		text("行业评价日期", 12, func(l *listed) string { return l.industryOn }),
		text("信用风险分类", 9, func(l *listed) string { return l.risk }),
		text("理由一", 44, func(l *listed) string { return l.reasons[0] }),
		text("理由二", 36, func(l *listed) string { return l.reasons[1] }),
		text("理由三", 36, func(l *listed) string { return l.reasons[2] }),
		text("理由四", 36, func(l *listed) string { return l.reasons[3] }),
		{column{"记录数", 8}, func(l *listed) any { return l.evidence }},
		text("上期类别", 18, func(l *listed) string { return l.previousTitle }),
		text("变动", 8, func(l *listed) string { return l.changeText }),
		text("备注标记", 18, func(l *listed) string { return l.marks() }),
	}
}

// answerFields are to be filled in.
func answerFields() []listField {
	widths := []float64{12, 12, 40, 30, 24, 20}
	var fields []listField
	for i, title := range answerTitles() {
		fields = append(fields, listField{column: column{title, widths[i]}})
	}
	return fields
}

// sourceFields say where a row is from.
func (x *listExport) sourceFields() []listField {
	run := x.head.runID
	text := func(title string, width float64, value func(*listed) string) listField {
		return listField{column{title, width}, func(l *listed) any { return value(l) }}
	}
	return []listField{
		text("调整代码", 20, func(l *listed) string { return l.codes }),
		text("名单编号", 24, func(*listed) string { return run }),
		text("期间", 10, func(l *listed) string { return l.period }),
		text("主管部门", 24, func(l *listed) string { return l.department }),
		text("评价方案代码", 14, func(l *listed) string { return l.scheme }),
		text("行校验码", 19, func(l *listed) string { return l.check }),
	}
}

// recordFields are what only the CSV file has besides.
func (x *listExport) recordFields() []listField {
	asOf, ruleSet := x.head.asOf.String(), x.head.ruleSet
	text := func(title string, value func(*listed) string) listField {
		return listField{column{title: title}, func(l *listed) any { return value(l) }}
	}
	return []listField{
		text("数据截止日", func(*listed) string { return asOf }),
		text("规则集", func(*listed) string { return ruleSet }),
		text("评价方案", func(l *listed) string { return l.schemeTitle }),
		text("代码类型", func(l *listed) string { return l.idType }),
		text("区划代码", func(l *listed) string { return l.divisionCode }),
		text("行业代码", func(l *listed) string { return l.industryCode }),
		text("公共评价批次", func(l *listed) string { return l.publicBatch }),
		text("风险分类日期", func(l *listed) string { return l.riskOn }),
		{column{title: "每年检查上限"}, func(l *listed) any { return l.maxChecks }},
		text("抽查计划", func(l *listed) string { return l.plan }),
		text("抽查规则", func(l *listed) string { return l.quota }),
		text("公布范围", func(l *listed) string { return l.rangeText }),
		text("行摘要", func(l *listed) string { return l.hash }),
	}
}

// resolve puts into words what the row has as codes, and works out its check,
// over the cells as they stand in the sheet.
func (l *listed) resolve(x *listExport, titles map[int64]string) (err error) {
	fail := func(err error) error { return fmt.Errorf("subject %s: %w", l.id, err) }
	if l.changeText, err = changeName(l.change); err != nil {
		return fail(err)
	}
	if l.rangeText, err = rangeName(l.publicationRange); err != nil {
		return fail(err)
	}
	l.previousTitle = titles[l.previous]
	l.ratioText, l.publicText, l.industryText = "", "", ""
	if !l.left() {
		grade, err := credit.ParsePublicGrade(l.publicGrade)
		if err != nil {
			return fail(err)
		}
		l.ratioText, l.publicText, l.industryText = percent(l.ratio), string(grade), l.industryGrade
		if grade == credit.NotEvaluated {
			l.publicText = grade.Name()
		}
		if l.industryText == "" {
			l.industryText = credit.NotEvaluated.Name()
		}
	}
	l.check = contract.RowCheck(x.head.runID, Neutral(l.period), Neutral(l.department), Neutral(l.scheme), Neutral(l.id), Neutral(l.name), Neutral(l.classTitle))
	return nil
}

// marks tells what a person must look at before acting on the row.
func (l *listed) marks() string {
	var marks []string
	if l.isMarked {
		marks = append(marks, "异议中")
	}
	if l.isConflict {
		marks = append(marks, "数据冲突")
	}
	return strings.Join(marks, "、")
}

func changeName(code string) (string, error) {
	switch code {
	case "new":
		return "新增", nil
	case "up":
		return "从严", nil
	case "down":
		return "放宽", nil
	case "same":
		return "不变", nil
	case "left":
		return "移出", nil
	}
	return "", fmt.Errorf("change %q is not known", code)
}
