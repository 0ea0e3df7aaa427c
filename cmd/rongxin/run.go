package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/pipelines/workbook"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

var stageHelp = map[model.Stage]string{
	model.Transform: "Arrange landed records as facts for a day (first part of run)",
	model.Evaluate:  "Judge the facts by the rules in force (second part of run)",
	model.List:      "Draw up the supervision lists and finish the run, without publishing it (third part of run)",
}

// stageCmd is one of the three parts of run, so that a scheduler can run each
// as a task of its own. Each does what the parts before it left undone.
func (a *app) stageCmd(stage model.Stage) *cobra.Command {
	cmd := &cobra.Command{
		Use:   stage.String() + " [--as-of DATE]",
		Short: stageHelp[stage],
		Long: stageHelp[stage] + `.

The tables are kept, so that the next part goes on from there; parts before this
one are done first where they are not yet. Checks run with each table.`,
		Example: "  rongxin " + stage.String() + " --as-of 2026-06-30",
		Args:    cobra.NoArgs,
	}
	asOf := a.asOfFlag(cmd, "the day the run speaks for")
	full := fullFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		day, err := asOf()
		if err != nil {
			return err
		}
		plan, err := a.lawfulPlan(cmd.Context(), day)
		if err != nil {
			return err
		}
		cfg := a.build()
		cfg.Full, cfg.Watch = *full, a.watchTables(plan)
		if _, err := run.Build(cmd.Context(), cfg, plan, stage); err != nil {
			return err
		}
		result := map[string]string{"run_id": plan.ID(), "as_of": day.String(), "stage": stage.String()}
		return a.finish(result, func(w io.Writer) { fmt.Fprintf(w, "run %s: %s done\n", plan.ID(), stage) })
	}
	return cmd
}

func fullFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("full", false, "evaluate every subject, also those for whom nothing changed since the run before")
}

func (a *app) build() run.Config {
	progress := a.progress("tables built")
	return run.Config{Home: a.cfg.Home, Engine: a.cfg.engine(), Log: a.log, Export: workbook.ExportLists, Bucket: a.cfg.Bucket,
		Progress: func(done, total int, table string) {
			a.log.Info("table", "no", done, "of", total, "model", table)
			progress(int64(done), int64(total))
		}}
}

// runReport is what the verb tells of a finished run.
type runReport struct {
	RunID    string           `json:"run_id"`
	AsOf     string           `json:"as_of"`
	RuleSet  string           `json:"rule_set"`
	Previous string           `json:"previous"`
	Tables   int              `json:"tables"`
	Checks   int              `json:"checks"`
	Warnings []run.CheckEntry `json:"warnings"`
	Judged   making           `json:"judged"`
	Subjects int64            `json:"subjects"`
	Classes  []classCount     `json:"classes"`
	Stale    []staleInput     `json:"stale_inputs"`
	Files    int              `json:"files"`
	Dir      string           `json:"dir"`

	Challenger *trialReport `json:"challenger,omitempty"`
}

// making tells how the tables of local models were made.
type making struct {
	Touched int64             `json:"touched"` // the most subjects of a table that were evaluated apart from the others
	Apart   int               `json:"tables_of_touched"`
	Full    int               `json:"tables_in_full"`
	Why     map[string]string `json:"why_in_full"` // by table
}

func makingOf(m run.Manifest) making {
	j := making{Why: map[string]string{}}
	for _, t := range m.Tables {
		switch {
		case t.Made.Touched != nil:
			j.Apart++
			j.Touched = max(j.Touched, *t.Made.Touched)
		case t.Made.Why != "":
			j.Full++
			j.Why[t.Name] = t.Made.Why
		}
	}
	return j
}

type classCount struct {
	Class *int64 `json:"supervision_class"` // null: out of the list
	Title string `json:"title"`
	Count int64  `json:"subjects"`
}

func (a *app) runCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run [--as-of DATE] [--challenger DIR]",
		Short: "Transform, evaluate, list, check and publish in one step",
		Long: `Builds the run that speaks for a day from what was known on it, checks every
table, writes the lists, and only then lets CURRENT point to it. A failed check
or an interruption leaves the published run as it was; a second call goes on
where the first stopped. The same inputs give the same run. A department that is
late stops nothing: the report names each input whose newest due report is missing.

Of the run published before, what holds for subjects that nothing changed for is
taken over; the manifest says of each table how it was made, and the contents are
those of a full evaluation. --full evaluates everybody.

A configured folder of rules goes with two approvals alone: of exactly its content,
and in force on the day (rongxin plan --propose). With --challenger the rules of DIR
judge the same facts beside those in force, in a place that no verb publishes,
lists, draws or delivers from; rongxin plan history tells how the two differ.`,
		Example: "  rongxin run --as-of 2026-06-30\n  rongxin run --as-of 2026-06-30 --challenger proposed-rules",
		Args:    cobra.NoArgs,
	}
	asOf := a.asOfFlag(cmd, "the day the run speaks for")
	full := fullFlag(cmd)
	var challenger string
	cmd.Flags().StringVar(&challenger, "challenger", "", "folder of rules to try beside those in force")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		day, err := asOf()
		if err != nil {
			return err
		}
		if challenger != "" {
			if _, err := a.ruleSet(challenger, day); err != nil {
				return err // before the long work
			}
		}
		r, err := a.runDay(cmd.Context(), day, *full)
		if err != nil {
			return err
		}
		report, err := a.describeRun(cmd.Context(), r)
		if err != nil {
			return err
		}
		if err := a.tellPublished(cmd.Context(), r, report); err != nil {
			a.log.Warn("metrics of the run not told", "run", r.ID, "err", err)
		}
		if challenger != "" { // whose fault takes nothing from the run, which is published
			if report.Challenger, err = a.challenge(cmd.Context(), day, challenger); err != nil {
				err = fmt.Errorf("run %s is published; challenger %s: %w", r.ID, challenger, err)
			}
		}
		return errors.Join(a.finish(report, report.print), err)
	}
	return cmd
}

