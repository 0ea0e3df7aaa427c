package explain

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"rongxin/internal/credit"
)

// page writes indented lines; the first error stays with the writer and comes
// out of Flush.
type page struct {
	*bufio.Writer
	sections int
}

func (p *page) line(indent int, format string, args ...any) {
	fmt.Fprintf(p, "%s%s\n", strings.Repeat("  ", indent), fmt.Sprintf(format, args...))
}

// field writes a labelled line when there is something to say.
func (p *page) field(indent int, label, value string) {
	if value != "" {
		p.line(indent, "%s：%s", label, value)
	}
}

func (p *page) section(title string) {
	p.line(0, "")
	p.line(0, "%s、%s", numeral(p.sections), title)
	p.sections++
}

// WriteText prints the explanation in plain Chinese for a person at the
// counter: first who and what class, then every step that led there.
func (e *Explanation) WriteText(w io.Writer) error {
	p := &page{Writer: bufio.NewWriter(w)}
	p.line(0, "信用分级分类监管结果说明")
	p.line(0, "评价日 %s，运行 %s，规则集 %s", e.Run.AsOf, e.Run.RunID, e.Run.RuleSet)
	p.identity(e.Subject)
	p.outcome(e.Outcome)
	p.changes(e.Changes)
	p.steps(e.Steps)
	p.public(e)
	p.schemes(e.Schemes)
	p.section("评分明细")
	if len(e.Scorecards) == 0 {
		p.line(1, "没有适用于该主体的评分。")
	}
	for _, card := range e.Scorecards {
		p.scorecard(card)
	}
	if len(e.Unscored) > 0 {
		p.section("计入但未在评分中使用的记录")
		for i, record := range e.Unscored {
			p.line(1, "%d. %s", i+1, record)
			p.recordDetail(2, record)
		}
	}
	p.notCounted(e.NotCounted)
	p.inspections(e.Inspections)
	p.evidence(e.Run)
	return p.Flush()
}

func (p *page) identity(id Identity) {
	p.section("主体")
	p.field(1, "名称", id.SubjectName)
	p.field(1, "统一社会信用代码", id.SubjectID+in(codeStatus(id.SubjectIDStatus)))
	if id.NamesSeen > 1 {
		p.line(1, "注意：登记信息中该代码对应 %d 个名称，请登记机关核对。", id.NamesSeen)
	}
	for _, n := range id.EarlierNames {
		p.field(1, "曾用名", fmt.Sprintf("%s（%s 至 %s 的登记信息）", n.SubjectName, date(n.KnownFrom), date(n.KnownTo)))
	}
	p.field(1, "主体类型", id.EntityType)
	if id.EstablishedOn != nil {
		p.field(1, "成立日期", id.EstablishedOn.String())
	}
	p.field(1, "行政区划", either(id.DivisionName, "未知区划")+in(id.DivisionCode))
	p.field(1, "行业", either(id.IndustryName, "未登记行业")+in(id.IndustryCode))
	p.field(1, "登记状态", id.RegistrationStatus)
	p.field(1, "来源", id.Source.String())
}

func (p *page) outcome(o Outcome) {
	p.section("结论")
	if o.IsOut {
		p.field(1, "监管类别", "不列入监管名单")
	} else {
		p.field(1, "监管类别", o.ClassTitle)
	}
	if o.CheckRatioBP != nil {
		p.field(1, "抽查安排", fmt.Sprintf("抽查比例 %s，%s", percent(*o.CheckRatioBP), o.Frequency))
	}
	p.field(1, "变化", o.change())
	deciding := "无行业评价结果，只看公共信用等级"
	if o.DecidingTitle != "" {
		deciding = "由「" + o.DecidingTitle + "」决定（各行业中最严的一项）"
	}
	p.field(1, "叠加矩阵", o.MatrixClassTitle+"，"+deciding)
	for _, v := range o.Overrides {
		p.override(v)
	}
	if o.IsMarked {
		p.line(1, "标注：有记录处于异议处理中，处理期间照常计入，类别不变。")
	}
	if o.IsConflict {
		p.line(1, "标注：公共信用等级与行业评价结果相互矛盾，请有关部门核对。")
	}
	p.field(1, "叠加依据", o.Basis)
	p.field(1, "抽查依据", o.CheckBasis)
}

func (p *page) override(v Override) {
	effect := map[string]string{"class": "直接确定类别", "out": "退出名单", "mark": "加注，不改变类别"}[v.Effect]
	if v.Effect == "class" && !v.Decides {
		effect = "另有规则优先"
	}
	p.line(1, "特别规则 %s：%s（%s），依据：%s", v.OverrideCode, v.Meaning, effect, v.Basis)
	p.line(2, "记录：%s", v.Record)
	p.line(2, "来源：%s", v.Record.Source)
	p.field(2, "何时解除", v.ends())
}

func (p *page) public(e *Explanation) {
	p.section("公共信用综合评价（国家）")
	r := e.Public
	switch {
	case r.Source != nil:
		p.field(1, "等级", r.Grade+in(credit.PublicGrade(r.Grade).Name()))
		p.field(1, "评价日期", date(r.EvaluatedOn))
		p.field(1, "结果批次", r.ResultBatch)
		p.field(1, "来源", r.Source.String())
	case r.SourceKind == "none":
		p.field(1, "等级", "未评价（没有国家评价结果，不视为好，也不视为差）")
	default:
		p.field(1, "等级", r.Grade+"（没有国家评价结果，按规则集采用评分 "+r.SourceKind+" 的等级）")
	}
}

func (p *page) schemes(list []Scheme) {
	p.section("行业信用评价")
	if len(list) == 0 {
		p.line(1, "没有行业评价规则。")
	}
	var without []string
	for _, s := range list {
		if s.Grade == "" {
			without = append(without, s.Title)
			continue
		}
		p.line(1, "%s（%s）：%s%s", s.Title, s.Department, gradeWord(s.Grade), in(level(s.IndustryLevel)))
		p.field(2, "评价日期", date(s.EvaluatedOn))
		p.field(2, "单看此项的监管类别", s.ClassTitle)
		p.field(2, "状态", schemeStatus(s.Status))
		if s.IsConflict {
			p.line(2, "标注：与公共信用等级相互矛盾，请核对。")
		}
		if s.Source != nil {
			p.field(2, "来源", s.Source.String())
		} else {
			p.field(2, "来源", "本市按规则计算，见评分明细 "+s.Scorecard)
		}
		p.field(2, "依据", s.Basis)
	}
	p.field(1, "没有有效结果（不视为好，也不视为差）", strings.Join(without, "、"))
}

func (p *page) evidence(run Evidence) {
	p.section("本次运行的依据")
	p.field(1, "运行", run.RunID)
	p.field(1, "评价日", run.AsOf)
	p.field(1, "规则集", run.RuleSet)
	p.field(1, "上期运行", either(run.Previous, "无"))
	p.field(1, "计算引擎", run.Engine)
	for _, s := range run.Rules {
		p.line(1, "规则文件 %s，第 %d 版，SHA-256 %s", s.File, s.Version, short(s.SHA256))
	}
}
