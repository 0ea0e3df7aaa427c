package city

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"rongxin/internal/credit"
)

// band is a grade and the least score that earns it; bands descend.
type band struct {
	grade string
	from  float64
}

// graded is the grade of a score, kept inside its own band and the top of the one above.
func graded(bands []band, score, top float64) (string, string) {
	at := slices.IndexFunc(bands, func(b band) bool { return score >= b.from }) // the last begins at 0
	ceiling := top
	if at > 0 {
		ceiling = bands[at-1].from - 0.01
	}
	return bands[at].grade, points(min(max(score, bands[at].from), ceiling))
}

var (
	buildingBands  = []band{{"A", 85}, {"B", 70}, {"C", 60}, {"D", 0}}
	propertyBands  = []band{{"AAA", 85}, {"AA", 80}, {"A", 70}, {"B", 60}, {"C", 0}}
	waterBands     = []band{{"AAA", 90}, {"AA", 80}, {"A", 70}, {"B", 60}, {"C", 0}}
	transportBands = []band{{"AAAA", 950}, {"AAA", 850}, {"AA", 700}, {"A", 600}, {"B", 0}}
	drugWords      = []string{"守信", "警示", "失信", "严重失信"}
	letters        = []string{"A", "B", "C", "D"}
	customsWords   = []string{"高级认证", "认证", "常规", "失信", "严重失信"}
)

// standing places the risk seen by an authority on a scale of n grades, 0 the best.
func standing(seen float64, n int) int {
	cuts := []float64{0.8, 3, 8, 16}
	at := 0
	for _, cut := range cuts[:n-1] {
		if seen > cut {
			at++
		}
	}
	return at
}

// sendSectors writes the grades of the industry that an enterprise is in, and
// its fire inspections and bids.
func (k *desk) sendSectors(e *enterprise) error {
	d := newDice(k.w.seed, e.index, topicSector)
	covered, base := d.chance(0.6), 84+6*d.normal()-2.2*min(e.risk, 14)
	seen := e.risk * (0.6 + 0.8*d.float())
	for i := range k.w.rounds.sector {
		r := &k.w.rounds.sector[i]
		score := min(max(base+2*d.normal(), 20), 99)
		if !covered || !e.company() || !e.judged(r) {
			continue
		}
		if err := k.sendSector(e, r, score, seen); err != nil {
			return err
		}
	}
	return errors.Join(k.sendTrader(e, d, seen), k.sendFire(e, d), k.sendBids(e, d))
}

// sendSector writes the result of one round.
func (k *desk) sendSector(e *enterprise, r *round, score, seen float64) error {
	x, s := k.x.sectors, e.industry
	by, year, valid := "福州市住房和城乡建设局", strconv.Itoa(r.year), r.dated.AddMonths(12)
	row := func(x *extract, bands []band, score, top float64, by string, valid credit.Date) error {
		grade, text := graded(bands, score, top)
		return k.put(x, x.of(r), e.code, e.name, year, text, grade, x.date(r.dated), x.date(valid), by)
	}
	switch {
	case s.code == "7020":
		return row(x.property, propertyBands, score, 99, by, 0)
	case s.code == "4813" && e.index%2 == 0:
		return row(x.water, waterBands, score, 99, "福州市水利局", r.dated.AddMonths(36))
	case s.group == building:
		return row(x.building, buildingBands, score, 99, by, valid)
	case s.code == "5431":
		return row(x.transport, transportBands, 10*score, 990, "福州市交通运输局", 0)
	case s.group == drugs:
		return k.put(x.drugs, x.drugs.of(r), e.code, e.name, year, drugWords[standing(seen, 4)], x.drugs.date(r.dated), "", e.place.samr.name)
	case s.code == "5212":
		return k.put(x.price, x.price.of(r), e.code, e.name, year, letters[standing(seen, 4)], x.price.date(r.dated), "", e.place.samr.name)
	case s.group == foodMaking, s.group == catering && e.index%3 == 0:
		kind := "食品生产"
		if s.group == catering {
			kind = "餐饮服务"
		}
		at := standing(seen, 4)
		risk := points([]float64{12, 31, 46, 61}[at] + min(9*(seen/20), 14)) // risk points: high is bad
		return k.put(x.food, x.food.of(r), e.code, e.name, year, kind, risk, letters[at], x.food.date(r.dated), "", e.place.samr.name)
	}
	return nil
}

