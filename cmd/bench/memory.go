package main

import (
	"context"
	"errors"
)

// growth lands the same rows once and five times as many: P4.
var growth = contest{
	name: "growth", title: "penalties in GB18030, as many rows and five times as many",
	prepare: func(_ context.Context, j job) error {
		c, err := theContract(wide, "gb18030")
		if err != nil {
			return err
		}
		return errors.Join(writePenalties(j.path("once.csv"), c, j.rows, 1, true), writePenalties(j.path("five.csv"), c, 5*j.rows, 1, true))
	},
	contenders: []contender{
		trial{wide, "once.csv", "gb18030", 2, true}.as("once", "rongxin land, GB18030"),
		trial{wide, "five.csv", "gb18030", 2, true}.as("five", "rongxin land, five times the rows").of(5),
	},
	goals: []goal{
		{id: "P4", title: "peak memory", gate: 512, aim: 200, unit: " MiB", atMost: true, figures: peak("once", "five")},
		{id: "P4", title: "peak memory at five times the rows", gate: 1.1, aim: 1.0, unit: "x", atMost: true, figures: func(r results) []figure {
			return []figure{{"", 1 / r.ratio("once", "five", func(s sample) float64 { return s.peak })}}
		}},
	},
}

// large lands a file of 5 GB with the rows that `make bench-large` asks for.
var large = contest{
	name: "large", title: "penalties in UTF-8, persons masked, extract sealed",
	prepare: func(_ context.Context, j job) error {
		c, err := theContract(wide, "utf-8")
		if err != nil {
			return err
		}
		return writePenalties(j.path("large.csv"), c, j.rows, 1, false)
	},
	contenders: []contender{trial{wide, "large.csv", "utf-8", 2, true}.as("large", "rongxin land")},
	goals: []goal{
		{id: "P4", title: "peak memory", gate: 512, aim: 200, unit: " MiB", atMost: true, figures: peak("large")},
	},
}

// allBad lands a file of which no row is good: P5.
var allBad = contest{
	name: "all-bad", title: "penalties in UTF-8 of which every row is bad, against 1 % bad rows",
	prepare: func(_ context.Context, j job) error {
		c, err := theContract(wide, "utf-8")
		if err != nil {
			return err
		}
		return errors.Join(writePenalties(j.path("utf8.csv"), c, j.rows, 1, false), writePenalties(j.path("bad.csv"), c, j.rows, 100, false))
	},
	contenders: []contender{
		trial{wide, "utf8.csv", "utf-8", 2, true}.as("normal", "rongxin land, 1 % bad"),
		trial{wide, "bad.csv", "utf-8", 2, true}.as("bad", "rongxin land, all bad"),
	},
	goals: []goal{
		{id: "P5", title: "speed when every row is bad, against its own", gate: 0.4, aim: 0.6, figures: faster("normal", "bad")},
		{id: "P5", title: "peak memory when every row is bad", gate: 1024, aim: 512, unit: " MiB", atMost: true, figures: peak("bad")},
	},
}

// equalBytes lands one file with several workers: P6.
var equalBytes = contest{
	name: "equal-bytes", title: "penalties in GB18030 by one, two and four workers",
	prepare: preparePenalties,
	contenders: []contender{
		trial{wide, "gb18030.csv", "gb18030", 1, true}.as("one", "rongxin land, 1 worker"),
		trial{wide, "gb18030.csv", "gb18030", 2, true}.as("two", "rongxin land, 2 workers"),
		trial{wide, "gb18030.csv", "gb18030", 4, true}.as("four", "rongxin land, 4 workers"),
	},
	goals: []goal{{
		id: "P6", title: "different outputs of all these runs", gate: 1, aim: 1, atMost: true, figures: func(r results) []figure {
			digests := map[string]bool{}
			for _, samples := range r {
				for _, s := range samples {
					digests[s.said] = true
				}
			}
			return []figure{{"", float64(len(digests))}}
		},
	}},
}
