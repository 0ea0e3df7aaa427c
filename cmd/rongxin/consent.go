package main

import (
	"context"
	"errors"
	"fmt"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/run"
)

// lawfulRules are the rules in force on a day: the built-in ones, or those of the
// configured folder where an approved proposal of exactly their content is the one
// that holds on the day.
func (a *app) lawfulRules(ctx context.Context, day credit.Date) (*evaluators.RuleSet, error) {
	rules, err := a.ruleSet(a.cfg.Rules, day)
	if err != nil || a.cfg.Rules == "" {
		return rules, err
	}
	builtin, err := evaluators.Builtin()
	if err != nil {
		return nil, err
	}
	if rules.Library == builtin.Digest() {
		return rules, nil
	}
	s, err := a.ops(ctx)
	if err != nil {
		return nil, err
	}
	held, err := s.InForce(ctx, day.String())
	all, listErr := s.Proposals(ctx)
	if err := errors.Join(err, listErr, s.Close()); err != nil {
		return nil, err
	}
	if held != nil && held.Content == rules.Library {
		return rules, nil
	}
	return nil, fmt.Errorf("%w: rules %s, content %.12s: %s", errConfig, a.cfg.Rules, rules.Library, a.whyNot(rules.Library, day, held, all))
}

// whyNot says what keeps rules of some content from holding on a day, and the mend.
func (a *app) whyNot(content string, day credit.Date, held *ops.Proposal, all []ops.Proposal) string {
	for _, p := range all {
		switch {
		case p.Content != content:
		case p.State == ops.StateOpen:
			return fmt.Sprintf("proposal %s of it is open: two others approve it with: rongxin plan approve %s", p.ID, p.ID)
		case p.State == ops.StateApproved && p.EffectiveOn > day.String():
			return fmt.Sprintf("proposal %s of it holds from %s, not on %s", p.ID, p.EffectiveOn, day)
		case p.State == ops.StateApproved:
			return fmt.Sprintf("on %s the rules of proposal %s hold, content %.12s, which came after %s: configure those", day, held.ID, held.Content, p.ID)
		}
	}
	mend := fmt.Sprintf("take them out of the configuration, see what they do and propose them with: rongxin plan --rules %s --propose --effective DATE --reason TEXT", a.cfg.Rules)
	if held != nil {
		return fmt.Sprintf("on %s the rules of proposal %s hold, content %.12s; %s", day, held.ID, held.Content, mend)
	}
	return "nobody has approved them; " + mend
}

// lawfulPlan is the plan of a run by the rules that hold on the day.
func (a *app) lawfulPlan(ctx context.Context, day credit.Date) (run.Plan, error) {
	rules, err := a.lawfulRules(ctx, day)
	if err != nil {
		return run.Plan{}, err
	}
	return a.planByRules(rules, day)
}