// sendTrader writes customs/grades, of one importer in three.
func (k *desk) sendTrader(e *enterprise, d *dice, seen float64) error {
	x := k.x.sectors.customs
	known := d.chance(0.3)
	on := d.day(max(e.founded.AddDays(90), k.w.asOf.AddMonths(-24)), k.w.asOf.AddDays(-5))
	if !known || e.industry.code != "5181" || e.ended != 0 || e.founded.AddDays(95) > k.w.asOf {
		return nil
	}
	at := standing(seen, 5)
	if at < 2 && e.index%5 != 0 {
		at = 2 // most are neither authenticated nor dishonest
	}
	return k.put(x, x.editions[0], e.code, e.name, strconv.Itoa(on.Year()), customsNo(e), customsWords[at], x.date(on), "", "福州海关")
}

func customsNo(e *enterprise) string { return fmt.Sprintf("3501%06d", e.index%1_000_000) }

// sendFire writes the inspections of the fire brigade, of places that many visit
// and of workshops.
func (k *desk) sendFire(e *enterprise, d *dice) error {
	x := k.x.sectors.fire
	s := e.industry
	if s.group != catering && !s.industrial() && s.code != "5212" && s.code != "7020" {
		return nil
	}
	for n := range d.poisson(0.12, 2) {
		on, alive := k.w.lately(d, e, 25)
		bad, worse := d.chance(min(0.12+0.06*e.risk, 0.8)), d.chance(min(0.03*e.risk, 0.5))
		if !alive {
			continue
		}
		result, problem, major, due, correction := "合格", "", "否", "", "不需整改"
		if bad {
			result, problem, due, correction = "不合格", "疏散通道堆放杂物，消防设施未保持完好有效", x.date(on.AddDays(30)), "已整改"
			if worse {
				problem, major, correction = "未设自动消防设施，安全出口数量不足", "是", pick(d, []string{"整改中", "拒不整改"})
			}
		}
		err := k.put(x, x.since(on), fmt.Sprintf("榕消检〔%d〕%07d-%d", on.Year(), e.index, n+1), e.code, e.name,
			pick(d, []string{"双随机抽查", "日常检查", "专项检查"}), e.address, x.date(on), result, problem, major, due, correction, "福州市消防救援支队")
		if err != nil {
			return err
		}
	}
	return nil
}

// sendBids writes what builders won, and what some did to win it.
func (k *desk) sendBids(e *enterprise, d *dice) error {
	from, to := max(k.w.asOf.AddMonths(-24), e.founded.AddDays(200)), k.w.settled(e)
	wins, on, wan := d.chance(0.35), d.day(from, to), d.between(80, 4000)
	cheats := d.chance(min(0.012*e.risk, 0.3))
	later, alive := k.w.lately(d, e, 25)
	kind := pick(d, []string{"串通投标", "弄虚作假", "转包", "违法分包"})
	if e.industry.group != building || !e.company() || to <= from {
		return nil
	}
	x := k.x.sectors.bids
	if wins || cheats {
		err := k.put(x, x.since(on), fmt.Sprintf("FZGC%07d-1", e.index), e.code, e.name, e.place.name+pick(d, []string{"道路提升工程", "安置房项目", "校舍修缮工程"}),
			"工程建设", strconv.Itoa(wan*10000), x.date(on), e.place.full+"住房和城乡建设局", "", "", "福州市住房和城乡建设局")
		if err != nil {
			return err
		}
	}
	if !cheats || !alive {
		return nil
	}
	x = k.x.sectors.violations
	return k.put(x, x.since(later), fmt.Sprintf("榕招监〔%d〕%07d号", later.Year(), e.index), e.code, e.name, "投标人", kind, kind+"，经查证属实",
		"记入不良行为记录", x.date(later), x.date(later.AddMonths(12)), "福州市住房和城乡建设局")
}

// lately draws a day of the last days before one of the two sendings, so that
// the record is told in time, and says whether the enterprise lived then.
func (w *world) lately(d *dice, e *enterprise, days int) (credit.Date, bool) {
	sent := w.asOf
	if d.chance(0.6) {
		sent = w.cutoff
	}
	on := d.day(sent.AddDays(-days), sent.AddDays(-1))
	return on, e.founded.AddDays(30) < on && on < e.last(w)
}

// put writes a row without a fault into an edition.
func (k *desk) put(x *extract, to *edition, cells ...string) error {
	_, _, err := k.write(&row{x: x, to: to, cells: cells})
	return err
}
