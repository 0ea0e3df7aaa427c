package evaluators

import (
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/engine"
)

func (c *Characteristic) usesTotal() bool {
	measure, _ := c.MeasureOf()
	return c.Decay != nil || measure == MeasureSum || measure == MeasureShare
}

// pointsSQL is what the characteristic gives with a record less what it gave
// before it.
func (c *Characteristic) pointsSQL() string {
	measure, _ := c.MeasureOf()
	switch kind := c.Kind(); {
	case c.Decay != nil:
		return c.capped("total") + " - " + c.capped("(total - value)")
	case kind == KindEach && *c.Each == *c.Cap:
		return present(*c.Each)
	case kind == KindEach:
		return c.capped(fmt.Sprintf("%d * nth", int64(*c.Each))) + " - " + c.capped(fmt.Sprintf("%d * (nth - 1)", int64(*c.Each)))
	case kind == KindPresent:
		return present(*c.Present)
	case kind == KindGrades:
		var b strings.Builder
		for _, grade := range sortedKeys(c.Grades) {
			fmt.Fprintf(&b, "when %s then %d ", engine.Quote(grade), int64(c.Grades[grade]))
		}
		return "case label " + b.String() + "end"
	case kind == KindEscalate:
		with, before := make([]string, len(c.Escalate.Steps)), make([]string, len(c.Escalate.Steps))
		for i := range with {
			with[i] = fmt.Sprintf("step_%d", i+1)
			before[i] = fmt.Sprintf("(step_%d - case when value = %d then 1 else 0 end)", i+1, i+1)
		}
		return c.capped(c.Escalate.sql(with)) + " - " + c.capped(c.Escalate.sql(before))
	case measure == MeasureNewest:
		return c.bandSQL("value", "1")
	case measure == MeasureCount:
		return c.countSQL("nth") + " - " + c.before(c.countSQL("(nth - 1)"))
	case measure == MeasureShare:
		return c.bandSQL("total * 10000", "nth") + " - " + c.before(c.bandSQL("(total - value) * 10000", "(nth - 1)"))
	default: // sum
		return c.bandSQL("total", "1") + " - " + c.before(c.bandSQL("(total - value)", "1"))
	}
}

// present gives points once, with the first record.
func present(points Points) string {
	return fmt.Sprintf("case when nth = 1 then %d else 0 end", int64(points))
}

// before is nothing before the first record: what no record gives is on a row
// of its own, which a subject with records does not have.
func (c *Characteristic) before(points string) string {
	return "case when nth = 1 then 0 else " + points + " end"
}

// capped bounds points: the cap is above for bonus points, below for deductions.
func (c *Characteristic) capped(points string) string {
	if *c.Cap < 0 {
		return fmt.Sprintf("greatest(%s, %d)", points, int64(*c.Cap))
	}
	return fmt.Sprintf("least(%s, %d)", points, int64(*c.Cap))
}

// bandSQL gives the points of the band of value / of, without dividing.
func (c *Characteristic) bandSQL(value, of string) string {
	return c.bandsSQL(value, of, 0)
}

// countSQL gives the points of the band of a number of records, one or more: the
// bands below that are on rows of their own.
func (c *Characteristic) countSQL(value string) string {
	least, _ := slices.BinarySearch(c.Bounds(), 2)
	return c.bandsSQL(value, "1", least)
}

// bandsSQL leaves out the bands below the least one.
func (c *Characteristic) bandsSQL(value, of string, least int) string {
	var b strings.Builder
	bounds := c.Bounds()
	for i := len(bounds) - 1; i >= least; i-- {
		bound := fmt.Sprint(bounds[i])
		if of != "1" {
			bound += " * " + of
		}
		fmt.Fprintf(&b, "when %s >= %s then %d ", value, bound, int64(c.Bands[i+1].Points))
	}
	lowest := int64(c.Bands[least].Points)
	if b.Len() == 0 {
		return fmt.Sprint(lowest)
	}
	return fmt.Sprintf("case %selse %d end", b.String(), lowest)
}

const maxSteps = 5

// sql adds up the steps: whole groups go up a step, the rest stays.
func (e *Escalation) sql(counts []string) string {
	var terms []string
	carried := ""
	for i, step := range e.Steps {
		n := counts[i]
		if carried != "" {
			n = "(" + n + " + " + carried + ")"
		}
		carried = ""
		if step.Every > 0 {
			carried = fmt.Sprintf("fx_div_floor(%s, %d)", n, step.Every)
			n = fmt.Sprintf("(%s - %d * %s)", n, step.Every, carried)
		}
		terms = append(terms, fmt.Sprintf("%d * %s", int64(step.Each), n))
	}
	return strings.Join(terms, " + ")
}
