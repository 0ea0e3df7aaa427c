package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/evaluators"
	"rongxin/evaluators/compare"
	"rongxin/evaluators/policy"
	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// errLimits is a change of rules that goes further than the limits in force allow.
var errLimits = errors.New("limits of policy_limits are passed")

// planReport is what a change of rules would do.
type planReport struct {
	AsOf          string         `json:"as_of"`
	Now           string         `json:"rule_set_now"`
	Proposed      string         `json:"rule_set_proposed"`
	Content       string         `json:"content"` // digest of every rule file of the proposal
	Limits        string         `json:"limits"`  // the version of policy_limits it is held against
	AdoptedTables int            `json:"adopted_tables"`
	policy.Impact                // how many move, and the rest
	Examples      []compare.Move `json:"examples"`
	Files         []string       `json:"files"`
	Proposal      *ops.Proposal  `json:"proposal,omitempty"`
}

// planAsk is what a caller of plan asks for.
type planAsk struct {
	dir       string
	examples  int
	out, page string

	propose           bool
	reason, effective string
	override          bool
}

func (a *app) planCmd() *cobra.Command {
	var ask planAsk
	cmd := &cobra.Command{
		Use:   "plan --rules DIR [--as-of DATE]",
		Short: "Show what a change of rules would do to every enterprise, before it is made",
		Long: `Evaluates the whole population on the day by the rules in force and by those of
DIR (a copy of evaluators/rules with your change): which values of which rule
change, who moves from class to class and why, by division, industry and size, how
stable the points stay, and what it costs in inspections. The facts of a run that
stands are used again; nothing is published or kept.

Where more is moved than policy_limits allows, each limit is named and the exit code
is 65. With --out everybody who moves is written as a workbook (.xlsx) or a table
(.csv), with --html the whole as a page to print.

With --propose the change is put down for approval: two others, neither of them the
proposer, approve it with rongxin plan approve. Then it must be made as a new version
in a file of its own; a file that has been in force stays as it is, but for its end. A change that passes a limit needs
--override-limits, and its --reason answers for that.`,
		Example: `  rongxin plan --rules proposed-rules --as-of 2026-06-30 --out 影响.xlsx --html 影响.html
  rongxin plan --rules proposed-rules --propose --effective 2026-07-01 --reason 城市评分方案修订`,
		Args: cobra.NoArgs,
	}
	asOf := a.asOfFlag(cmd, "the day to evaluate")
	f := cmd.Flags()
	f.StringVar(&ask.dir, "rules", "", "folder with the proposed rules")
	f.IntVar(&ask.examples, "examples", 20, "how many moved subjects to name on screen")
	f.StringVar(&ask.out, "out", "", "write everybody who moves to this .xlsx or .csv file")
	f.StringVar(&ask.page, "html", "", "write the report to this file, for the meeting that decides")
	f.BoolVar(&ask.propose, "propose", false, "put the change down for approval by two others")
	f.StringVar(&ask.reason, "reason", "", "why, for the proposal and the journal")
	f.StringVar(&ask.effective, "effective", "", "the first day the proposed rules hold")
	f.BoolVar(&ask.override, "override-limits", false, "propose although limits are passed; --reason answers for it")
	must(cmd.MarkFlagRequired("rules"))
	a.purposeFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		day, err := asOf()
		if err == nil {
			err = errors.Join(checkMovesFile(ask.out), a.checkAsk(cmd.Context(), day, ask))
		}
		if err != nil {
			return err
		}
		report, err := a.planRules(cmd.Context(), day, ask)
		if err != nil {
			return err
		}
		stopped := limitsPassed(report.Stopped())
		if ask.propose && (stopped == nil || ask.override) {
			stopped = nil
			if err := a.propose(cmd.Context(), &report, ask); err != nil {
				return err
			}
		}
		if ask.propose && stopped != nil {
			stopped = fmt.Errorf("%w\nnot proposed: with --override-limits it is, and --reason answers for it", stopped)
		}
		return errors.Join(a.finish(report, report.print), stopped)
	}
	cmd.AddCommand(a.planListCmd(), a.planShowCmd(), a.planVoteCmd(true), a.planVoteCmd(false), a.planHistoryCmd())
	return cmd
}

