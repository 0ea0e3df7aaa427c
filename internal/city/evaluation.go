package city

import (
	"fmt"

	"rongxin/internal/credit"
)

// points writes a score with two decimals.
func points(score float64) string { return fmt.Sprintf("%.2f", score) }

// judged tells whether an enterprise existed through to the day of a result.
func (e *enterprise) judged(r *round) bool {
	return e.founded < r.to && (e.ended == 0 || e.ended > r.dated)
}

// during counts the penalties of a period that were known on a day.
func (e *enterprise) during(from, to, known credit.Date, counts func(*penalty) bool) int {
	n := 0
	for _, p := range e.penalties {
		if p.natural == nil && p.on >= from && p.on <= to && p.reported <= known && counts(p) {
			n++
		}
	}
	return n
}

// gradeTax follows 纳税缴费信用: A from 90 with three years of operation and no D
// the year before, B from 70, C from 40, D below; M for the new and those
// without revenue from 70. A 重大税收违法失信主体 is D directly, without a score.
func (w *world) gradeTax(e *enterprise) {
	d := newDice(w.seed, e.index, topicTax)
	covered, base := d.chance(0.85), 86+5*d.normal()-2.6*e.risk
	if !e.company() || !covered {
		return
	}
	before := ""
	for i := range w.rounds.tax {
		r := &w.rounds.tax[i]
		score := min(max(base+3*d.normal(), 5), 99.5)
		idle := d.chance(0.25)
		if !e.judged(r) {
			continue
		}
		score = max(score-2*float64(e.during(r.from, r.to, r.dated, func(*penalty) bool { return true })), 3)
		young := e.founded > r.to.AddMonths(-36)
		g := grade{round: r}
		switch {
		case e.fraud != nil && liveOn(e.fraud.on, e.fraud.removed, r.dated):
			g.grade = "D"
		case score >= 70 && (e.founded >= r.from || young && idle):
			g.grade, g.score = "M", points(score)
		case score >= 90 && !young && before != "D":
			g.grade, g.score = "A", points(score)
		case score >= 70:
			g.grade, g.score = "B", points(min(score, 89.5))
		case score >= 40:
			g.grade, g.score = "C", points(min(score, 69.99))
		default:
			g.grade, g.score = "D", points(min(score, 39.99))
		}
		before = g.grade
		e.tax = append(e.tax, g)
	}
}

// gradeEcology grades about a quarter of industry by the thresholds of the
// Fujian scheme: 绿 from 96, 蓝 from 70, 黄 from 60, 红 below.
func (w *world) gradeEcology(e *enterprise) {
	d := newDice(w.seed, e.index, topicEcology)
	takesPart, base := d.chance(0.42), 84+7*d.normal()-1.6*e.risk
	punished := func(p *penalty) bool { return p.ecology }
	if !e.company() || !e.industry.industrial() || !takesPart && len(e.penalties) == 0 {
		return
	}
	for i := range w.rounds.ecology {
		r := &w.rounds.ecology[i]
		score := base + 2*d.normal() - 11*float64(e.during(r.from, r.to, r.dated, punished))
		if !e.judged(r) {
			continue
		}
		g := grade{round: r, score: points(min(max(score, 12), 100))}
		switch {
		case score >= 96:
			g.grade = "绿"
		case score >= 70:
			g.grade, g.score = "蓝", points(min(score, 95.99))
		case score >= 60:
			g.grade, g.score = "黄", points(min(score, 69.99))
		default:
			g.grade, g.score = "红", points(min(max(score, 12), 59.99))
		}
		e.ecology = append(e.ecology, g)
	}
}

// gradeLabour grades about three in ten: A nothing found, B violations, C who
// refuses to correct them or is on the list of unpaid wages.
func (w *world) gradeLabour(e *enterprise) {
	d := newDice(w.seed, e.index, topicLabour)
	if covered := d.chance(0.52); !e.company() || !covered && e.arrears == nil {
		return
	}
	for i := range w.rounds.labour {
		r := &w.rounds.labour[i]
		bad, worse := d.chance(min(0.05+0.06*e.risk, 0.7)), d.chance(min(0.012*e.risk, 0.4))
		if !e.judged(r) {
			continue
		}
		g := grade{round: r, grade: "A"}
		switch {
		case e.arrears != nil && liveOn(e.arrears.on, e.arrears.removed, r.to), bad && worse:
			g.grade = "C"
		case bad:
			g.grade = "B"
		}
		e.labour = append(e.labour, g)
	}
}
