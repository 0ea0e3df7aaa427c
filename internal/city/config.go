package city

import (
	"fmt"
	"maps"
	"math"

	"rongxin/internal/credit"
)

// Config says which city to make. The zero Rates mean DefaultRates.
type Config struct {
	Enterprises int              // 1 to MaxEnterprises
	Seed        uint64           // another seed, another city
	AsOf        credit.Date      // the day up to which the departments report; DefaultAsOf when 0
	Dir         string           // created; must not exist or be empty
	Clean       bool             // no seeded faults at all
	Rates       map[Kind]float64 // probability of each kind on a row where it can occur

	// Progress, if set, is called from the writing goroutine now and then.
	Progress func(done, total int)
}

// MaxEnterprises keeps the made-up organisation codes distinct.
const MaxEnterprises = 50_000_000

// DefaultAsOf is the as-of day of a city that names none.
func DefaultAsOf() credit.Date { return credit.NewDate(2026, 6, 30) }

// The first as-of day is bounded by the earliest working-day table (2018) and
// the look-back of the records, the last by the newest table.
func (c Config) validate() error {
	first, last := credit.NewDate(2023, 1, 1), credit.NewDate(2026, 12, 31)
	switch {
	case c.Enterprises < 1 || c.Enterprises > MaxEnterprises:
		return fmt.Errorf("city: enterprises: %d is not in 1 to %d", c.Enterprises, MaxEnterprises)
	case c.AsOf < first || c.AsOf > last:
		return fmt.Errorf("city: as-of: %s is not in %s to %s", c.AsOf, first, last)
	case c.Dir == "":
		return fmt.Errorf("city: dir: no directory named")
	}
	var sum float64
	for kind, rate := range c.Rates {
		if _, ok := DefaultRates()[kind]; !ok {
			return fmt.Errorf("city: rates: no defect kind %q", kind)
		}
		if math.IsNaN(rate) || rate < 0 || rate > 1 {
			return fmt.Errorf("city: rates: %s: %v is not in 0 to 1", kind, rate)
		}
		sum += rate
	}
	if sum > 1 {
		return fmt.Errorf("city: rates: they add up to %v, more than one defect a row", sum)
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.AsOf == 0 {
		c.AsOf = DefaultAsOf()
	}
	switch {
	case c.Clean:
		c.Rates = map[Kind]float64{}
	case c.Rates == nil:
		c.Rates = DefaultRates()
	default:
		c.Rates = maps.Clone(c.Rates)
	}
	return c
}
