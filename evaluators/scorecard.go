package evaluators

import (
	"regexp"
	"strings"
)

// A Scorecard turns records into points, and points into a grade. Its terms
// are those of PMML scorecards: characteristics, points, reason codes.
//
// The score of a subject is its base points, what each characteristic gives,
// what its bounds give back, and what a veto of the score takes: each is a row
// of scores.contributions, and they add up exactly.
//
// A characteristic looks at records one after the other, by day and then by
// record id. A record gets what the characteristic gives with it less what it
// gave before it. Where there is no record, the characteristic's own row
// without a record has the points, if any.
type Scorecard struct {
	Name            string `yaml:"scorecard"`
	Header          `yaml:",inline"`
	Advisory        bool             `yaml:"advisory"`   // shown, never published or used in the overlay by itself
	Population      string           `yaml:"population"` // the table whose subject_id are scored
	BasePoints      Points           `yaml:"base_points"`
	Lowest          *Points          `yaml:"lowest"`  // the score is never below; absent: the caps must see to it that it is not below 0
	Highest         *Points          `yaml:"highest"` // nor above
	Better          string           `yaml:"better"`  // higher or lower
	Grades          []Grade          `yaml:"grades"`
	Characteristics []Characteristic `yaml:"characteristics"`
	Vetoes          []Veto           `yaml:"vetoes"`
}

// A Grade covers the points from From (better higher) or up to UpTo (better
// lower); bounds ascend, so no gap can be written. A subject that lacks what a
// characteristic cannot do without has none of them, but credit.NotEvaluated.
type Grade struct {
	Grade string  `yaml:"grade"`
	From  *Points `yaml:"from"`
	UpTo  *Points `yaml:"up_to"`
}

// Leaf says which records a characteristic or a veto looks at: those of the
// table that fit where, of the day or before, and within the look-back.
type Leaf struct {
	Name         string           `yaml:"name"`
	Title        string           `yaml:"title"`
	Fact         string           `yaml:"fact"` // schema.table with subject_id, record_id and the day
	Where        map[string]Value `yaml:"where"`
	Day          string           `yaml:"day"`           // the column of the day; event_on where absent
	WithinMonths int64            `yaml:"within_months"` // look-back from the day; 0 means any age
	ReasonCode   string           `yaml:"reason_code"`
	Basis        string           `yaml:"basis"`
}

// A Characteristic is of one of five kinds, by the key that it has:
//
//	each      points for each record, up to cap; with decay, fewer for an old one
//	present   points if there is a record, absent (0) if there is none
//	bands     points by how large a measure of the records is
//	grades    points by a text of the newest record, such as the grade of a result
//	escalate  points for each record by its step, where so many of one step are one of the next
type Characteristic struct {
	Leaf `yaml:",inline"`

	Each  *Points `yaml:"each"`
	Decay []Decay `yaml:"decay"`
	Cap   *Points `yaml:"cap"` // of each and escalate: the most that all records together give, same sign

	Present *Points `yaml:"present"`
	Absent  Points  `yaml:"absent"`

	// Of bands: count, sum(column), newest(column), or share: the part of the
	// records that fits of. Of grades: newest(column), or a result instead.
	Measure string           `yaml:"measure"`
	Of      map[string]Value `yaml:"of"`
	Bands   []Band           `yaml:"bands"`

	Result string            `yaml:"result"` // national, or an imported scheme: its newest result, in place of a table
	Grades map[string]Points `yaml:"grades"`

	Escalate *Escalation `yaml:"escalate"`

	// What no record means. Required for share and newest; count and sum are 0
	// without one, and take the band of 0.
	Missing *Missing `yaml:"missing"`
}

// Decay keeps a share of each for a record that is younger than so many months.
// Months ascend; a record older than the last keeps nothing.
type Decay struct {
	WithinMonths int64 `yaml:"within_months"`
	Keep         Share `yaml:"keep"`
}

// A Band gives its points to a measure of at least From, up to the next band.
// The first has no From. From is a number of records for count, a percentage
// for share, 元 for a column named _amount, else a number in the column's own
// unit with at most three decimals.
type Band struct {
	From   string `yaml:"from"`
	Points Points `yaml:"points"`
}

// Escalation reads a step of each record in a column. Records whose text is no
// step are not looked at.
type Escalation struct {
	Column string `yaml:"column"`
	Steps  []Step `yaml:"steps"` // mildest first
}

