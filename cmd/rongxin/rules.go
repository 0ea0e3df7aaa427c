package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"rongxin/evaluators"
	"rongxin/evaluators/ruletest"
	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/store"
)

func (a *app) rulesCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Work with rules: check and show them, run their cases, freeze them",
		Long: `Rules are what is judged by: dated, cited YAML; docs/models.md explains the
language. They are those of DIR, of RONGXIN_RULES, or the built-in ones.`,
	}
	cmd.AddCommand(a.rulesShowCmd(), a.rulesCheckCmd(), a.rulesTestCmd(), a.rulesLockCmd())
	return cmd
}

// rulesDir is the folder of rules that arguments name, as files and in words.
func (a *app) rulesDir(args []string) (files fs.FS, dir string) {
	dir = a.cfg.Rules
	if len(args) > 0 {
		dir = args[0]
	}
	if dir == "" {
		return evaluators.BuiltinFiles(), ""
	}
	return os.DirFS(dir), dir
}

type rulesReport struct {
	Files  int             `json:"files"`
	AsOf   string          `json:"as_of"`
	Faults []contractFault `json:"faults"`
}

func (a *app) rulesCheckCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Check rules, their cases and that no rule in force was changed; print every fault with its place",
		Long: `Reads every rule and every file of cases, holds those that are in force on the
day, or were, against rules.lock, and asks whether a rule is missing on the day,
and whether the tables and columns are there that scorecards look at.
All faults of all files come at once, one a line as file:line:column, and the
exit code is then 78.`,
		Example: `  rongxin rules check
  rongxin rules check proposed --as-of 2026-06-30`,
		Args: cobra.MaximumNArgs(1),
	}
	asOf := a.asOfFlag(cmd, "the day on which the rules must be whole")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		day, err := asOf()
		if err != nil {
			return err
		}
		files, dir := a.rulesDir(args)
		report := rulesReport{AsOf: day.String(), Faults: []contractFault{}}
		count, err := a.checkRules(cmd.Context(), files, day)
		report.Files, report.Faults = count, append(report.Faults, faultsOf(err, dir)...)
		if err := a.finish(report, report.print); err != nil {
			return err
		}
		if len(report.Faults) > 0 {
			return fmt.Errorf("%w: faults in rules: %d", errConfig, len(report.Faults))
		}
		return nil
	}
	return cmd
}

// checkRules tells everything that is wrong with a folder of rules.
func (a *app) checkRules(ctx context.Context, files fs.FS, day credit.Date) (int, error) {
	library, err := evaluators.Read(files)
	faults := []error{err, library.Frozen(files, day), ruletest.Check(files, library)}
	if err != nil {
		return len(library.Files()), errors.Join(faults...)
	}
	set, missing := library.On(day)
	if missing != nil {
		return len(library.Files()), errors.Join(append(faults, missing)...)
	}
	tables, err := a.factTables(ctx, set, day)
	if err != nil {
		return len(library.Files()), errors.Join(append(faults, err)...)
	}
	return len(library.Files()), errors.Join(append(faults, library.CheckFacts(tables))...)
}

// factTables are the columns of the tables that scorecards may look at.
func (a *app) factTables(ctx context.Context, set *evaluators.RuleSet, day credit.Date) (map[string][]landing.Column, error) {
	plan, err := a.planBy(set, day, nil, nil)
	if err != nil {
		return nil, err
	}
	plan.Models = slices.DeleteFunc(plan.Models, func(m model.Model) bool { return m.Stage != model.Transform })
	var tables map[string][]landing.Column
	err = scratch(func(dir string) error {
		db, err := engine.Open(ctx, engine.Config{Threads: 1, Memory: a.cfg.Memory, TempDir: dir})
		if err != nil {
			return err
		}
		defer db.Close()
		tables, err = plan.Columns(ctx, db)
		return err
	})
	return tables, err
}

// scratch gives a folder that is gone afterwards.
func scratch(do func(dir string) error) error {
	dir, err := os.MkdirTemp("", "rongxin-rules-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return do(dir)
}

func (r rulesReport) print(w io.Writer) {
	for _, f := range r.Faults {
		fmt.Fprintln(w, f.text)
	}
	if len(r.Faults) == 0 {
		fmt.Fprintf(w, "%d rule files, no fault; every rule is there on %s\n", r.Files, r.AsOf)
	}
}

func (a *app) rulesLockCmd() *cobra.Command {
	var again bool
	cmd := &cobra.Command{
		Use:   "lock [DIR]",
		Short: "Freeze the rules of a folder: write what each holds into its rules.lock",
		Long: `Writes rules.lock, a line for each rule file of DIR (default: RONGXIN_RULES, or
evaluators/rules). A file that is in force and differs from its line is not
locked again: a change of it is a new version in a new file. --again locks it
all the same, which is right only before anything was judged by it.`,
		Example: "  rongxin rules lock",
		Args:    cobra.MaximumNArgs(1),
	}
	asOf := a.asOfFlag(cmd, "the day up to which rules are in force")
	cmd.Flags().BoolVar(&again, "again", false, "lock changed files in force again")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		day, err := asOf()
		if err != nil {
			return err
		}
		files, dir := a.rulesDir(args)
		if dir == "" {
			dir = filepath.Join("evaluators", "rules")
			files = os.DirFS(dir)
		}
		library, err := evaluators.Load(files)
		if err != nil {
			return fmt.Errorf("%w: rules %s: %w", errConfig, dir, err)
		}
		if err := library.Changed(files, day); err != nil && !again {
			return fmt.Errorf("%w: rules %s: %w", errConfig, dir, err)
		}
		err = store.Write(filepath.Join(dir, evaluators.LockFile), 0o644, func(w io.Writer) error {
			_, err := io.Copy(w, bytes.NewReader(library.Lock()))
			return err
		})
		if err != nil {
			return err
		}
		locked := len(library.Files())
		return a.finish(map[string]int{"files": locked}, func(w io.Writer) { fmt.Fprintf(w, "%d rule files locked\n", locked) })
	}
	return cmd
}
