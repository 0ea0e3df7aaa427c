package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// migration counts the subjects that a rule change moves between two classes;
// 0 is out of the list.
type migration struct {
	From  int64 `json:"from"`
	To    int64 `json:"to"`
	Count int64 `json:"subjects"`
}

type moved struct {
	SubjectID   string `json:"subject_id"`
	SubjectName string `json:"subject_name"`
	From        int64  `json:"from"`
	To          int64  `json:"to"`
}

type planReport struct {
	AsOf       string      `json:"as_of"`
	Now        string      `json:"rule_set_now"`
	Proposed   string      `json:"rule_set_proposed"`
	Migrations []migration `json:"migrations"`
	Moved      int64       `json:"moved"`
	Examples   []moved     `json:"examples"`
}

func (a *app) planCmd() *cobra.Command {
	var proposed string
	var limit int
	cmd := &cobra.Command{
		Use:   "plan --rules DIR [--as-of DATE]",
		Short: "Show what a change of rules would do to every enterprise, before it is made",
		Long: `Evaluates the whole population on the day by the rules in force and by those of
DIR (a copy of evaluators/rules with your change) in a folder of its own, and
prints how many subjects move from class to class, with examples. Nothing is
published or kept.`,
		Example: "  rongxin plan --rules proposed-rules --as-of 2026-06-30",
		Args:    cobra.NoArgs,
	}
	asOf := a.asOfFlag(cmd, "the day to evaluate")
	cmd.Flags().StringVar(&proposed, "rules", "", "folder with the proposed rules")
	cmd.Flags().IntVar(&limit, "examples", 20, "how many moved subjects to name")
	must(cmd.MarkFlagRequired("rules"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		day, err := asOf()
		if err != nil {
			return err
		}
		report, err := a.compareRules(cmd.Context(), day, proposed, limit)
		if err != nil {
			return err
		}
		return a.finish(report, report.print)
	}
	return cmd
}

func (a *app) compareRules(ctx context.Context, day credit.Date, proposed string, limit int) (planReport, error) {
	report := planReport{AsOf: day.String(), Migrations: []migration{}, Examples: []moved{}}
	scratch, err := os.MkdirTemp("", "rongxin-plan-*")
	if err != nil {
		return report, err
	}
	defer os.RemoveAll(scratch)
	if _, err := a.ruleSet(proposed, day); err != nil {
		return report, err // before the long work
	}
	now, err := a.evaluateIn(ctx, scratch, a.cfg.Rules, day)
	if err != nil {
		return report, err
	}
	then, err := a.evaluateIn(ctx, scratch, proposed, day)
	if err != nil {
		return report, err
	}
	report.Now, report.Proposed = now.Manifest.RuleSet, then.Manifest.RuleSet
	db, err := engine.Open(ctx, a.cfg.engine())
	if err != nil {
		return report, err
	}
	defer db.Close()
	if err := attachBoth(ctx, db, now, then); err != nil {
		return report, err
	}
	return report, report.read(ctx, db, limit)
}

// evaluateIn makes a run in a folder of its own, without lists for people.
func (a *app) evaluateIn(ctx context.Context, dir, rulesDir string, day credit.Date) (*run.Run, error) {
	plan, err := a.plan(rulesDir, day)
	if err != nil {
		return nil, err
	}
	cfg := a.build()
	cfg.Runs, cfg.Export = dir, nil
	return run.Build(ctx, cfg, plan, model.List)
}

func attachBoth(ctx context.Context, db *engine.DB, now, then *run.Run) error {
	for name, r := range map[string]*run.Run{"now": now, "then": then} {
		if err := r.Attach(ctx, db, "overlay.subject_classes", "intermediate.subjects"); err != nil {
			return err
		}
		// The tables are named alike in both runs: keep each run's copy.
		if err := db.Exec(ctx, fmt.Sprintf("create table %s_classes as select c.subject_id, s.subject_name, coalesce(c.supervision_class, 0) as class "+
			"from overlay.subject_classes as c join intermediate.subjects as s on s.subject_id = c.subject_id", name)); err != nil {
			return err
		}
	}
	return nil
}

func (r *planReport) read(ctx context.Context, db *engine.DB, limit int) error {
	rows, err := db.Query(ctx, `select a.class, b.class, count(*) from now_classes as a
		join then_classes as b on b.subject_id = a.subject_id group by a.class, b.class order by a.class, b.class`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var m migration
		if err := rows.Scan(&m.From, &m.To, &m.Count); err != nil {
			return err
		}
		r.Migrations = append(r.Migrations, m)
		if m.From != m.To {
			r.Moved += m.Count
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	examples, err := db.Query(ctx, `select a.subject_id, a.subject_name, a.class, b.class from now_classes as a
		join then_classes as b on b.subject_id = a.subject_id where a.class <> b.class
		order by abs(a.class - b.class) desc, a.subject_id limit ?`, limit)
	if err != nil {
		return err
	}
	defer examples.Close()
	for examples.Next() {
		var m moved
		if err := examples.Scan(&m.SubjectID, &m.SubjectName, &m.From, &m.To); err != nil {
			return err
		}
		r.Examples = append(r.Examples, m)
	}
	return examples.Err()
}

func (r planReport) print(w io.Writer) {
	fmt.Fprintf(w, "as of %s: rule set %s → %s\n", r.AsOf, r.Now, r.Proposed)
	fmt.Fprintf(w, "%d subjects move\n%-6s %-6s %9s\n", r.Moved, "from", "to", "subjects")
	for _, m := range r.Migrations {
		fmt.Fprintf(w, "%-6s %-6s %9d\n", className(m.From), className(m.To), m.Count)
	}
	for _, m := range r.Examples {
		fmt.Fprintf(w, "  %s %s: %s → %s\n", m.SubjectID, m.SubjectName, className(m.From), className(m.To))
	}
}

func className(class int64) string {
	if class == 0 {
		return "out"
	}
	return fmt.Sprint(class)
}
