package credit

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"
)

//go:embed data/holiday-cn/*.json
var holidayFiles embed.FS

// ErrNoCalendar is wrapped, with the year, by every answer that would need a
// year for which no notice of the State Council is at hand. Weekends alone are
// no answer: a deadline computed from a guess is worse than none.
var ErrNoCalendar = errors.New("no working-day calendar")

// Calendar knows working days: weekdays that are no public holiday, and the
// weekend days that a notice turned into make-up working days. In 行政处罚法
// Art. 85 the periods of two, three, five and seven days are working days.
//
// A notice for one year may move days at the end of the year before it, so
// answers about the last days of the newest year hold until the next notice.
type Calendar struct {
	years   map[int]bool
	shifted map[Date]bool // true: works although a weekend day; false: off

	// For the years without a gap: the first day, the working days from it up to
	// each day, and the days that they are. Counting is then one subtraction.
	first  Date
	worked []int32
	days   []Date
}

// WorkCalendar returns the calendar of the embedded notices, 2018 to 2026.
func WorkCalendar() *Calendar { return workCalendar() }

var workCalendar = sync.OnceValue(func() *Calendar {
	files, err := fs.Sub(holidayFiles, "data/holiday-cn")
	if err != nil {
		panic(err) // the embedded tables are part of the program
	}
	calendar, err := ReadCalendar(files)
	if err != nil {
		panic(err)
	}
	return calendar
})

// ReadCalendar reads every *.json of files as one set, each the table of one
// year in the form of holiday-cn: year, and days of date and isOffDay. A table
// may name days of the neighbouring years. Two tables that disagree on a day,
// or a table without days, are errors.
func ReadCalendar(files fs.FS) (*Calendar, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("calendar: no tables")
	}
	c := &Calendar{years: map[int]bool{}, shifted: map[Date]bool{}}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		if err := c.add(data); err != nil {
			return nil, fmt.Errorf("calendar: %s: %w", name, err)
		}
	}
	c.index()
	return c, nil
}

func (c *Calendar) index() {
	c.first = NewDate(c.Years()[0], 1, 1)
	for d := c.first; ; d++ {
		works, err := c.IsWorkingDay(d)
		if err != nil {
			return
		}
		if works {
			c.days = append(c.days, d)
		}
		c.worked = append(c.worked, int32(len(c.days)))
	}
}

// covers reports a day for which working days are counted beforehand.
func (c *Calendar) covers(d Date) bool { return d >= c.first && int(d-c.first) < len(c.worked) }

func (c *Calendar) add(data []byte) error {
	var table struct {
		Year int `json:"year"`
		Days []struct {
			Date     Date `json:"date"`
			IsOffDay bool `json:"isOffDay"`
		} `json:"days"`
	}
	if err := json.Unmarshal(data, &table); err != nil {
		return err
	}
	switch {
	case len(table.Days) == 0:
		return fmt.Errorf("year %d: no days", table.Year)
	case c.years[table.Year]:
		return fmt.Errorf("year %d: a second table", table.Year)
	}
	for _, day := range table.Days {
		works := !day.IsOffDay
		if before, ok := c.shifted[day.Date]; ok && before != works {
			return fmt.Errorf("%s: contradicts another table", day.Date)
		}
		if y := day.Date.Year(); y < table.Year-1 || y > table.Year+1 {
			return fmt.Errorf("%s: not a day of the table of %d", day.Date, table.Year)
		}
		c.shifted[day.Date] = works
	}
	c.years[table.Year] = true
	return nil
}

// Years returns the years that have a table, in ascending order.
func (c *Calendar) Years() []int {
	years := make([]int, 0, len(c.years))
	for y := range c.years {
		years = append(years, y)
	}
	slices.Sort(years)
	return years
}

// IsWorkingDay reports whether d is a working day.
func (c *Calendar) IsWorkingDay(d Date) (bool, error) {
	if y := d.Year(); !c.years[y] {
		return false, fmt.Errorf("%w for %d", ErrNoCalendar, y)
	}
	if works, ok := c.shifted[d]; ok {
		return works, nil
	}
	day := d.Weekday()
	return day != time.Saturday && day != time.Sunday, nil
}

// AddWorkingDays returns the n-th working day after d. Day 0 is d itself,
// whether it is a working day or not; day 1 is the next working day. With a
// negative n it counts backwards.
func (c *Calendar) AddWorkingDays(d Date, n int) (Date, error) {
	if n > 0 && c.covers(d) {
		if i := int(c.worked[d-c.first]) + n - 1; i < len(c.days) {
			return c.days[i], nil
		}
	}
	step := 1
	if n < 0 {
		n, step = -n, -1
	}
	for n > 0 {
		d = d.AddDays(step)
		works, err := c.IsWorkingDay(d)
		if err != nil {
			return 0, err
		}
		if works {
			n--
		}
	}
	return d, nil
}

// WorkingDaysBetween counts the working days after from up to and including
// to; a to before from is 0 days. To decide lateness compare dates with
// [Calendar.AddWorkingDays] instead: on the Saturday after day 7 the count is
// still 7, but the deadline has passed.
func (c *Calendar) WorkingDaysBetween(from, to Date) (int, error) {
	if from <= to && c.covers(from) && c.covers(to) {
		return int(c.worked[to-c.first] - c.worked[from-c.first]), nil
	}
	n := 0
	for d := from.AddDays(1); d <= to; d = d.AddDays(1) {
		works, err := c.IsWorkingDay(d)
		if err != nil {
			return 0, err
		}
		if works {
			n++
		}
	}
	return n, nil
}
