package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A sample is one run of a contender: seconds that went by, seconds of
// processors, the largest resident size of a process in MiB, and what it said.
type sample struct {
	elapsed, cpu, peak float64
	said               string
}

// results are the samples by contender, in the order of the rounds.
type results map[string][]sample

// A goal is one figure of a contest, or several that must all pass. Without a
// gate it is only told.
type goal struct {
	id, title string
	unit      string
	gate, aim float64
	atMost    bool // the figures must not be above gate and aim; else not below
	figures   func(results) []figure
}

type figure struct {
	name  string
	value float64
}

// faster is the speed of a contender against a yardstick, above 1 when it is
// the faster: the medians of the ratios round by round.
func faster(yardstick, contender string) func(results) []figure {
	return func(r results) []figure {
		return []figure{
			{"elapsed", r.ratio(yardstick, contender, func(s sample) float64 { return s.elapsed })},
			{"CPU", r.ratio(yardstick, contender, func(s sample) float64 { return s.cpu })},
		}
	}
}

// peak is the most memory of any run of the contenders.
func peak(contenders ...string) func(results) []figure {
	return func(r results) []figure {
		most := 0.0
		for _, c := range contenders {
			for _, s := range r[c] {
				most = max(most, s.peak)
			}
		}
		return []figure{{"peak", most}}
	}
}

// said is the median of the number that a contender says.
func said(contender string) func(results) []figure {
	return func(r results) []figure {
		var list []float64
		for _, s := range r[contender] {
			n, err := strconv.ParseFloat(s.said, 64)
			if err != nil {
				panic(fmt.Sprintf("%s said %q, which is no number", contender, s.said))
			}
			list = append(list, n)
		}
		return []figure{{"", median(list)}}
	}
}

func (r results) ratio(yardstick, contender string, of func(sample) float64) float64 {
	var list []float64
	for i := range r[yardstick] {
		list = append(list, of(r[yardstick][i])/of(r[contender][i]))
	}
	return median(list)
}

func (c contest) print(w io.Writer, j job, rounds int, r results) {
	fmt.Fprintf(w, "\n%s — %s; %d rows, %d rounds, medians\n", c.name, c.title, j.rows, rounds)
	fmt.Fprintf(w, "  %-44s %9s %9s %9s %9s\n", "", "elapsed s", "CPU s", "rows/s", "peak MiB")
	for _, contender := range c.contenders {
		samples := r[contender.name]
		elapsed := median(each(samples, func(s sample) float64 { return s.elapsed }))
		fmt.Fprintf(w, "  %-44s %9.2f %9.2f %9.0f %9.0f\n", contender.title, elapsed,
			median(each(samples, func(s sample) float64 { return s.cpu })), float64(j.rows*max(contender.times, 1))/elapsed,
			slices.Max(each(samples, func(s sample) float64 { return s.peak })))
	}
	for _, g := range c.goals {
		fmt.Fprintln(w, "  "+g.line(r))
	}
}

func (g goal) line(r results) string {
	var shown []string
	gate, aim := true, true
	for _, f := range g.figures(r) {
		shown = append(shown, strings.TrimSpace(fmt.Sprintf("%s %.4g%s", f.name, f.value, g.unit)))
		gate, aim = gate && g.passes(f.value, g.gate), aim && g.passes(f.value, g.aim)
	}
	if g.gate == 0 {
		return fmt.Sprintf("%-3s %s: %s", g.id, g.title, strings.Join(shown, ", "))
	}
	sign := "≥"
	if g.atMost {
		sign = "≤"
	}
	return fmt.Sprintf("%-3s %s: %s (gate %s %.4g%s %s, aim %s %.4g%s %s)", g.id, g.title, strings.Join(shown, ", "),
		sign, g.gate, g.unit, reached(gate), sign, g.aim, g.unit, reached(aim))
}

func (g goal) passes(value, bound float64) bool {
	if g.atMost {
		return value <= bound
	}
	return value >= bound
}

func reached(yes bool) string {
	if yes {
		return "reached"
	}
	return "MISSED"
}

func each(samples []sample, of func(sample) float64) []float64 {
	list := make([]float64, len(samples))
	for i, s := range samples {
		list[i] = of(s)
	}
	return list
}

func median(list []float64) float64 {
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}
