package reference

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"rongxin/internal/credit"
)

// Scorecard is a scorecard as its file says it. Points are decimals.
type Scorecard struct {
	Name       string `yaml:"scorecard"`
	Version    int64  `yaml:"version"`
	Population string `yaml:"population"`
	Base       string `yaml:"base_points"`
	Lowest     string `yaml:"lowest"`
	Highest    string `yaml:"highest"`
	Better     string `yaml:"better"`
	Grades     []struct {
		Grade string `yaml:"grade"`
		From  string `yaml:"from"`
		UpTo  string `yaml:"up_to"`
	} `yaml:"grades"`
	Characteristics []Characteristic `yaml:"characteristics"`
	Vetoes          []Veto           `yaml:"vetoes"`
}

// Leaf says which facts are looked at.
type Leaf struct {
	Name   string           `yaml:"name"`
	Fact   string           `yaml:"fact"`
	Where  map[string]Texts `yaml:"where"`
	Day    string           `yaml:"day"`
	Within int              `yaml:"within_months"`
	Reason string           `yaml:"reason_code"`
}

// Characteristic gives points.
type Characteristic struct {
	Leaf  `yaml:",inline"`
	Each  string `yaml:"each"`
	Decay []struct {
		Within int    `yaml:"within_months"`
		Keep   string `yaml:"keep"`
	} `yaml:"decay"`
	Cap     string           `yaml:"cap"`
	Present string           `yaml:"present"`
	Absent  string           `yaml:"absent"`
	Measure string           `yaml:"measure"`
	Of      map[string]Texts `yaml:"of"`
	Bands   []struct {
		From   string `yaml:"from"`
		Points string `yaml:"points"`
	} `yaml:"bands"`
	Result   string            `yaml:"result"`
	Grades   map[string]string `yaml:"grades"`
	Escalate *struct {
		Column string `yaml:"column"`
		Steps  []struct {
			Is    string `yaml:"is"`
			Each  string `yaml:"each"`
			Every int64  `yaml:"every"`
		} `yaml:"steps"`
	} `yaml:"escalate"`
	Missing string `yaml:"missing"`
}

// Veto acts when enough facts are there.
type Veto struct {
	Leaf    `yaml:",inline"`
	AtLeast int    `yaml:"at_least"`
	Grade   string `yaml:"grade"`
	Ceiling string `yaml:"ceiling"`
	Score   string `yaml:"score"`
}

// Texts is one text or several.
type Texts []string

// UnmarshalYAML accepts both.
func (t *Texts) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*t = Texts{node.Value}
		return nil
	}
	return node.Decode((*[]string)(t))
}

// points reads a decimal; none is nil.
func points(decimal string) *int64 {
	if decimal == "" {
		return nil
	}
	value := milli(decimal)
	return &value
}

var columnOf = regexp.MustCompile(`\((\w+)\)`)

// column is that of sum(column) and newest(column).
func (c Characteristic) column() string {
	if m := columnOf.FindStringSubmatch(c.Measure); m != nil {
		return m[1]
	}
	return ""
}

// source is the table that the characteristic looks at, and which of its facts.
func (c Characteristic) source() Leaf {
	l := c.Leaf
	switch c.Result {
	case "":
	case "national":
		l.Fact = "marts.public_results_in_force"
	default:
		l.Fact, l.Where = "marts.industry_results_in_force", map[string]Texts{"scheme": {c.Result}}
	}
	return l
}

func (l Leaf) dayOf(f Fact) credit.Date {
	if l.Day == "" {
		return f.Days["event_on"]
	}
	return f.Days[l.Day]
}

// looks says whether the leaf looks at a fact on the day.
func (l Leaf) looks(f Fact, day credit.Date) bool {
	on := l.dayOf(f)
	return on != 0 && on <= day && (l.Within == 0 || on > day.AddMonths(-l.Within)) && fits(f, l.Where)
}

func fits(f Fact, where map[string]Texts) bool {
	for column, texts := range where {
		if f.Texts[column] == "" || !slices.Contains(texts, f.Texts[column]) {
			return false
		}
	}
	return true
}

// Seen is a fact that is looked at, and what it brings.
type Seen struct {
	ID    string
	On    credit.Date
	Value *int64 // in the unit of the measure: facts, fen, thousandths, steps
	Label string
}

// seenBy are the facts that a characteristic looks at, by day and then by id; of
// newest the newest one.
func (c Characteristic) seenBy(facts map[string][]Fact, day credit.Date) (list []Seen) {
	l := c.source()
	for _, f := range facts[l.Fact] {
		if !l.looks(f, day) {
			continue
		}
		if s, ok := c.brings(f, l.dayOf(f), day); ok {
			list = append(list, s)
		}
	}
	InOrder(list)
	if c.Newest() && len(list) > 1 {
		list = list[len(list)-1:]
	}
	return list
}

func bySeen(a, b Seen) int {
	if a.On != b.On {
		return int(a.On) - int(b.On)
	}
	return strings.Compare(a.ID, b.ID)
}

