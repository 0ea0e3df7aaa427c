package city

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"rongxin/internal/credit"
)

// The values of 企业类型 in samr/registrations.
const (
	kindLimited     = "有限责任公司"
	kindStock       = "股份有限公司"
	kindForeign     = "外商投资企业"
	kindState       = "国有企业"
	kindCollective  = "集体所有制企业"
	kindSole        = "个人独资企业"
	kindPartnership = "合伙企业"
	kindCooperative = "农民专业合作社"
	kindShop        = "个体工商户"
	kindBranch      = "分支机构"
)

// enterprise is one made-up subject with everything the departments know of it.
type enterprise struct {
	index    int
	code     string
	name     string
	kind     string
	person   person // legal representative or owner
	regNo    string // 15 digits, enterprises of before October 2015 only
	capital  string // 万元
	founded  credit.Date
	approved credit.Date
	ended    credit.Date // day of 吊销, 注销 or 迁出; 0 while it lives
	status   string
	industry *industry
	place    *place
	address  string

	risk float64 // hidden: 1 is average, the careless few have 6 and more
	records
}

// person is a made-up natural person.
type person struct{ name, id string }

func (e *enterprise) company() bool { return e.kind != kindShop }

// subjectKind is the 行政相对人类别 of the 双公示 standard.
func (e *enterprise) subjectKind() string {
	if e.company() {
		return "法人及非法人组织"
	}
	return "个体工商户"
}

// last is the last day on which anything can happen to the enterprise.
func (e *enterprise) last(w *world) credit.Date {
	if e.ended != 0 && e.ended < w.asOf {
		return e.ended
	}
	return w.asOf
}

type weighted struct {
	name   string
	weight int
}

var kindWeights = []weighted{
	{kindLimited, 500}, {kindShop, 405}, {kindBranch, 35}, {kindSole, 18}, {kindPartnership, 12},
	{kindForeign, 10}, {kindCooperative, 8}, {kindStock, 6}, {kindCollective, 3}, {kindState, 3},
}

func (w *world) enterprise(index int) *enterprise {
	d := newDice(w.seed, index, topicEnterprise)
	e := &enterprise{index: index, kind: w.kinds.draw(d).name, place: w.places.draw(d), status: "存续"}
	switch e.kind {
	case kindShop:
		e.industry = w.shopIndustries.draw(d)
	case kindCooperative:
		e.industry = pick(d, w.farms)
	default:
		e.industry = w.firmIndustries.draw(d)
	}
	e.risk = risk(d)
	e.founded = foundedOn(d, w.asOf, e.kind)
	e.approved = d.day(e.founded, w.asOf)
	w.ending(d, e)
	w.identify(d, e)
	e.capital = capital(d, e)
	e.person = w.person(d, e.place)
	e.address = fmt.Sprintf("%s%s%d号", addressPrefix(e.place), pick(d, e.place.roads), d.between(1, 388))
	if e.company() {
		e.address += fmt.Sprintf("%d号楼%d室", d.between(1, 12), 100*d.between(1, 22)+d.between(1, 12))
	}
	e.name = enterpriseName(newDice(w.seed, index, topicName), e)
	return e
}

// addressPrefix begins an address; counties stand under the city, Fuqing, a city
// of its own, under the province.
func addressPrefix(p *place) string {
	switch {
	case p.full != p.name:
		return p.full
	case p.code == "350181":
		return "福建省" + p.full
	}
	return "福州市" + p.full
}

// foundedOn draws an age with a mean of some six years; state-owned and
// collective enterprises are the old ones.
func foundedOn(d *dice, asOf credit.Date, kind string) credit.Date {
	mean := 6.5 * 365
	if kind == kindState || kind == kindCollective {
		mean = 24 * 365
	}
	days := 30 - mean*math.Log(1-d.float())
	return asOf.AddDays(-int(min(days, 40*365)))
}

// ending closes about one enterprise in ten; the risky are rather revoked.
func (w *world) ending(d *dice, e *enterprise) {
	revoked, closed := 0.012*e.risk, 0.05
	switch u := d.float(); {
	case u < min(revoked, 0.3):
		e.status = "吊销"
	case u < min(revoked, 0.3)+closed:
		e.status = "注销"
	case u < min(revoked, 0.3)+closed+0.008:
		e.status = "迁出"
	default:
		return
	}
	e.ended = d.day(max(e.founded.AddDays(20), w.asOf.AddDays(-4*365)), w.asOf)
	e.approved = e.ended
}

// identify gives the code and, before the change to one code in October 2015,
// the registration number. Codes of that time have an organisation code of
// digits, later ones begin with MA; both keep the division of their day, so
// Changle enterprises of before November 2017 carry 350182.
func (w *world) identify(d *dice, e *enterprise) {
	division := e.place.code
	if e.company() && d.chance(0.08) {
		division = "350100"
	}
	if division == "350112" && e.founded < credit.NewDate(2017, 11, 6) {
		division = "350182"
	}
	category := "91"
	switch e.kind {
	case kindShop:
		category = "92"
	case kindCooperative:
		category = "93"
	}
	body := w.codes.letters(e.index)
	if e.founded < credit.NewDate(2015, 10, 1) {
		body = w.codes.digits(e.index)
		first14 := division + body
		check, _ := credit.RegistrationCheckDigit(first14)
		e.regNo = first14 + string(check)
	}
	e.code, _ = credit.NewCode(category+division, body)
}

// capital is log-normal around the median of the industry and rounded to one
// digit, as registered capitals are.
func capital(d *dice, e *enterprise) string {
	median, sigma := e.industry.capital, 1.1
	switch e.kind {
	case kindBranch:
		return ""
	case kindShop:
		median, sigma = 5, 0.9
	case kindStock, kindForeign:
		median *= 5
	}
	amount := min(max(d.lognormal(median, sigma), 0.5), 200000)
	unit := math.Pow10(int(math.Floor(math.Log10(amount))))
	amount = math.Round(amount/unit) * unit
	return strings.TrimSuffix(strconv.FormatFloat(amount, 'f', 1, 64), ".0")
}

var idWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// person makes a person with an id number (GB 11643) of a birth in 1900 to 1909.
func (w *world) person(d *dice, from *place) person {
	born := d.day(credit.NewDate(1900, 1, 1), credit.NewDate(1909, 12, 31))
	y, m, day := born.YMD()
	id := fmt.Sprintf("%s%04d%02d%02d%03d", from.code, y, m, day, d.between(1, 999))
	sum := 0
	for i, weight := range idWeights {
		sum += weight * int(id[i]-'0')
	}
	return person{personName(d), id + string("10X98765432"[sum%11])}
}
