package city

import (
	"strconv"
)

// sendTax writes tax/grades and tax/major_violations.
func (k *desk) sendTax(e *enterprise) error {
	x := k.x.taxGrades
	for _, g := range e.tax {
		err := k.send(x, x.of(g.round), e, e.code+"/"+strconv.Itoa(g.round.year),
			e.code, e.name, strconv.Itoa(g.round.year), g.grade, g.score, x.date(g.round.dated), taxOffice(e.place))
		if err != nil {
			return err
		}
	}
	f := e.fraud
	if f == nil {
		return nil
	}
	x = k.x.fraud
	return k.send(x, x.editions[0], e, f.no,
		e.code, e.name, f.no, f.kind, strconv.FormatFloat(f.wan, 'f', -1, 64), x.date(f.on), x.date(f.published),
		x.date(f.removed), f.by.name)
}

func taxOffice(p *place) string { return "国家税务总局" + p.full + "税务局" }

// sendGrades writes ecology/grades, labour/grades and ndrc/public_results.
func (k *desk) sendGrades(e *enterprise) error {
	x := k.x.ecologyGrades
	for i, g := range e.ecology {
		plate := g.grade
		if g.round == &k.w.rounds.ecology[0] {
			plate += "牌" // the older result is written as 绿牌 and so on
		}
		year := strconv.Itoa(g.round.year)
		if err := k.send(x, x.of(g.round), e, e.code+"/"+year, e.code, e.name, year, e.ecology[i].score, plate, x.date(g.round.dated)); err != nil {
			return err
		}
	}
	x = k.x.labourGrades
	for _, g := range e.labour {
		year := strconv.Itoa(g.round.year)
		if err := k.send(x, x.of(g.round), e, e.code+"/"+year, e.code, e.name, year, g.grade, x.date(g.round.dated)); err != nil {
			return err
		}
	}
	x = k.x.national
	for _, g := range e.national {
		err := k.send(x, x.of(g.round), e, e.code+"/"+g.round.batch,
			e.code, e.name, g.grade, g.score, x.date(g.round.dated), g.round.name, "GGXYPJ-2025", g.round.batch)
		if err != nil {
			return err
		}
	}
	return nil
}

// sendLists writes labour/wage_arrears and court/judgment_debtors.
func (k *desk) sendLists(e *enterprise) error {
	if a := e.arrears; a != nil {
		x := k.x.arrears
		err := k.send(x, x.editions[0], e, a.no,
			e.code, e.name, a.no, x.date(a.on), strconv.Itoa(a.workers), strconv.Itoa(a.yuan), x.date(a.removed), k.w.offices.labour.name)
		if err != nil {
			return err
		}
	}
	b := e.debt
	if b == nil {
		return nil
	}
	party := "法人"
	switch e.kind {
	case kindSole, kindPartnership, kindBranch:
		party = "其他组织"
	}
	x := k.x.debt
	return k.send(x, x.editions[0], e, b.no,
		e.code, e.name, party, b.no, b.court, x.date(b.published), b.disruption, b.performance, x.date(b.removed))
}

// sendCases writes credit/cases: the history file with the state of its day, the
// newer file with what was opened or closed since.
func (k *desk) sendCases(e *enterprise) error {
	x := k.x.cases
	for _, c := range e.cases {
		kind := "1"
		if c.repair {
			kind = "2"
		}
		for n, ed := range x.editions {
			if c.on > ed.sent || n == 1 && c.on <= k.w.cutoff && (c.closed == 0 || c.closed <= k.w.cutoff) {
				continue
			}
			status, closed, outcome := c.status(ed.sent)
			err := k.send(x, ed, e, c.no, c.no, kind, status, e.code, e.name, c.about.no, x.date(c.on), closed, outcome)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (k *desk) sendCommitments(e *enterprise) error {
	x, d := k.x.commitments, newDice(k.w.seed, e.index, topicPromise)
	for _, c := range e.commitments {
		p := promiseOf(d, c)
		for n, ed := range x.editions {
			if c.on > ed.sent || n == 1 && c.on <= k.w.cutoff && (c.confirmed == 0 || c.confirmed <= k.w.cutoff) {
				continue
			}
			result, breach, confirmed := c.performance(ed.sent)
			by, blamed := authority{}, ""
			if confirmed != "" {
				by = e.place.samr
			}
			if breach != "" {
				blamed = "记入信用记录，限期改正"
			}
			err := k.send(x, ed, e, c.no, c.no, e.name, e.code, c.kind, p.reason, p.content, p.liability, x.date(c.on), x.date(c.on.AddMonths(36)),
				result, breach, blamed, confirmed, by.name, by.code, e.place.samr.name, e.place.samr.code, p.publicity, "")
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// sendConduct writes credit/honours, force_majeure and manual_overrides.
func (k *desk) sendConduct(e *enterprise) error {
	x := k.x.honours
	for _, h := range e.honours {
		if err := k.send(x, x.editions[0], e, h.no, e.code, e.name, h.name, h.level, h.no, x.date(h.on), x.date(h.to), h.by); err != nil {
			return err
		}
	}
	x = k.x.exemptions
	for _, m := range e.exempt {
		if err := k.send(x, x.editions[0], e, m.no, m.no, e.code, e.name, m.about.no, x.date(m.on), m.by.name, m.evidence); err != nil {
			return err
		}
	}
	o := e.override
	if o == nil {
		return nil
	}
	x = k.x.overrides
	return k.send(x, x.editions[0], e, o.no, o.no, e.code, e.name, o.class, o.reason, o.approver, x.date(o.on), x.date(o.expires))
}
