package city

import (
	"rongxin/internal/credit"
)

// sendRegistration writes samr/registrations.
func (k *desk) sendRegistration(e *enterprise) error {
	x := k.x.registrations
	return k.send(x, x.editions[0], e, e.code,
		e.code, e.regNo, e.name, e.kind, e.person.name, e.person.id, e.capital, x.date(e.founded),
		e.industry.code, e.place.code, e.address, e.industry.scope, e.status, x.date(e.approved))
}

// sendPenalties writes samr/penalties and ecology/penalties. SJC is the day of
// the first report and stays the same when a later file repeats the record.
func (k *desk) sendPenalties(e *enterprise) error {
	for _, p := range e.penalties {
		x := k.x.penalties
		if p.ecology {
			x = k.x.ecologyPenalties
		}
		first := x.since(p.reported)
		if err := k.send(x, first, e, p.no, penaltyCells(x, e, p, first)...); err != nil {
			return err
		}
		newer := x.editions[1]
		switch {
		case first == newer:
		case p.stillSent:
			if err := k.sendWithdrawn(x, newer, e, p); err != nil {
				return err
			}
		case p.firstFine != 0:
			if err := k.send(x, newer, e, p.no, penaltyCells(x, e, p, newer)...); err != nil {
				return err
			}
		}
	}
	return nil
}

func penaltyCells(x *extract, e *enterprise, p *penalty, ed *edition) []string {
	fined := p.fine
	if p.firstFine != 0 && ed == x.editions[0] {
		fined = p.firstFine
	}
	subject, kind, legal := []string{e.code, e.regNo}, e.subjectKind(), []string{e.person.name, "", ""}
	title, own := e.name, []string{"", ""}
	if p.idGiven {
		legal = []string{e.person.name, "身份证", e.person.id}
	}
	if p.natural != nil {
		title, kind, subject = p.natural.name, "自然人", []string{"", ""}
		legal, own = []string{"", "", ""}, []string{"身份证", p.natural.id}
	}
	return []string{
		title, kind, subject[0], subject[1], "", "", "", "", legal[0], legal[1], legal[2], own[0], own[1],
		p.no, p.violation.kind, p.facts, p.violation.basis, p.kind, penaltyContent(p, fined),
		wan(fined), wan(p.forfeit), p.licence, x.date(p.on), x.date(longTerm), x.date(p.publicTo()),
		p.by.name, p.by.code, p.source.name, p.source.code, "", x.date(p.reported),
	}
}

func penaltyContent(p *penalty, fined int) string {
	content := map[string]string{
		"罚款": "", "警告": "警告", "通报批评": "通报批评", "没收违法所得、没收非法财物": "没收违法所得" + yuan(p.forfeit),
		"责令停产停业": "责令停产停业整顿", "吊销许可证件": "吊销" + p.licence, "暂扣许可证件": "暂扣" + p.licence,
		"限制开展生产经营活动": "限制开展生产经营活动六个月", "限制从业": "直接责任人员一年内限制从业", "其他": "责令改正",
		"首违不罚": "初次违法且危害后果轻微并及时改正，不予行政处罚", "轻微不罚": "违法行为轻微并及时改正，不予行政处罚",
	}[p.kind]
	if fined == 0 {
		return content
	}
	if content != "" {
		content += "；"
	}
	return content + "罚款人民币" + yuan(fined)
}

// sendPermits writes samr/permits; a permit whose state changed between the two
// files is sent again.
func (k *desk) sendPermits(e *enterprise) error {
	x := k.x.permits
	for _, p := range e.permits {
		first, newer := x.since(p.reported), x.editions[1]
		if err := k.send(x, first, e, p.no, permitCells(x, e, p, first.sent)...); err != nil {
			return err
		}
		if first != newer && p.valid(first.sent) != p.valid(newer.sent) {
			if err := k.send(x, newer, e, p.no, permitCells(x, e, p, newer.sent)...); err != nil {
				return err
			}
		}
	}
	return nil
}

func permitCells(x *extract, e *enterprise, p *permit, day credit.Date) []string {
	legal := []string{e.person.name, "", ""}
	if p.idGiven {
		legal = []string{e.person.name, "身份证", e.person.id}
	}
	return []string{
		e.name, e.subjectKind(), e.code, e.regNo, "", "", "", "", legal[0], legal[1], legal[2], "", "",
		p.paper, p.no, p.kind, p.certificate, p.permitNo, p.content, x.date(p.on), x.date(p.from), x.date(p.to),
		p.by.name, p.by.code, p.valid(day), p.by.name, p.by.code, "", x.date(p.reported),
	}
}

func (k *desk) sendInspections(e *enterprise) error {
	x := k.x.inspections
	for _, i := range e.inspections {
		err := k.send(x, x.since(i.on), e, i.no,
			i.no, e.code, e.name, i.field, i.mode, x.date(i.on), i.result, i.problem, i.by.name, i.by.code)
		if err != nil {
			return err
		}
	}
	return nil
}

func (k *desk) sendAbnormal(e *enterprise) error {
	x := k.x.abnormal
	for _, a := range e.abnormal {
		err := k.send(x, x.editions[0], e, a.no,
			e.code, e.name, a.no, x.date(a.on), a.reason, a.by.name, x.date(a.removed))
		if err != nil {
			return err
		}
	}
	return nil
}

// sendRisk writes samr/risk_classes: of those that live, as it was computed at
// the end of the month before. About six in ten are A, one in fifty D.
func (k *desk) sendRisk(e *enterprise) error {
	y, m, _ := k.w.asOf.YMD()
	on := credit.NewDate(y, m, 1).AddDays(-1)
	if e.founded > on || e.ended != 0 && e.ended <= on {
		return nil
	}
	class := "D"
	switch seen := e.risk * (0.6 + newDice(k.w.seed, e.index, topicRiskClass).float()); {
	case seen < 0.75:
		class = "A"
	case seen < 1.7:
		class = "B"
	case seen < 6:
		class = "C"
	}
	x := k.x.riskClasses
	return k.send(x, x.editions[0], e, e.code, e.code, e.name, class, x.date(on))
}
