package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/pipelines/corrections"
	"rongxin/pipelines/ingest"
	"rongxin/pipelines/workbook"
	"rongxin/warehouse/run"
)

func (a *app) correctionsCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "corrections", Short: "Decide what becomes of wrong credit codes"}
	cmd.AddCommand(a.correctionsListCmd(), a.correctionsProposeCmd(), a.correctionsDecideCmd(true), a.correctionsDecideCmd(false))
	return cmd
}

// openCase is a case that waits for its code, with what was proposed for it.
type openCase struct {
	CaseID      string                 `json:"case_id"`
	Department  string                 `json:"department"`
	Dataset     string                 `json:"dataset"`
	WrongCode   string                 `json:"wrong_code"`
	SubjectName string                 `json:"subject_name"`
	Rows        int64                  `json:"rows"`
	State       string                 `json:"state"`     // waiting or decided
	Suggested   string                 `json:"suggested"` // several where nothing tells them apart
	Evidence    string                 `json:"evidence"`
	Proposals   []corrections.Proposal `json:"proposals"`
}

func (a *app) correctionsListCmd() *cobra.Command {
	var department string
	var all bool
	var asOf func() (credit.Date, error)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the cases that wait for their code, with the best suggestion and what was proposed",
		Long: `A case is all rows of one dataset that carry one wrong code and one name, as the
published run tells them. Proposals and decisions are shown as they stand now,
also those that landed after that run. A case whose correction was approved is
decided and left out: what is to come is its replay, a run, or that the right code
is registered. With --all it is shown.`,
		Example: "  rongxin corrections list --department 市市场监督管理局\n  rongxin corrections list --all",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			day, err := asOf()
			if err != nil {
				return err
			}
			cases, err := a.cases(ctx, department, true)
			if err == nil && len(cases) == 0 && department != "" {
				err = a.checkDepartment(department)
			}
			if err != nil {
				return err
			}
			proposals, _, err := a.proposals(ctx, day)
			if err != nil {
				return err
			}
			if err := a.register(ctx, "corrections.list", "", "", map[string]string{"department": department}); err != nil {
				return err
			}
			list := []openCase{}
			for _, r := range cases {
				c := openCase{r.CaseID, r.Department, r.Dataset, r.WrongCode, r.SubjectName, r.Rows, r.State, r.Suggested, r.Evidence, []corrections.Proposal{}}
				for _, p := range proposals {
					if p.CaseID == c.CaseID {
						c.Proposals = append(c.Proposals, p)
						if p.State == corrections.Approved {
							c.State = workbook.Decided
						}
					}
				}
				if all || c.State == workbook.Waiting {
					list = append(list, c)
				}
			}
			return a.finish(map[string]any{"cases": list}, func(w io.Writer) { printCases(w, list) })
		},
	}
	cmd.Flags().StringVar(&department, "department", "", "only cases of this department")
	cmd.Flags().BoolVar(&all, "all", false, "decided cases too, whose rows are not attached yet")
	asOf = a.asOfFlag(cmd, "the day up to which proposals are shown")
	return cmd
}

func printCases(w io.Writer, list []openCase) {
	waiting := 0
	for _, c := range list {
		state := "已批准更正，待重新核对或正确代码登记"
		if c.State == workbook.Waiting {
			state = "待处理"
			waiting++
		}
		fmt.Fprintf(w, "%s  %s %s  %s  %s  %d 行  %s\n", c.CaseID, c.Department, c.Dataset, c.WrongCode, c.SubjectName, c.Rows, state)
		if c.Suggested != "" {
			fmt.Fprintf(w, "    建议 %s：%s\n", c.Suggested, c.Evidence)
		}
		for _, p := range c.Proposals {
			fmt.Fprintf(w, "    %s %s %s  %s  提出人 %s  %s %s\n", p.No, p.Operation, p.RightCode, p.Evidence, p.Proposer, stateChinese[p.State], p.Approver)
		}
	}
	fmt.Fprintf(w, "共 %d 件待处理\n", waiting)
}

// stateChinese names the states of a proposal to officials.
var stateChinese = map[string]string{corrections.Open: "待审批", corrections.Approved: "已批准", corrections.Refused: "已驳回"}

func (a *app) correctionsProposeCmd() *cobra.Command {
	var operation, code, evidence, received string
	cmd := &cobra.Command{
		Use:   "propose CASE --operation 0|1|2 --evidence TEXT",
		Short: "Propose what to do about a case, as a filled 纠错回传表 would",
		Long: `Lands one row of 纠错回传表 as credit/code_feedback, filled in by the actor. It
changes nothing until somebody else approves it.`,
		Example: "  rongxin corrections propose 0a1b2c3d4e5f --operation 0 --code 91350100MA8T00016W --evidence 营业执照复印件",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			at, err := a.receivedAt(received)
			if err != nil {
				return err
			}
			cases, err := a.cases(ctx, "", true)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(cases, func(r workbook.Return) bool { return r.CaseID == args[0] })
			if i < 0 {
				return fmt.Errorf("%w: no case %s waits or is decided; rongxin corrections list --all shows them", errUsage, args[0])
			}
			row := cases[i]
			row.Operation, row.RightCode, row.Proof, row.Proposer = operation, credit.NormalizeCode(code), evidence, a.cfg.Actor
			if err := a.checkProposal(ctx, row, credit.DateOf(at)); err != nil {
				return err
			}
			detail := map[string]string{"case": row.CaseID, "dataset": row.Dataset, "operation": operation, "right_code": row.RightCode}
			if err := a.register(ctx, "corrections.propose", "", row.CaseID, detail); err != nil {
				return err
			}
			dir, err := os.MkdirTemp("", "rongxin-proposal-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(dir)
			file, err := workbook.WriteReturns(dir, credit.DateOf(at), []workbook.Return{row})
			if err != nil {
				return err
			}
			return a.landDecisions(cmd, ingest.Request{Dataset: feedbackDataset, File: file, ReceivedAt: at})
		},
	}
	f := cmd.Flags()
	f.StringVar(&operation, "operation", "", "操作标识: 0 another code is right, 1 delete, 2 keep the code")
	f.StringVar(&code, "code", "", "the right code, with operation 0")
	f.StringVar(&evidence, "evidence", "", "what bears it out")
	f.StringVar(&received, "received", "", "the day of the proposal (default: now)")
	must(cmd.MarkFlagRequired("operation"))
	must(cmd.MarkFlagRequired("evidence"))
	return cmd
}

