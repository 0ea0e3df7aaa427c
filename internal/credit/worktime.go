package credit

import "time"

// WorkingTime is how much of the time between two moments falls on working days
// in China, each of 24 hours: what goes by on a weekend or a holiday does not
// count. An end before the beginning is no time.
func (c *Calendar) WorkingTime(from, to time.Time) (time.Duration, error) {
	var worked time.Duration
	for d := DateOf(from); d <= DateOf(to) && from.Before(to); d++ {
		works, err := c.IsWorkingDay(d)
		if err != nil {
			return 0, err
		}
		midnight := (d + 1).Begins()
		end := to
		if midnight.Before(to) {
			end = midnight
		}
		if works {
			worked += end.Sub(from)
		}
		from = end
	}
	return worked, nil
}

// Begins is the moment at which the day begins in China.
func (d Date) Begins() time.Time {
	y, m, day := d.YMD()
	return time.Date(y, time.Month(m), day, 0, 0, 0, 0, ChinaTime)
}