// checkAsk refuses what cannot be proposed before the long work.
func (a *app) checkAsk(ctx context.Context, planned credit.Date, ask planAsk) error {
	if !ask.propose {
		if ask.reason != "" || ask.effective != "" || ask.override {
			return fmt.Errorf("%w: --reason, --effective and --override-limits go with --propose", errUsage)
		}
		return nil
	}
	if ask.reason == "" || ask.effective == "" {
		return fmt.Errorf("%w: --propose wants --reason and --effective, the first day the rules hold", errUsage)
	}
	day, err := credit.ParseDate(ask.effective)
	if err != nil {
		return fmt.Errorf("%w: --effective: %w", errUsage, err)
	}
	if today := credit.DateOf(a.now()); day < today {
		return fmt.Errorf("%w: --effective: %s is past; two others cannot approve it any more", errUsage, day)
	}
	if _, err := a.lawfulRules(ctx, planned); err != nil { // what it is held against
		return err
	}
	now, err := a.library(a.cfg.Rules)
	if err != nil {
		return err
	}
	then, err := a.library(ask.dir)
	if err != nil {
		return err
	}
	if err := now.Keeps(then, day); err != nil {
		return fmt.Errorf("%w: rules %s: %w", errConfig, ask.dir, err)
	}
	return nil
}

// planRules holds the rules of a folder against those in force.
func (a *app) planRules(ctx context.Context, day credit.Date, ask planAsk) (planReport, error) {
	report := planReport{AsOf: day.String(), Examples: []compare.Move{}, Files: []string{}}
	now, err := a.ruleSet(a.cfg.Rules, day)
	if err != nil {
		return report, err
	}
	then, err := a.ruleSet(ask.dir, day)
	if err != nil {
		return report, err
	}
	limits := now.Limits()
	if limits == nil {
		return report, fmt.Errorf("%w: no version of rule policy_limits is in force on %s: a change cannot be held against it", errConfig, day)
	}
	report.Now, report.Proposed, report.Content = now.ID, then.ID, then.Library
	report.Limits = fmt.Sprintf("%s 第%d版", limits.Title, limits.Version)
	plans := filepath.Join(a.cfg.Home, "plans")
	if err := store.Sweep(plans); err != nil {
		return report, err
	}
	scratch, err := store.Stage(filepath.Join(plans, then.ID))
	if err != nil {
		return report, err
	}
	defer scratch.Discard()
	pair, err := a.judgeBoth(ctx, day, now, then, scratch.Path(""))
	if err != nil {
		return report, err
	}
	report.AdoptedTables = pair.adopted
	if err := a.register(ctx, "plan", pair.champion.ID, "", map[string]string{"content": then.Library, "rule_set": then.ID}); err != nil {
		return report, err
	}
	db, err := engine.Open(ctx, a.cfg.engine())
	if err != nil {
		return report, err
	}
	defer db.Close()
	c, err := compare.New(ctx, db, pair.champion, pair.challenger)
	if err != nil {
		return report, err
	}
	if report.Impact, err = policy.Measure(ctx, c, limits); err != nil {
		return report, err
	}
	if report.Changes, err = evaluators.Changes(now.Sources(), then.Sources()); err != nil {
		return report, err
	}
	if report.Examples, err = examples(ctx, c, ask.examples); err != nil {
		return report, err
	}
	return report, a.writePlan(ctx, &report, c, ask)
}

// limitsPassed names each limit that stops a change, nil without any.
func limitsPassed(stopped []policy.Finding) error {
	if len(stopped) == 0 {
		return nil
	}
	lines := make([]string, len(stopped))
	for i, f := range stopped {
		lines[i] = "\n  " + f.String()
	}
	return fmt.Errorf("%w:%s", errLimits, strings.Join(lines, ""))
}