const actionPublish = "run.publish"

// publication is what the journal is told of a run that readers are to see. The
// manifest's digest vouches for every byte of it.
type publication struct {
	AsOf     credit.Date `json:"as_of"`
	RuleSet  string      `json:"rule_set"`
	Manifest string      `json:"manifest"`
}

// runDay builds and publishes the run of a day.
func (a *app) runDay(ctx context.Context, day credit.Date, full bool) (*run.Run, error) {
	plan, err := a.lawfulPlan(ctx, day)
	if err != nil {
		return nil, err
	}
	cfg := a.build()
	cfg.Full, cfg.Watch = full, a.watchTables(plan)
	r, err := run.Build(ctx, cfg, plan, model.List)
	if err != nil {
		return nil, err
	}
	if published, err := run.Open(a.cfg.Home, ""); err == nil && published.ID == r.ID {
		return r, nil
	}
	manifest, err := r.ManifestDigest()
	if err != nil {
		return nil, err
	}
	a.known.Manifest = manifest
	if err := a.register(ctx, actionPublish, r.ID, "", publication{day, plan.RuleSet, manifest}); err != nil {
		return nil, err
	}
	return r, run.Publish(a.cfg.Home, r)
}

func (a *app) describeRun(ctx context.Context, r *run.Run) (runReport, error) {
	m := r.Manifest
	report := runReport{RunID: r.ID, AsOf: m.AsOf, RuleSet: m.RuleSet, Previous: m.Previous,
		Tables: len(m.Tables), Checks: len(m.Checks), Files: len(m.Files), Judged: makingOf(m), Dir: r.Dir, Warnings: []run.CheckEntry{}}
	for _, c := range m.Checks {
		if !c.OK {
			report.Warnings = append(report.Warnings, c)
		}
	}
	var err error
	if report.Classes, err = a.classes(ctx, r); err != nil {
		return report, err
	}
	if report.Stale, err = a.staleInputs(ctx, r); err != nil {
		return report, err
	}
	for _, c := range report.Classes {
		report.Subjects += c.Count
	}
	return report, nil
}

func (a *app) classes(ctx context.Context, r *run.Run) ([]classCount, error) {
	db, err := a.attach(ctx, r, "overlay.subject_classes", "rules.tiers")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.Query(ctx, `
		select c.supervision_class, coalesce(min(t.class_title), '不列入名单'), count(*)
		from overlay.subject_classes as c
		left join rules.tiers as t on t.supervision_class = c.supervision_class
		group by c.supervision_class order by c.supervision_class nulls last`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []classCount
	for rows.Next() {
		var c classCount
		if err := rows.Scan(&c.Class, &c.Title, &c.Count); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

func (r runReport) print(w io.Writer) {
	fmt.Fprintf(w, "run %s published, as of %s, rule set %s\n", r.RunID, r.AsOf, r.RuleSet)
	fmt.Fprintf(w, "%d subjects, %d tables, %d checks, %d files\n", r.Subjects, r.Tables, r.Checks, r.Files)
	if r.Judged.Apart > 0 {
		fmt.Fprintf(w, "at most %d subjects judged anew in %d tables, everybody in %d\n", r.Judged.Touched, r.Judged.Apart, r.Judged.Full)
	}
	for _, c := range r.Classes {
		fmt.Fprintf(w, "  %s  %d\n", c.Title, c.Count)
	}
	for _, c := range r.Warnings {
		fmt.Fprintf(w, "warning: %s: %s: %s\n", c.Table, c.Check, c.Detail)
	}
	if n := len(r.Stale); n > 0 {
		fmt.Fprintf(w, "%d inputs are stale, their newest due report has not come (--json names them)\n", n)
	}
	fmt.Fprintf(w, "lists: %s\n", filepath.Join(r.Dir, "files", "lists"))
	if r.Challenger != nil {
		r.Challenger.print(w)
	}
}
