package city

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"rongxin/internal/credit"
)

// The city held draws before. What each class then had of enterprises with a
// problem is fixed, so that what a measurement of the classes says can be held
// against it; truth/draws.csv tells it.

// result is one inspection of a past draw.
type result struct {
	draw    string
	control bool
	class   int
	codes   string // result codes
	problem bool   // one of them is a problem
	*inspection
}

// pastClass is what is true of a class: the chance that an inspection finds a
// problem, and that an enterprise is drawn beside the control share.
type pastClass struct{ found, drawn float64 }

var pastClasses = map[int]pastClass{1: {0.04, 0.01}, 2: {0.12, 0.03}, 3: {0.30, 0.06}, 4: {0.55, 0.10}}

const (
	pastDraws   = 2
	controlOdds = 0.02 // of every enterprise, whatever its class
)

// recallDraws inspects who was drawn in the last quarters. Half of the
// inspections are also in the department's own extract.
func (w *world) recallDraws(e *enterprise) {
	d := newDice(w.seed, e.index, topicDraw)
	class := pastClassOf(d, e)
	for n := range pastDraws {
		from := w.cutoff.AddMonths(-3 * (n + 1))
		to := from.AddDays(59)
		control, drawn := d.chance(controlOdds), d.chance(pastClasses[class].drawn)
		found, day, told := d.chance(pastClasses[class].found), d.day(from, to), d.chance(0.5)
		code := pick(d, []string{"3", "4", "5", "B", "D"})
		if !control && !drawn || e.founded.AddMonths(12) > from || e.last(w) <= to {
			continue
		}
		r := &result{draw: fmt.Sprintf("CCHG-%s", from), control: control, class: class, codes: "1", problem: found,
			inspection: &inspection{by: e.place.samr, field: inspectionField(d, e), mode: "双随机抽查", result: "1"}}
		r.series, r.on = "榕"+e.place.abbr+"市监检", day
		if found {
			r.result, r.codes, r.inspection.problem = code, code, problemText(code)
			if d.chance(0.3) {
				r.codes += "、A"
			}
		}
		e.results = append(e.results, r)
		if told {
			e.inspections = append(e.inspections, r.inspection)
		}
	}
}

// pastClassOf is what a good evaluation would have made of the hidden trait.
func pastClassOf(d *dice, e *enterprise) int {
	sharp := d.chance(0.6)
	switch {
	case e.risk < 0.5:
		return 2 - btoi(sharp)
	case e.risk < 2:
		return 3 - btoi(sharp)
	}
	return 3 + btoi(sharp)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func problemText(code string) string {
	if text, ok := problems[code]; ok {
		return text
	}
	return "违反有关规定"
}

// sendResults writes inspection/results, whose rows have no faults.
func (k *desk) sendResults(e *enterprise) error {
	x := k.x.results
	section, ok := credit.IndustrySection(credit.Industry2017, e.industry.code)
	if !ok {
		section = "-"
	}
	for _, r := range e.results {
		part, number := "分类抽取", ""
		if r.control {
			part = "对照抽取"
		}
		if slices.Contains(e.inspections, r.inspection) {
			number = r.no
		}
		local := k.w.inspectors[e.place.code]
		cells := []string{r.draw, departments[0].name, part, e.code, e.name, fmt.Sprint(r.class), section, e.place.code,
			r.codes, x.date(r.on), r.inspection.problem, "", number, local[0].id + ";" + local[1].id}
		if _, _, err := k.write(&row{x: x, to: x.since(r.on), cells: cells}); err != nil {
			return err
		}
		k.truth.result(r)
	}
	return nil
}

// drawTruth is what was true of a class in a draw, and what chance made of it.
type drawTruth struct {
	draw               string
	class              int
	inspected, problem int
}

func (t *truth) result(r *result) {
	i := slices.IndexFunc(t.draws, func(d drawTruth) bool { return d.draw == r.draw && d.class == r.class })
	if i < 0 {
		t.draws, i = append(t.draws, drawTruth{draw: r.draw, class: r.class}), len(t.draws)
	}
	t.draws[i].inspected++
	t.draws[i].problem += btoi(r.problem)
}

func (t *truth) writeDraws() error {
	f, err := os.Create(filepath.Join(t.dir, "draws.csv"))
	if err != nil {
		return err
	}
	slices.SortFunc(t.draws, func(a, b drawTruth) int {
		if a.draw != b.draw {
			return map[bool]int{true: -1, false: 1}[a.draw < b.draw]
		}
		return a.class - b.class
	})
	rows := [][]string{{"draw_id", "supervision_class", "true_rate_percent", "inspected", "problems"}}
	for _, d := range t.draws {
		rows = append(rows, []string{d.draw, fmt.Sprint(d.class), fmt.Sprintf("%.0f", 100*pastClasses[d.class].found),
			fmt.Sprint(d.inspected), fmt.Sprint(d.problem)})
	}
	return errors.Join(csv.NewWriter(f).WriteAll(rows), f.Close())
}