func (c Characteristic) brings(f Fact, on, day credit.Date) (s Seen, ok bool) {
	value := int64(1)
	s = Seen{ID: f.ID, On: on, Value: &value}
	column := c.column()
	switch {
	case c.Decay != nil:
		value = 0
		for i := len(c.Decay) - 1; i >= 0; i-- {
			if on > day.AddMonths(-c.Decay[i].Within) {
				value = milli(c.Each) * milli(strings.TrimSuffix(c.Decay[i].Keep, "%")) / 100_000
			}
		}
	case c.Grades != nil:
		if column == "" {
			column = "grade"
		}
		s.Value, s.Label = nil, f.Texts[column]
		return s, s.Label != ""
	case c.Escalate != nil:
		value = 0
		for i, step := range c.Escalate.Steps {
			if f.Texts[c.Escalate.Column] == step.Is {
				value = int64(i + 1)
			}
		}
		return s, value > 0
	case c.Measure == "share":
		if !fits(f, c.Of) {
			value = 0
		}
	case column != "":
		number := f.Numbers[column]
		if number == nil {
			return s, false
		}
		value = *number
		if !strings.HasSuffix(column, "_amount") {
			value *= 1000
		}
	}
	return s, true
}

// gives is what the characteristic gives with these facts, the last of them the
// newest, in thousandths.
func (c Characteristic) gives(list []Seen) int64 {
	if len(list) == 0 {
		return 0
	}
	var sum int64
	for _, s := range list {
		if s.Value != nil {
			sum += *s.Value
		}
	}
	n := int64(len(list))
	switch {
	case c.Decay != nil:
		return bounded(sum, milli(c.Cap))
	case c.Each != "":
		return bounded(n*milli(c.Each), milli(c.Cap))
	case c.Present != "":
		return milli(c.Present)
	case c.Grades != nil:
		return milli(c.Grades[list[n-1].Label])
	case c.Escalate != nil:
		return bounded(c.escalated(list), milli(c.Cap))
	case c.Measure == "count":
		return c.band(n, 1)
	case c.Measure == "share":
		return c.band(100*sum, n) // percent of the facts
	default: // sum and newest, in 元 or in thousandths
		if strings.HasSuffix(c.column(), "_amount") {
			return c.band(sum, 100)
		}
		return c.band(sum, 1000)
	}
}

// band is the points of the band that value/of falls into.
func (c Characteristic) band(value, of int64) int64 {
	given := milli(c.Bands[0].Points)
	for _, b := range c.Bands[1:] {
		if value*1000 >= milli(strings.TrimSuffix(b.From, "%"))*of {
			given = milli(b.Points)
		}
	}
	return given
}

// escalated adds up by taking facts away: as many as make one of the next step.
func (c Characteristic) escalated(list []Seen) (sum int64) {
	counts := make([]int64, len(c.Escalate.Steps)+1)
	for _, s := range list {
		counts[*s.Value-1]++
	}
	for i, step := range c.Escalate.Steps {
		for step.Every > 0 && counts[i] >= step.Every {
			counts[i] -= step.Every
			counts[i+1]++
		}
		sum += counts[i] * milli(step.Each)
	}
	return sum
}

func bounded(value, limit int64) int64 {
	if limit < 0 {
		return max(value, limit)
	}
	return min(value, limit)
}

// ifNone is what no fact comes to; ok is false where that is nothing at all.
func (c Characteristic) ifNone() (given int64, missing string, ok bool) {
	switch {
	case c.Missing == string(credit.NotEvaluated):
		return 0, c.Missing, true
	case c.Missing != "":
		return milli(c.Missing), "points", true
	case c.Present != "" && c.Absent != "":
		given = milli(c.Absent)
	case c.Measure == "count" || strings.HasPrefix(c.Measure, "sum"):
		given = c.band(0, 1)
	}
	return given, "", given != 0
}

// gradeOf is the grade of a score.
func (s Scorecard) gradeOf(score int64) string {
	if s.Better == "higher" {
		for i := len(s.Grades) - 1; i > 0; i-- {
			if score >= milli(s.Grades[i].From) {
				return s.Grades[i].Grade
			}
		}
		return s.Grades[0].Grade
	}
	for _, g := range s.Grades {
		if g.UpTo == "" || score <= milli(g.UpTo) {
			return g.Grade
		}
	}
	return ""
}

// Badness orders the grades, 1 the best.
func (s Scorecard) Badness(grade string) int {
	for i, g := range s.Grades {
		if g.Grade == grade && s.Better == "higher" {
			return len(s.Grades) - i
		}
		if g.Grade == grade {
			return i + 1
		}
	}
	return 0
}

// InOrder puts facts into the order in which a characteristic looks at them.
func InOrder(list []Seen) []Seen {
	slices.SortFunc(list, bySeen)
	return list
}

// Newest says whether the characteristic looks at the newest fact alone.
func (c Characteristic) Newest() bool {
	return c.Result != "" || strings.HasPrefix(c.Measure, "newest")
}

// Bounds are values of the measure at which the points turn, as in [Seen].
func (c Characteristic) Bounds() (list []int64) {
	for _, b := range c.Bands {
		if b.From == "" {
			continue
		}
		bound := milli(strings.TrimSuffix(b.From, "%"))
		if strings.HasSuffix(c.column(), "_amount") {
			bound /= 10
		}
		list = append(list, bound)
	}
	return list
}

// CutOffs are the scores at which the grade turns.
func (s Scorecard) CutOffs() (list []int64) {
	for _, g := range s.Grades {
		for _, decimal := range []string{g.From, g.UpTo} {
			if decimal != "" {
				list = append(list, milli(decimal))
			}
		}
	}
	return list
}
