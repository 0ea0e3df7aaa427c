package explain

import "fmt"

func (p *page) changes(c Changes) {
	p.section("与上期相比")
	if c.Why != "" {
		p.line(1, "%s。", c.Why)
		return
	}
	p.field(1, "上期", c.Previous+in("评价日 "+c.AsOf))
	if c.IsNew {
		p.line(1, "上期运行中没有该主体。")
		return
	}
	p.field(1, "监管类别", c.Class.words())
	for _, cause := range c.Causes {
		p.line(2, "原因：%s", cause)
	}
	if c.Public.differs() {
		p.field(1, "公共信用等级", Change{gradeName(c.Public.Before), gradeName(c.Public.Now)}.words())
	}
	for _, s := range c.Schemes {
		p.field(1, s.Title, s.words())
	}
	for _, s := range c.Scorecards {
		note := ""
		if s.IsAdvisory {
			note = "【内部参考】"
		}
		p.line(1, "%s%s：%s 分 → %s 分，等级 %s", note, s.Title, s.Before, s.Now, Change{gradeWord(s.Grade.Before), gradeWord(s.Grade.Now)}.words())
		for _, r := range s.Reasons {
			p.line(2, "[%s] %s：%s → %s", r.ReasonCode, r.Title, r.Before.Signed(), r.Now.Signed())
		}
	}
	for _, r := range c.Records {
		p.line(1, "记录：%s", r.Title)
		p.line(2, "%s%s", r.State.words(), in(r.when()))
		for _, pts := range r.Points {
			p.line(2, "%s：%s 分 → %s 分", pts.Title, pts.Before.Signed(), pts.Now.Signed())
		}
	}
	for _, r := range c.Rules {
		p.line(1, "规则 %s：%s", either(r.Title, r.Name), r.words())
	}
}

// words say a change, and that there is none.
func (c Change) words() string {
	if !c.differs() {
		return "未变" + in(gradeWord(c.Now))
	}
	return either(gradeWord(c.Before), "无") + " → " + either(gradeWord(c.Now), "无")
}

func (r RecordChange) when() string {
	caseNo := ""
	if r.CaseNo != "" {
		caseNo = "案件号 " + r.CaseNo
	}
	if r.On == nil {
		return caseNo
	}
	return sentence(r.On.String(), caseNo)
}

func (p *page) steps(s Steps) {
	p.section("怎样改善")
	if s.Why != "" {
		p.line(1, "%s。", s.Why)
	}
	if s.Next != nil {
		p.line(1, "%s", s.Next.summary("最少的步骤"))
		for i, step := range s.Next.Steps {
			p.line(2, "%d. %s", i+1, step.words())
		}
	}
	if s.Unaided != nil {
		p.line(1, "%s", s.Unaided.summary("不采取步骤，只待期满"))
		for i, step := range s.Unaided.Steps {
			p.line(2, "%d. %s", i+1, step.words())
		}
	}
	for i, r := range s.Records {
		if i == 0 {
			p.line(1, "逐条记录：")
		}
		p.line(2, "%d. %s", i+1, r.Title)
		p.line(3, "%s", r.how())
		p.field(3, "条件", r.Conditions)
		p.field(3, "材料", r.Papers)
		p.field(3, "决定机关", r.DecidedBy)
		p.field(3, "依据", r.Basis)
		if r.Objection != "" {
			p.line(3, "异议处理中，案件号 %s；异议成立的，记录即行撤销或更正。", r.Objection)
		}
		p.field(3, "没有这条记录时", r.without())
	}
	for i, r := range s.Results {
		if i == 0 {
			p.line(1, "决定现类别的评价结果：")
		}
		p.line(2, "%s", r.words())
	}
	if len(s.Records) > 0 || len(s.Results) > 0 {
		p.line(1, "%s", s.caution())
	}
}

func (path Path) summary(how string) string {
	on := "日期取决于评价结果何时重新作出"
	if path.On != nil {
		on = "最早 " + path.On.String()
	}
	return how + "：可到" + path.ClassTitle + "，" + on
}

func (s PathStep) words() string {
	switch {
	case s.By == byRepair:
		return "信用修复：" + s.Title + in(date(s.On)+" 起可申请")
	case s.By == byExpiry:
		return "期满：" + s.Title + in(date(s.On))
	case s.On != nil:
		return s.Title + in(s.On.String())
	}
	return s.Title
}

// how says when and by what way a record stops counting.
func (r RecordStep) how() string {
	repair, expiry := "", ""
	if r.RepairableOn != nil && r.By == byRepair {
		repair = fmt.Sprintf("%s 起可申请信用修复", r.RepairableOn)
		if *r.RepairableOn != *r.On {
			repair += "（评价日已可申请）"
		}
	}
	switch {
	case r.ExpiresOn != nil:
		expiry = fmt.Sprintf("至 %s 期满，不再计入", r.ExpiresOn)
	case repair == "":
		expiry = "移出或撤销前持续计入"
	}
	return sentence(repair, expiry)
}

// without says what would be if the record were gone.
func (r RecordStep) without() string {
	parts := []string{}
	if r.Class != nil {
		parts = append(parts, "监管类别为"+r.ClassTitle)
	}
	for _, e := range r.Effects {
		parts = append(parts, fmt.Sprintf("%s %s 分，等级 %s", e.Title, e.Score, gradeWord(e.Grade)))
	}
	return sentence(parts...)
}

func (r ResultStep) words() string {
	until := ""
	if r.ValidUntil != nil {
		until = "有效至 " + r.ValidUntil.String()
	}
	better := "已是最好的等级"
	if r.Better != "" {
		better = "如只有这一项重新评价为 " + r.Better
		if r.Class != nil {
			better += "，监管类别为" + r.ClassTitle
		}
	}
	return fmt.Sprintf("%s %s%s：%s", r.Title, r.Grade, in(sentence(r.Department, date(r.EvaluatedOn)+" 评价", until)), better)
}

// caution is what must be said beside every step.
func (s Steps) caution() string {
	days := ""
	if s.RepairDays[1] > 0 {
		days = fmt.Sprintf("修复申请 %d 个工作日内受理、%d 个工作日内办结；", s.RepairDays[0], s.RepairDays[1])
	}
	return "说明：以上按本次运行的规则对本主体逐项重算，其他情况不变；" + days + "对记录有异议的，可随时申请核查更正；是否修复由决定机关依法决定。"
}

// ends says how an override comes to an end.
func (o Override) ends() string {
	r := o.Record
	switch {
	case o.Effect == "mark":
		return "异议办结即取消标注"
	case r.State == "" && r.EndedOn != nil:
		return r.EndedOn.String() + " 期满，或经批准提前取消"
	case r.State == "":
		return "登记机关恢复登记状态后，下一次评价即重新列入"
	}
	early, until := "", "由作出决定的机关移出名单"
	if r.RepairableOn != nil {
		early = fmt.Sprintf("%s 起可申请提前移出", r.RepairableOn)
	}
	if r.PublicityUntil != nil {
		until = fmt.Sprintf("%s 期满移出", r.PublicityUntil)
	}
	return sentence(early, until)
}

func (v Veto) effectName() string {
	switch v.Effect {
	case "ceiling":
		return "等级上限"
	case "score":
		return "直接定分"
	}
	return "直接判级"
}

// missing says why a line has points without a record.
func missing(kind string) string {
	switch kind {
	case "points":
		return "没有相应记录，按缺失规则计分"
	case string(notEvaluated):
		return "没有相应记录，不予评价"
	}
	return ""
}
