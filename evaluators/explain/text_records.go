package explain

import (
	"fmt"
	"slices"
	"strings"
)

func (p *page) scorecard(s Scorecard) {
	note := ""
	if s.IsAdvisory {
		note = "【内部参考】"
	}
	p.line(1, "%s%s，第 %d 版", note, s.Title, s.Version)
	if s.isEmpty() {
		p.line(2, "没有相应记录，不予评价")
		return
	}
	p.line(2, "得分 %s 分，等级 %s", s.Score, gradeWord(s.Grade))
	for _, v := range s.Vetoes {
		decides := ""
		if v.Decides {
			decides = in("按得分为 " + gradeWord(s.PointsGrade))
		}
		p.line(2, "%s %s：%s，等级 %s%s，依据：%s", v.effectName(), v.ReasonCode, v.Title, v.Grade, decides, v.Basis)
		p.line(3, "记录：%s", v.Record)
	}
	for i, c := range s.Contributions {
		p.line(2, "%d. %s　%s 分　[%s]　依据：%s", i+1, c.Title, c.Points.Signed(), c.ReasonCode, c.Basis)
		if c.Record == nil {
			p.field(3, "说明", missing(c.Missing))
			continue
		}
		if c.Points == 0 {
			p.line(3, "本条记录不增减分：该项已达上限，或按规则为零分。")
		}
		p.line(3, "记录：%s", *c.Record)
		p.recordDetail(3, *c.Record)
	}
	p.line(2, "合计：%s 分", s.total())
}

// isEmpty tells a score that says nothing: no record, and so no grade.
func (s Scorecard) isEmpty() bool {
	return s.Grade == string(notEvaluated) && len(s.Vetoes) == 0 &&
		!slices.ContainsFunc(s.Contributions, func(c Contribution) bool { return c.Record != nil })
}

// total writes the sum with its terms, or alone where nothing was added.
func (s Scorecard) total() string {
	if len(s.Contributions) < 2 {
		return s.Sum.String()
	}
	return s.terms() + " = " + s.Sum.String()
}

// terms writes the sum as it is added up: 1000 - 40 - 15.
func (s Scorecard) terms() string {
	var b strings.Builder
	for i, c := range s.Contributions {
		switch {
		case i == 0:
			b.WriteString(c.Points.String())
		case c.Points < 0:
			b.WriteString(" - " + (-c.Points).String())
		default:
			b.WriteString(" + " + c.Points.String())
		}
	}
	return b.String()
}

// recordDetail says what the rules make of a record and where it stands.
func (p *page) recordDetail(indent int, r Record) {
	p.field(indent, "内容", r.content())
	if r.Severity != "" {
		p.line(indent, "严重程度：%s（%s：%s）", r.Severity, r.SeverityRule, r.SeverityBasis)
	}
	if r.PublicityRule != "" {
		p.line(indent, "期限：%s（%s：%s）", r.period(), r.PublicityRule, r.PublicityBasis)
	}
	if r.ObjectionCaseNo != "" {
		p.line(indent, "异议：处理中，案件号 %s", r.ObjectionCaseNo)
	}
	p.correction(indent, r.Correction)
	p.field(indent, "来源", r.Source.String())
}

func (r Record) content() string {
	fine := ""
	if r.FineAmount != nil {
		fine = "罚款 " + yuan(*r.FineAmount)
	}
	if r.Detail == r.Kind {
		return fine
	}
	return sentence(r.Detail, fine)
}

// period says from when a repair may be asked for and when the record stops
// counting by itself. Without a shortest period the duties alone decide, and an
// honour needs no repair.
func (r Record) period() string {
	repair, until := "", "移出前持续公示"
	switch {
	case r.Category == "守信荣誉" || r.RepairableOn == nil:
	case *r.RepairableOn == dayOf(r.EventOn):
		repair = "改正并履行全部义务后即可申请修复或移出"
	default:
		repair = fmt.Sprintf("%s 起，改正并履行全部义务后可申请修复", r.RepairableOn)
	}
	if r.PublicityUntil != nil {
		until = fmt.Sprintf("公示和使用最长至 %s", r.PublicityUntil)
	}
	return sentence(repair, until)
}

func (p *page) notCounted(records []Record) {
	p.section("不计入的记录")
	if len(records) == 0 {
		p.line(1, "没有。")
	}
	for i, r := range records {
		p.line(1, "%d. %s", i+1, r)
		caseNo := ""
		if r.CaseNo != "" {
			caseNo = "案件号 " + r.CaseNo
		}
		on := ""
		if r.StateOn != nil {
			on = r.StateOn.String()
		}
		p.field(2, "不计入的原因", r.StateTitle+in(sentence(on, caseNo)))
		if r.State == "unattached" {
			p.line(2, "报送的代码：%s，名称与本主体相同，请报送部门核对。", either(r.StatedID, "空"))
		}
		p.correction(2, r.Correction)
		p.field(2, "来源", r.Source.String())
	}
}
