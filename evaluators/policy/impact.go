package policy

import (
	"context"
	"slices"
	"strings"

	"rongxin/evaluators"
	"rongxin/evaluators/compare"
)

// An Impact is what a change of rules does.
type Impact struct {
	Subjects        int64                `json:"subjects"`
	Moved           int64                `json:"moved"`
	Matrix          []compare.Cell       `json:"matrix"`
	MainCauses      []compare.CauseCount `json:"main_causes"`
	Divisions       []compare.Group      `json:"divisions"`
	Industries      []compare.Group      `json:"industries"` // sections of GB/T 4754
	Sizes           []compare.Group      `json:"sizes"`
	Scorecards      []compare.Stability  `json:"scorecards"`
	Characteristics []compare.Stability  `json:"characteristics"`
	Inspections     Inspections          `json:"inspections"`
	Changes         []evaluators.Change  `json:"changes"`  // of the text of rules in force on the day
	Findings        []Finding            `json:"findings"` // limits that are passed
}

// Stopped are the limits that stop the change.
func (i Impact) Stopped() []Finding {
	return slices.DeleteFunc(slices.Clone(i.Findings), func(f Finding) bool { return f.Level != Stop })
}

// Measure reads the impact off a comparison, under the limits in force.
func Measure(ctx context.Context, c *compare.Comparison, limits *evaluators.PolicyLimits) (Impact, error) {
	var i Impact
	var err error
	if err := c.SetSizes(ctx, sizes(limits.Sizes), limits.Sizes.Unknown); err != nil {
		return i, err
	}
	groups := map[string][]compare.Group{}
	for _, by := range []string{"all", "division", "industry", "size"} {
		if groups[by], err = c.Groups(ctx, by); err != nil {
			return i, err
		}
	}
	i.Divisions, i.Industries, i.Sizes = groups["division"], groups["industry"], groups["size"]
	for _, all := range groups["all"] {
		i.Subjects, i.Moved = all.Subjects, all.Moved
	}
	if i.Matrix, err = c.Matrix(ctx); err != nil {
		return i, err
	}
	if i.MainCauses, err = c.MainCauses(ctx); err != nil {
		return i, err
	}
	if i.Scorecards, err = c.Scorecards(ctx); err != nil {
		return i, err
	}
	if i.Characteristics, err = c.Characteristics(ctx); err != nil {
		return i, err
	}
	candidates, err := c.Candidates(ctx)
	if err != nil {
		return i, err
	}
	if i.Inspections, err = inspections(candidates); err != nil {
		return i, err
	}
	i.Findings = findings(i, groups, limits)
	return i, nil
}

// yuanPerUnit and fenPerYuan turn 万元 into fen.
const fenPerUnit = 10000 * 100

func sizes(rule evaluators.Sizes) []compare.Size {
	list := make([]compare.Size, len(rule.Bands))
	for i, b := range rule.Bands {
		list[i] = compare.Size{Title: b.Size, EntityTypes: b.EntityTypes, Below: b.CapitalBelow * fenPerUnit}
	}
	return list
}

// Rules names the rules whose text changes, once each.
func (i Impact) Rules() string {
	var names []string
	for _, c := range i.Changes {
		if !slices.Contains(names, c.Rule) {
			names = append(names, c.Rule)
		}
	}
	return strings.Join(names, "、")
}
