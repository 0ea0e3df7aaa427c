package credit

import (
	"fmt"
	"time"
)

// Date is a civil day of the Gregorian calendar, counted in days since
// 1970-01-01. It has no time zone, orders and subtracts like the integer it
// is, and has the layout of a Parquet or SQL DATE.
type Date int32

// Years outside 1 to 9999 cannot be written as four digits and are refused.
const (
	minYear = 1
	maxYear = 9999
)

// NewDate returns the day y-m-d. Values out of range roll over as in
// [time.Date]: month 13 is January of the next year, day 0 the last day of the
// month before. Text from outside goes through [ParseDate], which rolls nothing.
func NewDate(y, m, d int) Date {
	y, m = rollMonth(y, m)
	return civilDays(y, m, 1) + Date(d-1)
}

// DayOf returns the day y-m-d, if there is one and its year has four digits.
func DayOf(y, m, d int) (day Date, exists bool) {
	if !validDay(y, m, d) {
		return 0, false
	}
	return civilDays(y, m, d), true
}

// ParseDate reads one of the shapes in which departments write a day:
// 2006-01-02, 2006/01/02 and 2006/1/2, 20060102, 2006年1月2日. Surrounding
// blanks and a time of day after the date (2006-01-02 15:04:05, as spreadsheets
// and databases export it) are accepted and dropped. A day that does not exist,
// such as 2026-02-29, is an error.
func ParseDate(s string) (Date, error) {
	y, m, d, ok := scanDate(s)
	if !ok {
		return 0, fmt.Errorf("date %.40q: not a date such as 2006-01-02", s)
	}
	if !validDay(y, m, d) {
		return 0, fmt.Errorf("date %.40q: no such day", s)
	}
	return civilDays(y, m, d), nil
}

// YMD returns the year, the month 1 to 12 and the day of the month.
func (d Date) YMD() (year, month, day int) {
	// Days are counted from 0000-03-01 so that the leap day ends the year, in
	// eras of 400 years (146,097 days).
	n := int(d) + 719468
	era := floorDiv(n, 146097)
	ofEra := n - era*146097
	yearOfEra := (ofEra - ofEra/1460 + ofEra/36524 - ofEra/146096) / 365
	ofYear := ofEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	fromMarch := (5*ofYear + 2) / 153
	day = ofYear - (153*fromMarch+2)/5 + 1
	month = fromMarch + 3
	if month > 12 {
		month -= 12
	}
	year = yearOfEra + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

// Year returns the calendar year.
func (d Date) Year() int {
	y, _, _ := d.YMD()
	return y
}

// AddDays returns the day n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date { return d + Date(n) }

// AddMonths returns the same day of the month n months later. Where that month
// is shorter its last day is meant: 2026-11-30 and three months is 2027-02-28.
// A year is twelve months.
func (d Date) AddMonths(n int) Date {
	y, m, day := d.YMD()
	y, m = rollMonth(y, m+n)
	return civilDays(y, m, min(day, daysIn(y, m)))
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Weekday(((int(d)+4)%7 + 7) % 7) // 1970-01-01 was a Thursday
}

// Time returns midnight UTC of the day, as database drivers expect a DATE.
func (d Date) Time() time.Time {
	return time.Unix(int64(d)*86400, 0).UTC()
}

// String returns the day as 2006-01-02.
func (d Date) String() string {
	text, _ := d.AppendText(make([]byte, 0, 10))
	return string(text)
}

// AppendText appends the day as 2006-01-02 to b. It never fails.
func (d Date) AppendText(b []byte) ([]byte, error) {
	y, m, day := d.YMD()
	if y < minYear || y > maxYear {
		return fmt.Appendf(b, "%05d-%02d-%02d", y, m, day), nil
	}
	return append(b,
		byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-',
		byte('0'+day/10), byte('0'+day%10)), nil
}

// MarshalText writes the day as 2006-01-02, so JSON and YAML show it so.
func (d Date) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// UnmarshalText reads what [ParseDate] reads.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// civilDays is the inverse of YMD for a month in 1 to 12.
func civilDays(y, m, d int) Date {
	if m <= 2 {
		y--
		m += 12
	}
	era := floorDiv(y, 400)
	yearOfEra := y - era*400
	ofYear := (153*(m-3)+2)/5 + d - 1
	return Date(era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + ofYear - 719468)
}

func rollMonth(y, m int) (year, month int) {
	carry := floorDiv(m-1, 12)
	return y + carry, m - 12*carry
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func validDay(y, m, d int) bool {
	return y >= minYear && y <= maxYear && m >= 1 && m <= 12 && d >= 1 && d <= daysIn(y, m)
}

func daysIn(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
