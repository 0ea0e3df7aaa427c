package evaluators

import (
	"fmt"
	"slices"

	"rongxin/internal/strictyaml"
)

func (c *Characteristic) check(doc *strictyaml.Document, at string) {
	c.Leaf.check(doc, at, c.Result == "")
	kinds := c.kinds()
	if len(kinds) != 1 {
		doc.Fault(at, "has %d of the keys each, present, bands, grades, escalate, wants one", len(kinds))
		return
	}
	kind := kinds[0]
	c.checkKeys(doc, at, kind)
	switch kind {
	case KindEach:
		c.checkEach(doc, at)
	case KindBands:
		c.checkBands(doc, at)
	case KindGrades:
		c.checkResult(doc, at)
	case KindEscalate:
		c.checkEscalation(doc, at)
	}
}

// checkKeys refuses keys that mean nothing beside the kind.
func (c *Characteristic) checkKeys(doc *strictyaml.Document, at, kind string) {
	measure, _ := c.MeasureOf()
	for key, kinds := range map[string][]string{
		"decay": {KindEach}, "cap": {KindEach, KindEscalate}, "absent": {KindPresent},
		"measure": {KindBands, KindGrades}, "of": {KindBands}, "result": {KindGrades}, "missing": {KindBands, KindGrades},
	} {
		if doc.Has(at+"."+key) && !slices.Contains(kinds, kind) {
			doc.Fault(at+"."+key, "does not go with %s", kind)
		}
	}
	if kind == KindBands && (measure == MeasureShare) != (len(c.Of) > 0) {
		doc.Fault(at+".of", "goes with measure share, and share wants it: which of the records")
	}
	checkWhere(doc, at+".of", c.Of)
	if (kind == KindBands || kind == KindGrades) && (measure == MeasureShare || measure == MeasureNewest) && c.Missing == nil {
		doc.Fault(at+".missing", "is missing: points, or not_evaluated, where there is no record")
	}
}

func (c *Characteristic) checkEach(doc *strictyaml.Document, at string) {
	if *c.Each == 0 || c.Cap == nil || (*c.Each < 0) != (*c.Cap < 0) || abs(*c.Cap) < abs(*c.Each) {
		doc.Fault(at+".cap", "each %s and cap %s must have one sign, and the cap be no smaller", c.Each, orNone(c.Cap))
	}
	for i, d := range c.Decay {
		step := fmt.Sprintf("%s.decay[%d]", at, i)
		if d.WithinMonths < 1 || i > 0 && d.WithinMonths <= c.Decay[i-1].WithinMonths {
			doc.Fault(step+".within_months", "months must ascend from 1")
		}
		if d.Keep == 0 || i > 0 && d.Keep >= c.Decay[i-1].Keep {
			doc.Fault(step+".keep", "an older record keeps less, and more than nothing")
		}
		if int64(*c.Each)*int64(d.Keep)%10000 != 0 {
			doc.Fault(step+".keep", "%s of %s points is no whole thousandth", d.Keep, c.Each)
		}
	}
}

func (c *Characteristic) checkBands(doc *strictyaml.Document, at string) {
	measure, _ := c.MeasureOf()
	if measure == "" {
		doc.Fault(at+".measure", "is %q, wants count, share, sum(column) or newest(column)", c.Measure)
	}
	if len(c.Bands) < 2 {
		doc.Fault(at+".bands", "wants at least two bands")
	}
	var last int64
	for i, b := range c.Bands {
		band := fmt.Sprintf("%s.bands[%d]", at, i)
		if !doc.Has(band + ".points") {
			doc.Fault(band+".points", "is missing")
		}
		if i == 0 {
			if b.From != "" {
				doc.Fault(band+".from", "the first band is open below and has no from")
			}
			continue
		}
		bound, err := c.bound(b)
		if err != nil {
			doc.Fault(band+".from", "%v", err)
		} else if i > 1 && bound <= last {
			doc.Fault(band+".from", "bounds must ascend")
		}
		last = bound
	}
}

func (c *Characteristic) checkResult(doc *strictyaml.Document, at string) {
	measure, _ := c.MeasureOf()
	if (c.Result == "") == (c.Measure == "") || measure != MeasureNewest {
		doc.Fault(at, "grades want the text of a newest record: result (national or an imported scheme), or fact and measure newest(column)")
	}
	if c.Result != "" && (c.Fact != "" || len(c.Where) > 0 || c.Day != "" || c.WithinMonths != 0) {
		doc.Fault(at+".result", "brings its own table, day and term: leave fact, where, day and within_months out")
	}
	if len(c.Grades) == 0 {
		doc.Fault(at+".grades", "wants points for each grade")
	}
}

func (c *Characteristic) checkEscalation(doc *strictyaml.Document, at string) {
	e := c.Escalate
	if !columnForm.MatchString(e.Column) {
		doc.Fault(at+".escalate.column", "%q is no column", e.Column)
	}
	if len(e.Steps) < 2 || len(e.Steps) > maxSteps {
		doc.Fault(at+".escalate.steps", "wants 2 to %d steps", maxSteps)
	}
	var seen []string
	for i, step := range e.Steps {
		path := fmt.Sprintf("%s.escalate.steps[%d]", at, i)
		needWords(doc, path, map[string]string{"is": step.Is})
		seen = once(doc, path+".is", step.Is, seen)
		if step.Each == 0 || (step.Each < 0) != (e.Steps[0].Each < 0) {
			doc.Fault(path+".each", "is %s: all steps have one sign", step.Each)
		}
		switch last := i == len(e.Steps)-1; {
		case last && step.Every != 0:
			doc.Fault(path+".every", "the last step has none above it")
		case step.Every != 0 && step.Every < 2:
			doc.Fault(path+".every", "is %d, wants at least 2", step.Every)
		case !last && abs(e.Steps[i+1].Each) < abs(step.Each)*Points(max(step.Every, 1)):
			doc.Fault(path+".each", "%d records of this step would weigh more than the one of the next that they become", max(step.Every, 1))
		}
	}
	if n := len(e.Steps); c.Cap == nil || n > 0 && ((*c.Cap < 0) != (e.Steps[n-1].Each < 0) || abs(*c.Cap) < abs(e.Steps[n-1].Each)) {
		doc.Fault(at+".cap", "is %s, wants the sign of the steps and no less than the last of them", orNone(c.Cap))
	}
}

// least is the lowest that the characteristic can give, 0 or below.
func (c *Characteristic) least() Points {
	var least Points
	if c.Cap != nil {
		least = min(least, *c.Cap)
	}
	if c.Present != nil {
		least = min(least, *c.Present, c.Absent)
	}
	for _, b := range c.Bands {
		least = min(least, b.Points)
	}
	for _, points := range c.Grades {
		least = min(least, points)
	}
	if c.Missing != nil {
		least = min(least, c.Missing.Points)
	}
	return least
}
