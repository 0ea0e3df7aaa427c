package effect

import (
	"cmp"
	"fmt"
	"slices"

	"rongxin/internal/credit"
)

// An Outcome is the result of one drawn object.
type Outcome struct {
	Control  bool // drawn from all candidates alike
	Class    int64
	Industry string // section of GB/T 4754
	Division string
	Found    bool
	Day      credit.Date
}

// Tiers is what the results of one draw say of its classes.
type Tiers struct {
	Draw       string        `json:"draw_id"`
	All        Rate          `json:"all"`     // what the inspectors saw; says nothing of the city
	Control    Order         `json:"control"` // the city
	Classes    []Class       `json:"classes"` // the strictest first
	Industries []Calibration `json:"industries"`
	Divisions  []Calibration `json:"divisions"`
}

// A Class is the hit rate of one class and its lift over the control share, null
// where control found nothing.
type Class struct {
	Class int64 `json:"supervision_class"`
	Rate
	Lift *Figure `json:"lift"` // millionths
}

// A Calibration compares what was found in a part of the city with what its
// classes let expect.
type Calibration struct {
	Name string `json:"name"`
	Rate
	Expected int64 `json:"expected"` // share in millionths, at the hit rates of the classes in the whole draw
	Within   bool  `json:"within"`   // the interval of the found share
}

// MeasureTiers measures the classes of a draw.
func MeasureTiers(draw string, outcomes []Outcome) (Tiers, error) {
	t := Tiers{Draw: draw, Classes: []Class{}, Industries: []Calibration{}, Divisions: []Calibration{}}
	var control []Row
	for _, o := range outcomes {
		if o.Control {
			control = append(control, Row{Score: float64(o.Class), Found: o.Found, Day: o.Day})
		}
	}
	var err error
	if t.Control, err = Measure(draw, control); err != nil {
		return t, fmt.Errorf("draw %s: %w", draw, err)
	}
	whole := make([]int64, len(outcomes))
	for i := range whole {
		whole[i] = 1
	}
	c := tally(outcomes, whole)
	t.All = rate(c.found, c.inspected)
	lifts := map[int64]*spread{}
	for class := range c.classes {
		lifts[class] = &spread{}
	}
	weights := make([]int64, len(outcomes))
	resample(draw, weights, func() {
		again := tally(outcomes, weights)
		for class, s := range lifts {
			s.add(again.lift(class))
		}
	})
	for class, n := range c.classes {
		t.Classes = append(t.Classes, Class{class, rate(n.found, n.inspected), lifts[class].figure(c.lift(class))})
	}
	slices.SortFunc(t.Classes, func(a, b Class) int { return cmp.Compare(b.Class, a.Class) })
	t.Industries = c.calibrate(outcomes, func(o Outcome) string { return o.Industry })
	t.Divisions = c.calibrate(outcomes, func(o Outcome) string { return o.Division })
	return t, nil
}

// counts of outcomes.
type counts struct {
	count
	control count
	classes map[int64]count
}

type count struct{ inspected, found int64 }

func (c *count) add(found bool, weight int64) {
	c.inspected += weight
	if found {
		c.found += weight
	}
}

func tally(outcomes []Outcome, weights []int64) counts {
	c := counts{classes: map[int64]count{}}
	for i, o := range outcomes {
		c.count.add(o.Found, weights[i])
		if o.Control {
			c.control.add(o.Found, weights[i])
		}
		class := c.classes[o.Class]
		class.add(o.Found, weights[i])
		c.classes[o.Class] = class
	}
	return c
}

// lift is the hit rate of a class as a multiple of that of control.
func (c counts) lift(class int64) figure {
	own := c.classes[class]
	if own.inspected == 0 || c.control.found == 0 {
		return figure{}
	}
	return figure{mulDiv(own.found*c.control.inspected, million, own.inspected*c.control.found), true}
}

// calibrate expects of each part of the city what the classes of its objects
// have in the whole draw.
func (c counts) calibrate(outcomes []Outcome, part func(Outcome) string) []Calibration {
	found, expected := map[string]count{}, map[string]int64{}
	for _, o := range outcomes {
		n := found[part(o)]
		n.add(o.Found, 1)
		found[part(o)] = n
		class := c.classes[o.Class]
		expected[part(o)] += mulDiv(class.found, million, class.inspected)
	}
	list := []Calibration{}
	for name, n := range found {
		k := Calibration{Name: name, Rate: rate(n.found, n.inspected), Expected: divRound(expected[name], n.inspected)}
		k.Within = *k.Share.Low <= k.Expected && k.Expected <= *k.Share.High
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b Calibration) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
