package xlsx

import "math"

// Day turns the number of a Date cell into days since 1970-01-01; the time of
// day is dropped. The system of 1900 takes that year for a leap year: its day 60
// never was, and what lies before it counts one less (ECMA-376 part 1,
// 18.17.4.1).
func (b *Book) Day(serial float64) (day int, ok bool) {
	const epoch1900, epoch1904, last = 25569, 24107, 2958465 // of 9999-12-31
	n := math.Floor(serial)
	switch {
	case math.IsNaN(n) || n < 0 || n > last:
		return 0, false
	case b.Date1904:
		return int(n) - epoch1904, true
	case n < 1 || n == 60:
		return 0, false
	case n < 60:
		return int(n) - epoch1900 + 1, true
	}
	return int(n) - epoch1900, true
}