// writePlan writes the files for people.
func (a *app) writePlan(ctx context.Context, report *planReport, c *compare.Comparison, ask planAsk) error {
	if ask.out != "" {
		if err := writeMoves(ctx, ask.out, "规则变更影响 "+report.Now+" → "+report.Proposed, c, impactSheets(report.Impact)...); err != nil {
			return err
		}
		report.Files = append(report.Files, ask.out)
	}
	if ask.page != "" {
		if err := a.writePage(ctx, report, c, ask); err != nil {
			return err
		}
		report.Files = append(report.Files, ask.page)
	}
	return nil
}

// judged is one day's facts by two sets of rules.
type judged struct {
	champion, challenger *run.Run
	adopted              int // tables that the challenger took over
}

// judgeBoth evaluates one day's facts by the rules in force and by others. The run
// by those in force is the one that stands, or is made in dir; the other is made
// in dir and takes over every table that cannot come out otherwise.
func (a *app) judgeBoth(ctx context.Context, day credit.Date, now, then *evaluators.RuleSet, dir string) (judged, error) {
	base, err := a.planByRules(now, day)
	if err != nil {
		return judged{}, err
	}
	other, err := a.checkedPlan(then, day, base.Batches, base.Previous)
	if err != nil {
		return judged{}, err
	}
	cfg := a.build()
	cfg.Runs, cfg.Export = dir, nil
	champion, err := run.Open(a.cfg.Home, base.ID())
	if errors.Is(err, run.ErrNoRun) {
		champion, err = run.Build(ctx, cfg, base, model.List)
	}
	if err != nil {
		return judged{}, err
	}
	if other.ID() == base.ID() {
		return judged{champion, champion, len(champion.Manifest.Tables)}, nil
	}
	adopted, err := run.Adopt(cfg, base, champion, other)
	if err != nil {
		return judged{}, err
	}
	challenger, err := run.Build(ctx, cfg, other, model.List)
	return judged{champion, challenger, adopted}, err
}

func (r planReport) print(w io.Writer) {
	fmt.Fprintf(w, "规则变更影响  截至 %s  规则集 %s → %s\n", r.AsOf, r.Now, r.Proposed)
	for _, c := range r.Changes {
		fmt.Fprintf(w, "  %s\n", changeText(c))
	}
	if !evaluators.Begun(r.Changes) {
		fmt.Fprintln(w, notBegun)
	}
	fmt.Fprintf(w, "\n共 %d 户，变动 %d 户（%s）\n", r.Subjects, r.Moved, policy.Percent(r.Moved, r.Subjects))
	printMatrix(w, r.Matrix)
	for _, c := range r.MainCauses {
		fmt.Fprintf(w, "主要原因 %s（%s） %d 户\n", compare.Kind(c.Kind), compare.Change(c.Change), c.Count)
	}
	printImpact(w, r.Impact)
	printMoves(w, r.Examples, r.Moved)
	fmt.Fprintf(w, "\n限度：%s\n", r.Limits)
	for _, f := range r.Findings {
		fmt.Fprintf(w, "  %s\n", f)
	}
	if len(r.Findings) == 0 {
		fmt.Fprintln(w, "  均在限度之内")
	}
	for _, file := range r.Files {
		fmt.Fprintf(w, "已写入 %s\n", filepath.ToSlash(file))
	}
	if r.Proposal != nil {
		fmt.Fprintf(w, "已提出 %s，自 %s 起施行，待两人批准：rongxin plan approve %s\n", r.Proposal.ID, r.Proposal.EffectiveOn, r.Proposal.ID)
	}
}

func changeText(c evaluators.Change) string {
	if c.Key == "" {
		if c.Old == "" {
			return fmt.Sprintf("%s（%s）：新增，%s", c.Title, c.File, c.New)
		}
		return fmt.Sprintf("%s（%s）：不再有，原%s", c.Title, c.File, c.Old)
	}
	return fmt.Sprintf("%s（%s） %s：%s → %s", c.Title, c.File, either(c.Label, c.Key), c.With(c.Old), c.With(c.New))
}
