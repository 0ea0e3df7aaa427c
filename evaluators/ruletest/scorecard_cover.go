package ruletest

import (
	"fmt"
	"maps"
	"slices"

	"rongxin/evaluators"
)

// The attributes of a scorecard: what each characteristic can say, its caps,
// vetoes, bounds and grades.

func declareScorecard(c *cover, path string, card *evaluators.Scorecard) {
	for i := range card.Characteristics {
		for _, a := range attributesOf(&card.Characteristics[i]) {
			c.declare(path, card.Characteristics[i].Name+" "+a)
		}
	}
	if card.Lowest != nil {
		c.declare(path, "lowest")
	}
	if card.Highest != nil {
		c.declare(path, "highest")
	}
	for _, v := range card.Vetoes {
		c.declare(path, v.Name+" acts")
		if v.AtLeast > 1 {
			c.declare(path, fmt.Sprintf("%s fewer than %d", v.Name, v.AtLeast))
		}
	}
	for _, g := range card.Grades {
		c.declare(path, "grade "+g.Grade)
	}
}

func attributesOf(c *evaluators.Characteristic) []string {
	var list []string
	switch c.Kind() {
	case evaluators.KindEach:
		if c.Decay == nil {
			list = append(list, "each")
		}
		for _, d := range c.Decay {
			list = append(list, decayed(d))
		}
		if c.Decay != nil {
			list = append(list, "older")
		}
	case evaluators.KindPresent:
		list = append(list, "present", "absent")
	case evaluators.KindBands:
		for i := range c.Bands {
			list = append(list, band(c, i))
		}
	case evaluators.KindGrades:
		for _, grade := range slices.Sorted(maps.Keys(c.Grades)) {
			list = append(list, "grade "+grade)
		}
	case evaluators.KindEscalate:
		for _, s := range c.Escalate.Steps {
			list = append(list, "step "+s.Is)
			if s.Every > 0 {
				list = append(list, escalated(s))
			}
		}
	}
	if c.Cap != nil {
		list = append(list, "cap")
	}
	if c.Missing != nil {
		list = append(list, "missing")
	}
	return list
}

func decayed(d evaluators.Decay) string { return fmt.Sprintf("within %d months", d.WithinMonths) }

func escalated(s evaluators.Step) string { return fmt.Sprintf("every %d %s", s.Every, s.Is) }

func band(c *evaluators.Characteristic, i int) string {
	if i == 0 {
		return "band below " + c.Bands[1].From
	}
	return "band from " + c.Bands[i].From
}

// reachScorecard notes what a case reached.
func reachScorecard(cv *cover, path string, card *evaluators.Scorecard, got *score) {
	for i := range card.Characteristics {
		c, position := &card.Characteristics[i], int64(i+1)
		for _, a := range reached(c, got.seen[position], got.missing[position]) {
			cv.reach(path, c.Name+" "+a)
		}
	}
	cv.reach(path, "grade "+got.grade)
	if points := got.reasons["BOUNDS"]; points > 0 {
		cv.reach(path, "lowest")
	} else if points < 0 {
		cv.reach(path, "highest")
	}
	for i, v := range card.Vetoes {
		position := int64(evaluators.PositionVeto + i)
		if got.vetoed[position] {
			cv.reach(path, v.Name+" acts")
		} else if len(got.seen[position]) > 0 {
			cv.reach(path, fmt.Sprintf("%s fewer than %d", v.Name, v.AtLeast))
		}
	}
}

// reached are the attributes of a characteristic that these records reach.
func reached(c *evaluators.Characteristic, records []seen, missing bool) []string {
	if len(records) == 0 {
		list := []string{"absent"}
		if missing && c.Missing != nil {
			return append(list, "missing")
		}
		if measure, _ := c.MeasureOf(); c.Missing == nil && (measure == evaluators.MeasureCount || measure == evaluators.MeasureSum) {
			list = append(list, band(c, bandAt(c, 0, 1)))
		}
		return list
	}
	list := []string{"each", "present"}
	var total, points int64
	steps := map[int64]int64{}
	for _, r := range records {
		total += r.value
		steps[r.value]++
		list = append(list, "grade "+r.label)
	}
	switch c.Kind() {
	case evaluators.KindEach:
		points = int64(len(records)) * int64(*c.Each)
		if c.Decay != nil {
			points = total
			for _, r := range records {
				list = append(list, ageOf(c, r.value))
			}
		}
	case evaluators.KindBands:
		list = append(list, bandReached(c, records, total))
	case evaluators.KindEscalate:
		var carried int64
		for i, s := range c.Escalate.Steps {
			n := steps[int64(i+1)]
			if n > 0 {
				list = append(list, "step "+s.Is)
			}
			n, carried = n+carried, 0
			if s.Every > 0 {
				carried = n / s.Every
				n -= carried * s.Every
			}
			if carried > 0 {
				list = append(list, escalated(s))
			}
			points += n * int64(s.Each)
		}
	}
	if c.Cap != nil && max(points, -points) > max(int64(*c.Cap), -int64(*c.Cap)) {
		list = append(list, "cap")
	}
	return list
}

func ageOf(c *evaluators.Characteristic, value int64) string {
	for _, d := range c.Decay {
		if value == int64(*c.Each)*int64(d.Keep)/10000 {
			return decayed(d)
		}
	}
	return "older"
}

func bandReached(c *evaluators.Characteristic, records []seen, total int64) string {
	value, of := total, int64(1)
	switch measure, _ := c.MeasureOf(); measure {
	case evaluators.MeasureCount:
		value = int64(len(records))
	case evaluators.MeasureShare:
		value, of = total*10000, int64(len(records))
	}
	return band(c, bandAt(c, value, of))
}

// bandAt is the band of value / of.
func bandAt(c *evaluators.Characteristic, value, of int64) int {
	at := 0
	for i, bound := range c.Bounds() {
		if value >= bound*of {
			at = i + 1
		}
	}
	return at
}