// A Step gives each to a record. Where Every is set, so many of this step count
// as one of the next instead.
type Step struct {
	Is    string `yaml:"is"`
	Each  Points `yaml:"each"`
	Every int64  `yaml:"every"`
}

// A Veto acts when at least AtLeast records (1 where absent) are there. It has
// one of three effects:
//
//	grade    the grade is this one, whatever the points; of several the worst
//	ceiling  the grade is no better than this one
//	score    the score is no better than this one
//
// A ceiling comes after grade. A subject that is not evaluated keeps that grade
// unless a veto sets another; its score is bounded like any other.
type Veto struct {
	Leaf    `yaml:",inline"`
	AtLeast int64   `yaml:"at_least"`
	Grade   string  `yaml:"grade"`
	Ceiling string  `yaml:"ceiling"`
	Score   *Points `yaml:"score"`
}

// The kinds of characteristic.
const (
	KindEach     = "each"
	KindPresent  = "present"
	KindBands    = "bands"
	KindGrades   = "grades"
	KindEscalate = "escalate"
)

// kinds are all kinds that the characteristic has the keys of; a good one has one.
func (c *Characteristic) kinds() []string {
	var kinds []string
	for kind, has := range map[string]bool{
		KindEach: c.Each != nil, KindPresent: c.Present != nil, KindBands: c.Bands != nil,
		KindGrades: c.Grades != nil, KindEscalate: c.Escalate != nil,
	} {
		if has {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Kind is the one kind of a characteristic that was checked.
func (c *Characteristic) Kind() string { return c.kinds()[0] }

// DayColumn is the column of the day of a record.
func (l *Leaf) DayColumn() string {
	if l.Day == "" {
		return "event_on"
	}
	return l.Day
}

// The measures of bands and grades.
const (
	MeasureCount  = "count"
	MeasureSum    = "sum"
	MeasureNewest = "newest"
	MeasureShare  = "share"
)

var measureForm = regexp.MustCompile(`^(?:(count|share)|(sum|newest)\(([a-z_]+)\))$`)

// MeasureOf takes the measure apart; column is that of sum and newest.
func (c *Characteristic) MeasureOf() (measure, column string) {
	if c.Result != "" {
		return MeasureNewest, "grade"
	}
	m := measureForm.FindStringSubmatch(c.Measure)
	if m == nil {
		return "", ""
	}
	return m[1] + m[2], m[3]
}

// bound is the least value of the measure that a band takes, in the unit of
// scores.counted: records, basis points, fen, or thousandths.
func (c *Characteristic) bound(b Band) (int64, error) {
	measure, column := c.MeasureOf()
	switch {
	case measure == MeasureCount:
		p, err := ParsePoints(b.From)
		if err == nil && p%1000 != 0 {
			err = errWhole
		}
		return int64(p) / 1000, err
	case measure == MeasureShare:
		return basisPoints(b.From)
	case strings.HasSuffix(column, "_amount"):
		p, err := ParsePoints(b.From)
		if err == nil && p%10 != 0 {
			err = errFen
		}
		return int64(p) / 10, err
	default:
		p, err := ParsePoints(b.From)
		return int64(p), err
	}
}

// Bounds are those of all bands but the first, which is open below, in the unit
// of scores.counted: records, basis points, fen, or thousandths.
func (c *Characteristic) Bounds() []int64 {
	var bounds []int64
	for _, b := range c.Bands[1:] {
		bound, _ := c.bound(b) // checked when the file was read
		bounds = append(bounds, bound)
	}
	return bounds
}

// IfNone is what the characteristic gives where there is no record. Of kinds
// that give nothing then, ok is false and no row is made.
func (c *Characteristic) IfNone() (m Missing, ok bool) {
	measure, _ := c.MeasureOf()
	switch {
	case c.Missing != nil:
		return *c.Missing, true
	case c.Kind() == KindPresent:
		return Missing{Points: c.Absent}, c.Absent != 0
	case c.Kind() == KindBands && (measure == MeasureCount || measure == MeasureSum):
		points := c.bandOf(0).Points
		return Missing{Points: points}, points != 0
	}
	return Missing{}, false
}

// bandOf is the band of a value of the measure.
func (c *Characteristic) bandOf(value int64) Band {
	band := c.Bands[0]
	for i, bound := range c.Bounds() {
		if value >= bound {
			band = c.Bands[i+1]
		}
	}
	return band
}
