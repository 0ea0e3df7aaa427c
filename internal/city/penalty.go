package city

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rongxin/internal/credit"
)

// severity decides how long a penalty is public (信用修复管理办法, order 36: 轻微 up
// to 3 months, 一般 3 to 12, 严重 12 to 36; the rules before it agree on these).
type severity int

const (
	slight severity = iota
	ordinary
	serious
)

func (s severity) publicMonths() int  { return [...]int{3, 12, 36}[s] }
func (s severity) minimumMonths() int { return [...]int{0, 3, 12}[s] }

// penalty is one decision of 行政处罚. Amounts are whole yuan.
type penalty struct {
	document
	ecology   bool
	by        authority
	source    authority
	natural   *person // the person fined instead of the enterprise
	violation *violation
	facts     string
	kind      string
	fine      int
	firstFine int // as first sent, when a later file corrects it; else 0
	forfeit   int
	licence   string
	severity  severity
	reported  credit.Date
	withdrawn credit.Date // an objection was upheld: 撤销
	stillSent bool        // seeded fault: the newer file holds it all the same
	busy      bool        // a case or recognition speaks of it
	idGiven   bool
}

// minimumMonths before a repair: a year in the fields that order 58 named, for
// decisions while it was in force.
func (p *penalty) minimumMonths() int {
	guarded := slices.ContainsFunc([]string{"食品", "处方药", "特种设备", "消防"}, func(word string) bool { return strings.Contains(p.violation.kind, word) })
	if guarded && p.severity == ordinary && p.on < credit.NewDate(2026, 4, 1) {
		return 12
	}
	return p.severity.minimumMonths()
}

func (p *penalty) publicTo() credit.Date { return p.on.AddMonths(p.severity.publicMonths()) }

var penaltyKinds = newLottery([]weighted{
	{"罚款", 620}, {"警告", 180}, {"没收违法所得、没收非法财物", 110}, {"通报批评", 20}, {"责令停产停业", 18},
	{"吊销许可证件", 8}, {"暂扣许可证件", 8}, {"限制开展生产经营活动", 8}, {"限制从业", 4}, {"其他", 24},
}, func(k weighted) int { return k.weight })

// penalise gives an enterprise its penalties of the last 42 months: about 12 %
// of all enterprises have any, and those of high risk have several.
func (w *world) penalise(e *enterprise) error {
	d := newDice(w.seed, e.index, topicPenalty)
	from, to := w.lookBack(e), w.settled(e)
	if to <= from {
		return nil
	}
	years := float64(to-from) / 365
	if err := w.fineMany(d, e, d.poisson(0.058*years*e.risk, 9), false); err != nil {
		return err
	}
	if !e.industry.industrial() && e.industry.group != building {
		return nil
	}
	return w.fineMany(d, e, d.poisson(0.03*years*e.risk, 4), true)
}

func (w *world) fineMany(d *dice, e *enterprise, n int, ecology bool) error {
	for range n {
		p := &penalty{ecology: ecology}
		p.on = d.day(w.lookBack(e), w.settled(e))
		w.authorise(d, e, p)
		w.decide(d, e, p)
		var err error
		if p.reported, err = w.reportedOn(d, p.on); err != nil {
			return err
		}
		if d.chance(0.02) && p.fine > 0 && p.reported <= w.cutoff {
			p.firstFine = p.fine * 2
		}
		if d.chance(0.01) {
			owner := w.person(d, e.place)
			p.natural = &owner
		}
		p.idGiven = d.chance(0.6)
		e.penalties = append(e.penalties, p)
	}
	return nil
}

func (w *world) authorise(d *dice, e *enterprise, p *penalty) {
	switch {
	case p.ecology:
		p.by, p.source, p.series = w.offices.ecology, w.offices.ecology, "闽榕环罚"
	case d.chance(0.15):
		p.by, p.source, p.series = w.offices.samr, w.offices.samr, "榕市监罚"
	default:
		p.by, p.source, p.series = e.place.samr, e.place.samr, "榕"+e.place.abbr+"市监罚"
	}
}

func (w *world) decide(d *dice, e *enterprise, p *penalty) {
	book := w.marketBook[e.industry.group]
	if p.ecology {
		book = w.ecologyBook
	}
	p.violation = book.draw(d)
	p.kind = penaltyKinds.draw(d).name
	median := p.violation.fine
	switch p.kind {
	case "罚款", "没收违法所得、没收非法财物":
		p.fine = fine(d, median)
	case "责令停产停业", "限制开展生产经营活动", "限制从业":
		p.fine = fine(d, 4*median)
	case "暂扣许可证件", "吊销许可证件":
		p.licence = licenceOf(e)
	}
	if p.kind == "没收违法所得、没收非法财物" {
		p.forfeit = fine(d, median/2)
	}
	p.severity = severityOf(p)
	p.facts = pubFacts(d, e, p)
}

// fine is log-normal, from 500 to 600,000 yuan, in hundreds.
func fine(d *dice, median float64) int {
	return int(min(max(d.lognormal(median, 0.9), 500), 600_000)) / 100 * 100
}

// severityOf follows 行政处罚法 Art. 51 for the slight (what the simplified
// procedure may impose on an organisation) and order 36 for the serious.
func severityOf(p *penalty) severity {
	switch p.kind {
	case "警告", "通报批评":
		return slight
	case "吊销许可证件", "责令停产停业", "限制开展生产经营活动", "限制从业":
		return serious
	}
	switch {
	case p.fine >= 100_000:
		return serious
	case p.kind == "罚款" && p.fine <= 3000:
		return slight
	}
	return ordinary
}

func licenceOf(e *enterprise) string {
	if e.industry.food() {
		return "食品经营许可证 " + foodPermitNo("JY", e)
	}
	return "营业执照 " + e.code
}

// pubFacts tells what was found; a few facts run over two lines or quote.
func pubFacts(d *dice, e *enterprise, p *penalty) string {
	y, m, day := p.on.AddDays(-d.between(15, 80)).YMD()
	opening := fmt.Sprintf("%d年%d月%d日，执法人员在%s检查发现，", y, m, day, e.address)
	switch u := d.float(); {
	case u < 0.015:
		return opening + p.violation.facts + "。\n当事人对上述事实无异议，并已改正。"
	case u < 0.03:
		return opening + p.violation.facts + "（现场笔录记为\"" + p.violation.kind + "\"）。"
	}
	return opening + p.violation.facts + "。"
}

func yuan(n int) string { return strconv.Itoa(n) + "元" }

// wan writes yuan as 万元, the unit of CF_NR_FK: 2000 yuan is 0.2.
func wan(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(n)/10000, 'f', -1, 64)
}
