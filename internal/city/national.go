package city

import (
	"fmt"
	"slices"

	"rongxin/internal/credit"
)

// nationalRounds are the last two half-yearly results handed down by the
// as-of day, a month after the half-year. Up to mid-2025 the grades come as
// 优 良 中 差, afterwards as A to D (GB/T 45255-2025).
func nationalRounds(asOf credit.Date) (all []round) {
	y := asOf.Year()
	for len(all) < 2 {
		for _, second := range []bool{true, false} {
			r := halfYear(y, second)
			if r.sent <= asOf && len(all) < 2 {
				all = append(all, r)
			}
		}
		y--
	}
	slices.Reverse(all)
	return all
}

func halfYear(y int, second bool) round {
	r := round{
		year: y, name: fmt.Sprintf("%d年上半年", y), batch: fmt.Sprintf("%d06", y),
		from: credit.NewDate(y, 1, 1), to: credit.NewDate(y, 6, 30),
		dated: credit.NewDate(y, 6, 15), sent: credit.NewDate(y, 7, 31),
	}
	if second {
		r.name, r.batch = fmt.Sprintf("%d年下半年", y), fmt.Sprintf("%d12", y)
		r.from, r.to = credit.NewDate(y, 7, 1), credit.NewDate(y, 12, 31)
		r.dated, r.sent = credit.NewDate(y, 12, 15), credit.NewDate(y+1, 1, 31)
	}
	r.chineseGrade = r.dated < credit.NewDate(2025, 7, 1)
	return r
}

var chineseGrades = map[string]string{"A": "优", "B": "良", "C": "中", "D": "差"}

// gradeNational stands in for the national public result, whose weights are not
// public: a made-up score that agrees with the other records, cut so that the
// four grades come near the shares once published by a province (2.3, 76.4,
// 20.0, 1.3 %). Shops are not evaluated, nor are firms of under half a year.
func (w *world) gradeNational(e *enterprise) {
	d := newDice(w.seed, e.index, topicNational)
	covered, base := d.chance(0.95), 812+68*d.normal()-9*min(e.risk, 12)
	if !e.company() || !covered {
		return
	}
	for i := range w.rounds.national {
		r := &w.rounds.national[i]
		score := base + 12*d.normal() - w.adverse(e, r.dated)
		gone := e.ended != 0 && e.ended <= r.dated
		if e.founded > r.dated.AddDays(-180) || gone && e.status != "吊销" {
			continue
		}
		if e.severe(r.dated) || gone {
			score = min(score-250, 545)
		}
		g := grade{round: r, grade: nationalGrade(score), score: points(min(max(score, 300), 1000))}
		if r.chineseGrade {
			g.grade = chineseGrades[g.grade]
		}
		e.national = append(e.national, g)
	}
}

func nationalGrade(score float64) string {
	switch {
	case score >= 940:
		return "A"
	case score >= 735:
		return "B"
	case score >= 550:
		return "C"
	}
	return "D"
}

// adverse is what the records known on a day cost, less what honours earn.
func (w *world) adverse(e *enterprise, day credit.Date) float64 {
	cost := 0.0
	for _, p := range e.penalties {
		if p.natural == nil && p.reported <= day && p.on > day.AddMonths(-36) {
			cost += [...]float64{10, 45, 110}[p.severity]
		}
	}
	for _, a := range e.abnormal {
		if liveOn(a.on, a.removed, day) {
			cost += 70
		}
	}
	for _, h := range e.honours {
		if h.on <= day {
			cost -= 30
		}
	}
	return cost
}
