package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/evaluators/compare"
	"rongxin/evaluators/policy"
	"rongxin/internal/credit"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/store"
)

// pageMoves is how many who move the page names; the table has all.
const pageMoves = 200

func (a *app) writePage(ctx context.Context, report *planReport, c *compare.Comparison, ask planAsk) error {
	moves, err := examples(ctx, c, pageMoves)
	if err != nil {
		return err
	}
	page := policy.Page{AsOf: report.AsOf, Now: report.Now, Proposed: report.Proposed, Content: report.Content, Limits: report.Limits,
		Impact: report.Impact, Moves: moves, Reason: ask.reason, Effective: ask.effective}
	return store.Write(ask.page, 0o644, func(w io.Writer) error { return policy.WritePage(w, page) })
}

// propose puts a planned change down for approval.
func (a *app) propose(ctx context.Context, report *planReport, ask planAsk) error {
	figures, err := json.Marshal(report.Impact)
	if err != nil {
		return err
	}
	effective, err := credit.ParseDate(ask.effective)
	if err != nil {
		return err
	}
	stopped := len(report.Stopped())
	e, err := a.entry("plan.propose", "", report.Content, map[string]any{"effective_on": effective, "moved": report.Moved, "stopped": stopped, "reason": ask.reason})
	if err != nil {
		return err
	}
	s, err := a.ops(ctx)
	if err != nil {
		return err
	}
	p, err := s.Propose(ctx, ops.Proposal{Content: report.Content, Base: report.Now, PlannedFor: report.AsOf, EffectiveOn: effective.String(),
		Figures: figures, Stopped: stopped, Overridden: ask.override && stopped > 0, Reason: ask.reason}, e)
	report.Proposal = &p
	return errors.Join(err, s.Close())
}

func (a *app) planListCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the proposed changes of rules, the newest first",
		Example: "  rongxin plan list",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.ops(cmd.Context())
			if err != nil {
				return err
			}
			list, err := s.Proposals(cmd.Context())
			if err := errors.Join(err, s.Close()); err != nil {
				return err
			}
			for i := range list {
				list[i].Figures = nil // plan show has them
			}
			return a.finish(map[string]any{"proposals": list}, func(w io.Writer) {
				for _, p := range list {
					printProposal(w, p)
				}
				fmt.Fprintf(w, "共 %d 件\n", len(list))
			})
		},
	}
}

func (a *app) planShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   "Show a proposed change of rules, what it would do, and who agreed",
		Example: "  rongxin plan show P0a1b2c3d4e",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.proposal(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return a.finish(p, func(w io.Writer) {
				printProposal(w, p)
				a.printFigures(w, p)
			})
		},
	}
}

func (a *app) proposal(ctx context.Context, id string) (ops.Proposal, error) {
	s, err := a.ops(ctx)
	if err != nil {
		return ops.Proposal{}, err
	}
	p, err := s.Proposal(ctx, id)
	if err != nil {
		err = fmt.Errorf("proposal %s: %w; rongxin plan list names them", id, err)
	}
	return p, errors.Join(err, s.Close())
}

func (a *app) planVoteCmd(approve bool) *cobra.Command {
	verb, short, long := "reject", "Reject a proposed change of rules, with the reason", `The actor rejects the proposal, or takes back their own. It is decided then; the same
rules may be proposed again.`
	example := "  rongxin plan reject P0a1b2c3d4e --reason 影响面过大"
	if approve {
		verb, short, long = "approve", "Approve a proposed change of rules; two others must", `The actor approves the proposal. Two different people must, neither of them the
proposer, and not after the day on which the rules are to hold. From that day on
rongxin run takes the rules of exactly that content from the configured folder.`
		example = "  rongxin plan approve P0a1b2c3d4e --actor 陈处长"
	}
	var reason string
	cmd := &cobra.Command{
		Use: verb + " ID", Short: short, Long: short + ".\n\n" + long, Example: example, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			e, err := a.entry("plan."+verb, "", args[0], map[string]string{"reason": reason})
			if err != nil {
				return err
			}
			s, err := a.ops(ctx)
			if err != nil {
				return err
			}
			p, err := s.Vote(ctx, args[0], approve, reason, credit.DateOf(a.now()).String(), e)
			if err := errors.Join(err, s.Close()); err != nil {
				return err
			}
			return a.finish(p, func(w io.Writer) { printProposal(w, p) })
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the journal")
	if !approve {
		must(cmd.MarkFlagRequired("reason"))
	}
	return cmd
}

// proposalStates name the states of a proposal to officials.
var proposalStates = map[string]string{ops.StateOpen: "待批准", ops.StateApproved: "已批准", ops.StateRejected: "已否决"}

func printProposal(w io.Writer, p ops.Proposal) {
	fmt.Fprintf(w, "%s %s  自 %s 起施行  提出人 %s（%s）\n", p.ID, proposalStates[p.State], p.EffectiveOn, p.Proposer, credit.DateOf(p.At))
	fmt.Fprintf(w, "    理由：%s\n", p.Reason)
	if p.Stopped > 0 {
		fmt.Fprintf(w, "    超过 %d 项限度，由提出人说明理由后提请批准\n", p.Stopped)
	}
	for _, v := range p.Votes {
		verdict := "否决"
		if v.Approve {
			verdict = "批准"
		}
		fmt.Fprintf(w, "    %s %s %s %s\n", v.Day, v.Voter, verdict, v.Reason)
	}
	if missing := ops.Approvals - len(p.Votes); p.State == ops.StateOpen {
		fmt.Fprintf(w, "    还需 %d 人批准（不得为提出人）\n", missing)
	}
}

// printFigures writes what the plan of a proposal found.
func (a *app) printFigures(w io.Writer, p ops.Proposal) {
	var i policy.Impact
	if err := json.Unmarshal(p.Figures, &i); err != nil {
		fmt.Fprintf(w, "    影响数据无法读取：%v\n", err)
		return
	}
	fmt.Fprintf(w, "\n规则集 %s，评价日 %s，拟议规则摘要 %s\n", p.Base, p.PlannedFor, p.Content)
	for _, c := range i.Changes {
		fmt.Fprintf(w, "  %s\n", changeText(c))
	}
	fmt.Fprintf(w, "共 %d 户，变动 %d 户（%s）\n", i.Subjects, i.Moved, policy.Percent(i.Moved, i.Subjects))
	printMatrix(w, i.Matrix)
	printImpact(w, i)
	for _, f := range i.Findings {
		fmt.Fprintf(w, "  %s\n", f)
	}
}
