package city

import (
	"rongxin/internal/credit"
)

// world is what all enterprises of a city share. It is not changed after
// newWorld, so both stages of the generator read it freely.
type world struct {
	seed     uint64
	asOf     credit.Date
	cutoff   credit.Date // the history files end with this month's end, 20 to 51 days before the as-of day
	calendar *credit.Calendar

	all            []*place
	places         lottery[*place]
	offices        offices
	kinds          lottery[weighted]
	firmIndustries lottery[*industry]
	shopIndustries lottery[*industry]
	farms          []*industry
	marketBook     map[group]lottery[*violation]
	ecologyBook    lottery[*violation]
	codes          codeBook
	inspectors     map[string][]*inspector // by division
	rounds         rounds
}

func newWorld(c Config) *world {
	recent := c.AsOf.AddDays(-20)
	y, m, _ := recent.YMD()
	all, trades := places(), industries()
	w := &world{
		seed:     c.Seed,
		asOf:     c.AsOf,
		cutoff:   credit.NewDate(y, m, 1).AddDays(-1),
		calendar: credit.WorkCalendar(),
		all:      all,
		places:   newLottery(all, func(p *place) int { return p.weight }),
		offices:  newOffices(all),
		kinds:    newLottery(kindWeights, func(k weighted) int { return k.weight }),
		codes:    newCodeBook(c.Seed),
		rounds:   newRounds(c.AsOf),
	}
	w.firmIndustries = newLottery(trades, func(i *industry) int { return i.firms })
	w.shopIndustries = newLottery(trades, func(i *industry) int { return i.shops })
	w.marketBook, w.ecologyBook = violationBooks(trades)
	for _, i := range trades {
		if i.group == farming {
			w.farms = append(w.farms, i)
		}
	}
	w.inspectors = w.newInspectors()
	return w
}

// codeBook maps an index to the body of an organisation code, one to one: for
// each style an affine map over all its bodies, with constants from the seed.
type codeBook struct{ letterFactor, digitFactor, offset uint64 }

const (
	codeSigns   = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	letterSpace = 31 * 31 * 31 * 31 * 31 * 31 // MA and six signs
	digitSpace  = 90_000_000                  // 10000000 to 99999999
)

// The factors are prime to their spaces: 31k+c to 31^6, 30k+1 to 90,000,000. They
// are large, so that neighbours look unrelated.
func newCodeBook(seed uint64) codeBook {
	d := newDice(seed, 0, topicBijection)
	return codeBook{
		letterFactor: 31*uint64(d.between(letterSpace/124, letterSpace/62)) + uint64(d.between(1, 30)),
		digitFactor:  30*uint64(d.between(digitSpace/120, digitSpace/60)) + 1,
		offset:       uint64(d.intn(digitSpace)),
	}
}

func (b codeBook) letters(index int) string {
	n := (uint64(index)*b.letterFactor + b.offset) % letterSpace
	body := [8]byte{'M', 'A'}
	for i := 7; i >= 2; i-- {
		body[i] = codeSigns[n%31]
		n /= 31
	}
	return string(body[:])
}

func (b codeBook) digits(index int) string {
	n := 10_000_000 + (uint64(index)*b.digitFactor+b.offset)%digitSpace
	var body [8]byte
	for i := 7; i >= 0; i-- {
		body[i] = byte('0' + n%10)
		n /= 10
	}
	return string(body[:])
}

// stranger is the n-th code body that no enterprise of any city uses.
func (b codeBook) stranger(n int) string { return b.letters(letterSpace - 1 - n) }

// round is one yearly or half-yearly evaluation: what it judges, when its
// results are dated and when the department sends them.
type round struct {
	year         int
	name         string
	from, to     credit.Date // evaluated period
	dated, sent  credit.Date
	batch        string
	chineseGrade bool
}

// rounds are the evaluations known on the as-of day, oldest first.
type rounds struct{ tax, ecology, labour, sector, national []round }

func newRounds(asOf credit.Date) rounds {
	yearly := func(count, month, day int) (all []round) {
		year := asOf.Year() - 1
		if credit.NewDate(year+1, month, day) > asOf {
			year--
		}
		for y := year - count + 1; y <= year; y++ {
			sent := credit.NewDate(y+1, month, day)
			all = append(all, round{
				year: y, from: credit.NewDate(y, 1, 1), to: credit.NewDate(y, 12, 31),
				dated: sent.AddDays(-10), sent: sent,
			})
		}
		return all
	}
	return rounds{
		tax:      yearly(3, 4, 30), // published in April of the following year
		ecology:  yearly(2, 5, 31),
		labour:   yearly(2, 6, 15),
		sector:   yearly(2, 3, 31),
		national: nationalRounds(asOf),
	}
}
