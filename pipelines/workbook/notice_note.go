package workbook

import (
	"fmt"
	"strings"
)

// trustWords says how far a definition can be leaned on.
var trustWords = map[string]string{"official": "正式文件", "published": "公开规则", "proposal": "方案稿", "memory": "城市口径，待上级文件核定"}

// note writes 说明: what the figures are of, by which definition, and how each
// is reckoned.
func (x noticeExport) note() error {
	pg, err := x.b.page("说明")
	if err != nil {
		return err
	}
	n, d := x.n, x.n.Definition
	department := n.Department
	if department == "" {
		department = "全部"
	}
	lines := [][2]string{
		{"通报", "数据质量通报"},
		{"数据截止日", n.AsOf},
		{"通报期间", n.Period.String() + "（按接收月份；覆盖情况按报送期限所在月份）"},
		{"部门", department},
		{"运行编号", n.RunID},
		{"规则集", n.RuleSet},
		{"口径", fmt.Sprintf("%s，第%d版，自%s起施行，%s", d.Title, d.Version, d.EffectiveFrom, trustWords[d.Trust])},
		{"口径依据", d.Basis},
		{"口径责任单位", d.Owner},
	}
	for _, m := range n.Measures {
		lines = append(lines, [2]string{m.Title, m.words()})
	}
	for _, group := range []struct{ measure, title string }{{"wrong_code", "错码"}, {"duplicate_code", "重码"}, {"unattached", "未挂接"}} {
		var words []string
		for _, f := range d.Counted {
			if f.Measure == group.measure {
				words = append(words, f.Meaning+"（"+f.Finding+"）")
			}
		}
		lines = append(lines, [2]string{group.title, strings.Join(words, "；")})
	}
	var exceptions []string
	for _, e := range d.Exceptions {
		exceptions = append(exceptions, e[1])
	}
	lines = append(lines,
		[2]string{"不算重码", strings.Join(exceptions, "；")},
		[2]string{"登记存量重错码率", "（重错码＋因代码退回）÷（存量代码＋因代码退回）；存量为登记状态" + strings.Join(d.Statuses, "、") + "的代码，同一代码只计一次；为截止日的存量，不分期间"},
		[2]string{"报送行", "一行有几个问题也只计一次；更正后重报或重新核对接收的，原错行仍计入当月"},
		[2]string{"双公示", "以每条记录第一次被接收的报送为准，更正重报不算迟报；决定之日不计入，按国务院公布的工作日计算"},
		[2]string{"覆盖情况", "报送按接收日归入期末最近的一期；期限内未收到为缺报，期限后收到为迟报，无数据的文件为零报告；期限自" + d.CoverageFrom + "起计"},
		[2]string{"未知区划", "退回、未挂接等不能确定区划的行归入未知区划（000000），各区划之和等于合计"},
		[2]string{"整改反馈", "已告知：发现的问题中需要反馈的，迟报等仅作提示的不计；已答复：经批准的更正、重新核对接收或重新报送"},
		[2]string{"—", "分母为零，不计算比率"},
		[2]string{"▼", "未达到目标"},
		[2]string{"排名", "依次比较上列各项，前一项相同的比较后一项；全部相同的名次并列；既无报送又无到期应报的不排名"},
		[2]string{"未报过的数据集", fmt.Sprintf("目录内 %d 个数据集从未收到报送", len(n.Missing))},
		[2]string{"内容摘要", n.Digest},
		[2]string{"摘要算法", "rongxin quality --json 输出的一行，把 digest 的值清空后取 SHA-256"},
	)
	for _, l := range lines {
		if err := pg.line(l[0], l[1]); err != nil {
			return fmt.Errorf("sheet 说明: %s: %w", l[0], err)
		}
	}
	return pg.close()
}

// words explains a measure: what over what, the goal, the basis.
func (m Measure) words() string {
	if m.Numerator == "" {
		return "未达到目标的项数。依据：" + m.Basis
	}
	goal := "无目标值，仅供排名"
	switch {
	case m.Goal != "" && m.Better == "less":
		goal = "目标：低于" + strings.TrimPrefix(m.Goal, "below ")
	case m.Goal != "":
		goal = "目标：不低于" + strings.TrimPrefix(m.Goal, "at least ")
	}
	return fmt.Sprintf("%s ÷ %s。%s。依据：%s", m.Numerator, m.Denominator, goal, m.Basis)
}
