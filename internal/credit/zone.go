package credit

import "time"

// ChinaTime is the one time zone of the system: UTC+8, without summer time.
var ChinaTime = time.FixedZone("UTC+8", 8*60*60)

// DateOf is the day in China at the moment t.
func DateOf(t time.Time) Date {
	y, m, d := t.In(ChinaTime).Date()
	return NewDate(y, int(m), d)
}
