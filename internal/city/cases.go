package city

import (
	"rongxin/internal/credit"
)

// creditCase is a repair (信用修复) or an objection (异议) about one record.
type creditCase struct {
	document
	repair  bool
	about   *document // the penalty or list entry; of this enterprise
	pending string    // status while open: 0 or 1
	final   string    // status when closed: 2, 3 or 4
	outcome string
	closed  credit.Date // 0 while open
}

// status is what the case looked like at the end of a day.
func (c *creditCase) status(day credit.Date) (status, closed, outcome string) {
	if c.closed == 0 || c.closed > day {
		return c.pending, "", ""
	}
	return c.final, c.closed.String(), c.outcome
}

// exemption recognises a penalty as caused by force majeure (榕发改信用〔2022〕22号
// §23): the record is then not counted.
type exemption struct {
	document
	about    *document
	by       authority
	evidence string
}

func (w *world) openCases(e *enterprise) error {
	d := newDice(w.seed, e.index, topicCase)
	for _, p := range e.penalties {
		if p.natural != nil {
			continue
		}
		if err := w.object(d, e, p); err != nil {
			return err
		}
		if !p.busy && d.chance(0.4) {
			earliest := p.on.AddMonths(p.minimumMonths()).AddDays(d.between(10, 120))
			if err := w.repair(d, e, &p.document, max(earliest, p.reported.AddDays(1)), p.publicTo()); err != nil {
				return err
			}
			p.busy = true
		}
	}
	for _, a := range e.abnormal {
		if a.removed == 0 && d.chance(0.3) {
			if err := w.repair(d, e, &a.document, a.on.AddDays(d.between(20, 300)), longTerm); err != nil {
				return err
			}
			// Once the case is done, the entry is removed.
			if last := e.cases; len(last) > 0 && last[len(last)-1].about == &a.document {
				if c := last[len(last)-1]; c.final == "4" && c.outcome == "停止公示" {
					a.removed = c.closed
				}
			}
		}
	}
	if a := e.arrears; a != nil && a.removed == 0 && d.chance(0.4) {
		return w.repair(d, e, &a.document, a.on.AddDays(d.between(190, 400)), longTerm)
	}
	return nil
}

// object contests about two penalties in a hundred; a corrected one always was.
func (w *world) object(d *dice, e *enterprise, p *penalty) error {
	contested := d.chance(0.02)
	switch {
	case p.firstFine != 0:
		return w.objection(d, e, p, "更正", p.reported.AddDays(d.between(1, 12)))
	case contested && w.withdrawable(p) && d.chance(0.3):
		return w.withdraw(d, e, p)
	case contested:
		return w.objection(d, e, p, "驳回", p.reported.AddDays(d.between(1, 12)))
	}
	return nil
}

func (w *world) objection(d *dice, e *enterprise, p *penalty, outcome string, on credit.Date) error {
	if on > w.asOf {
		return nil
	}
	c := &creditCase{about: &p.document, final: "4", outcome: outcome, pending: pick(d, []string{"0", "1"})}
	c.series, c.on = "榕信异", on
	if outcome == "驳回" {
		c.final = "3"
	}
	p.busy = true
	e.cases = append(e.cases, c)
	return w.close(d, c)
}

// withdrawable tells whether a penalty is in the history file and free of cases.
func (w *world) withdrawable(p *penalty) bool {
	return p.natural == nil && !p.busy && p.firstFine == 0 && p.reported < w.cutoff
}

// withdraw upholds an objection after the history file was sent: the penalty is
// in that file and must be missing from the next.
func (w *world) withdraw(d *dice, e *enterprise, p *penalty) error {
	closed, err := w.calendar.AddWorkingDays(w.cutoff, d.between(1, 8))
	if err != nil {
		return err
	}
	c := &creditCase{about: &p.document, final: "4", outcome: "撤销", pending: "1", closed: closed}
	c.series, c.on = "榕信异", max(p.reported.AddDays(1), w.cutoff.AddDays(-d.between(0, 6)))
	p.withdrawn, p.busy = closed, true
	e.cases = append(e.cases, c)
	return nil
}

// repair applies on a day, unless it lies after the as-of day or after the end
// of publicity.
func (w *world) repair(d *dice, e *enterprise, about *document, on, end credit.Date) error {
	c := &creditCase{repair: true, about: about, pending: pick(d, []string{"0", "1"}), outcome: "停止公示"}
	c.series, c.on = "榕信修", on
	if on > w.asOf || on >= end {
		return nil
	}
	switch u := d.float(); {
	case u < 0.75:
		c.final = "4"
	case u < 0.83:
		c.final = "2"
	default:
		c.final, c.outcome = "3", "驳回"
	}
	if err := w.close(d, c); err != nil {
		return err
	}
	e.cases = append(e.cases, c)
	return nil
}

// close answers within ten working days (国办发〔2025〕22号). A few cases of the
// last weeks stay open longer.
func (w *world) close(d *dice, c *creditCase) error {
	days := d.between(1, 10)
	if c.on.AddDays(30) > w.asOf && d.chance(0.4) {
		return nil
	}
	closed, err := w.calendar.AddWorkingDays(c.on, days)
	if err == nil && closed <= w.asOf {
		c.closed = closed
	}
	return err
}

func (w *world) exemptSome(e *enterprise) {
	d := newDice(w.seed, e.index, topicExemption)
	for _, p := range e.penalties {
		on := p.reported.AddDays(d.between(5, 60))
		if !d.chance(0.012) || p.busy || p.natural != nil || on > w.asOf {
			continue
		}
		x := &exemption{about: &p.document, by: p.by, evidence: pick(d, []string{"台风灾害停产证明", "洪涝灾害损失核定书", "停电停水抢修证明"})}
		if p.on < credit.NewDate(2023, 1, 8) {
			x.evidence = "疫情防控封控管理证明" // until the disease was graded down
		}
		x.series, x.on = "榕信不可抗", on
		p.busy = true
		e.exempt = append(e.exempt, x)
	}
}
