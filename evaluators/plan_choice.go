package evaluators

import (
	"errors"
	"fmt"
	"slices"
)

// plansFit wants one plan for each list.
func (s *RuleSet) plansFit() error {
	var faults []error
	defaults, owner := 0, map[string]string{}
	for _, p := range s.Plans {
		if len(p.Schemes) == 0 {
			defaults++
		}
		for _, scheme := range p.Schemes {
			if other, ok := owner[scheme]; ok {
				faults = append(faults, fmt.Errorf("inspection_plan %s: scheme %s follows %s already on %s", p.Name, scheme, other, s.day))
			}
			owner[scheme] = p.Name
			if s.tiers != nil && scheme != s.tiers.List.Scheme && !slices.ContainsFunc(s.Schemes, func(c *Scheme) bool { return c.Name == scheme }) {
				faults = append(faults, fmt.Errorf("inspection_plan %s: scheme %s is not in force on %s", p.Name, scheme, s.day))
			}
		}
	}
	if defaults != 1 {
		faults = append(faults, fmt.Errorf("%d inspection plans without schemes are in force on %s, wants one, for every list without a plan of its own", defaults, s.day))
	}
	return errors.Join(faults...)
}

// planOf is the plan that a scheme's list follows.
func (s *RuleSet) planOf(scheme string) *InspectionPlan {
	var plan *InspectionPlan
	for _, p := range s.Plans {
		if slices.Contains(p.Schemes, scheme) {
			return p
		}
		if len(p.Schemes) == 0 {
			plan = p
		}
	}
	return plan
}