// checkProposal refuses early what could never be approved.
func (a *app) checkProposal(ctx context.Context, row workbook.Return, day credit.Date) error {
	operations := map[string]string{"0": corrections.Assign, "1": corrections.Delete, "2": corrections.Keep}
	operation, known := operations[row.Operation]
	if !known {
		return fmt.Errorf("%w: --operation: %q is none of 0, 1 and 2", errUsage, row.Operation)
	}
	_, inForce, err := a.proposals(ctx, day)
	if err != nil {
		return err
	}
	err = corrections.Check(corrections.Proposal{Dataset: row.Dataset, WrongCode: row.WrongCode, SubjectName: row.SubjectName,
		Operation: operation, RightCode: row.RightCode}, inForce)
	if err != nil {
		return fmt.Errorf("%w: %w", errDecision, err)
	}
	return nil
}

func (a *app) correctionsDecideCmd(approve bool) *cobra.Command {
	verb, short, then := "refuse", "Refuse proposals, with the reason", `landed as credit/code_corrections; the case goes on waiting, and may be proposed
for again.`
	if approve {
		verb, short, then = "approve", "Approve proposals: from then on the codes are corrected", `landed as credit/code_corrections; rongxin replay then lets in the refused rows,
and the next run puts every record under its right code.`
	}
	var reason, received string
	cmd := &cobra.Command{
		Use:   verb + " ID… --reason TEXT",
		Short: short,
		Long: short + `. The actor decides, and cannot
decide on a proposal of its own. The decision is registered in the journal and
` + then,
		Example: "  rongxin corrections " + verb + " JC0a1b2c3d4e --reason 与营业执照核对",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			at, err := a.receivedAt(received)
			if err != nil {
				return err
			}
			d := corrections.Decision{Approver: a.cfg.Actor, Approved: approve, Reason: reason, On: credit.DateOf(at)}
			proposals, inForce, err := a.proposals(ctx, d.On)
			if err != nil {
				return err
			}
			chosen, err := corrections.Choose(proposals, args, d, inForce)
			if err != nil {
				return fmt.Errorf("%w: %w", errDecision, err)
			}
			if d.Seq, err = a.journal(ctx, "corrections."+verb, "", strings.Join(args, " "), map[string]string{"reason": reason}); err != nil {
				return err
			}
			dir, err := os.MkdirTemp("", "rongxin-decision-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(dir)
			file := filepath.Join(dir, fmt.Sprintf("代码更正-%s-%d.csv", d.On, d.Seq))
			out, err := os.Create(file)
			if err != nil {
				return err
			}
			if err := errors.Join(corrections.Write(out, chosen, d), out.Close()); err != nil {
				return err
			}
			return a.landDecisions(cmd, ingest.Request{Dataset: correctionsDataset, File: file, ReceivedAt: at})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the registry and the journal")
	cmd.Flags().StringVar(&received, "received", "", "the day of the decision (default: now)")
	must(cmd.MarkFlagRequired("reason"))
	return cmd
}

// errDecision is a decision that may not be taken.
var errDecision = errors.New("the decision is not possible")

// landDecisions lands an extract of the desk's own, of which no row may fail.
func (a *app) landDecisions(cmd *cobra.Command, request ingest.Request) error {
	lander, _, err := a.lander()
	if err != nil {
		return err
	}
	result, err := lander.Land(cmd.Context(), request)
	if err == nil && result.Batch.Rows.Rejected > 0 {
		first := ""
		if len(result.FirstRejects) > 0 {
			first = ": " + result.FirstRejects[0].Detail
		}
		err = fmt.Errorf("%w%s", errDecision, first)
	}
	return a.finishLanding(cmd, []landed{describeLanded(filepath.Base(request.File), result, err)}, err)
}

// cases are those of the published run, with decided the decided ones too.
func (a *app) cases(ctx context.Context, department string, decided bool) ([]workbook.Return, error) {
	r, err := run.Open(a.cfg.Home, "")
	if err != nil {
		return nil, err
	}
	db, err := a.attach(ctx, r, "marts.unattached", "marts.code_suggestions")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return workbook.Cases(ctx, db, department, decided)
}

// proposals are all of them, and the corrections in force, on a day.
func (a *app) proposals(ctx context.Context, day credit.Date) ([]corrections.Proposal, []corrections.InForce, error) {
	db, err := a.registry(ctx, day, corrections.ProposalsTable, corrections.InForceTable)
	if err != nil {
		return nil, nil, err
	}
	defer db.Close()
	list, err := corrections.Proposals(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	inForce, err := readCorrections(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	var known []corrections.InForce
	for _, c := range inForce {
		known = append(known, corrections.InForce{No: c.CorrectionNo, Dataset: c.appliesTo, WrongCode: c.WrongCode,
			NameKey: c.NameKey, Operation: c.Operation, RightCode: c.RightCode})
	}
	return list, known, nil
}
