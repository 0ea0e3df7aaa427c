package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
)

func (a *app) rulesShowCmd() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "show [NAME]",
		Short: "Show the rules in force on a day, every value with its days, unit and citation",
		Long: `Without NAME lists every rule in force on the day. With it prints what the rule
says, in Chinese, as the body that answers for it would want it: each value with
its unit, the days on which it holds and the document that it rests on, its own
or that of the whole file.`,
		Example: `  rongxin rules show
  rongxin rules show publicity_periods --as-of 2026-06-30
  rongxin rules show food --json`,
		Args: cobra.MaximumNArgs(1),
	}
	asOf := a.asOfFlag(cmd, "the day on which the rules hold")
	cmd.Flags().StringVar(&dir, "rules", "", "folder of rules (default: RONGXIN_RULES, or the built-in ones)")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		day, err := asOf()
		if err != nil {
			return err
		}
		var folder []string
		if dir != "" {
			folder = []string{dir}
		}
		files, dir := a.rulesDir(folder)
		library, err := evaluators.Load(files)
		if err != nil {
			return fmt.Errorf("%w: rules %s: %w", errConfig, cmp.Or(dir, "(built in)"), err)
		}
		if len(args) == 0 {
			return a.listRules(library, day)
		}
		return a.showRule(library, args[0], day)
	}
	return cmd
}

// shownRule is one version of one rule.
type shownRule struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Title   string `json:"title"`
	Version int    `json:"version"`
	From    string `json:"effective_from"`
	To      string `json:"effective_to,omitempty"`
	Owner   string `json:"owner"`
	Basis   string `json:"basis"`
	Trust   string `json:"trust"`
	File    string `json:"file"`
	// EventDated: a record is judged by the version of its own day.
	EventDated bool              `json:"event_dated"`
	Lines      []evaluators.Line `json:"lines,omitempty"`
}

func shown(f evaluators.File) shownRule {
	r := shownRule{Kind: f.Kind, Name: f.Name, Title: f.Header.Title, Version: f.Header.Version, From: f.Header.EffectiveFrom.String(),
		Owner: f.Header.Owner, Basis: f.Header.Basis, Trust: f.Header.Trust, File: f.Path, EventDated: f.EventDated}
	if f.Header.EffectiveTo != nil {
		r.To = f.Header.EffectiveTo.String()
	}
	return r
}

func (r shownRule) days() string {
	if r.To == "" {
		return r.From + " 起"
	}
	return r.From + " 至 " + r.To
}

func (a *app) listRules(library *evaluators.Library, day credit.Date) error {
	list := []shownRule{}
	rows := [][]string{{"种类", "规则", "版本", "施行", "责任单位", "名称"}}
	for _, f := range library.Files() {
		if !f.InForce(day) {
			continue
		}
		r := shown(f)
		list = append(list, r)
		rows = append(rows, []string{evaluators.LabelOf(r.Kind), r.Name, fmt.Sprint(r.Version), r.days(), r.Owner, r.Title})
	}
	return a.finish(map[string]any{"as_of": day.String(), "rules": list}, func(w io.Writer) {
		printAligned(w, rows)
		fmt.Fprintf(w, "（%s 施行中的规则 %d 件）\n", day, len(list))
	})
}

// showRule prints the version in force on the day of each rule of that name: a
// scheme and its scorecard may share one.
func (a *app) showRule(library *evaluators.Library, name string, day credit.Date) error {
	versions := library.Versions(name)
	if len(versions) == 0 {
		return unknownRule(library, name)
	}
	list, others := []shownRule{}, []shownRule{}
	for _, f := range versions {
		r := shown(f)
		if !f.InForce(day) {
			others = append(others, r)
			continue
		}
		r.Lines = f.Lines
		list = append(list, r)
	}
	if len(list) == 0 {
		return fmt.Errorf("%w: no version of %s is in force on %s: version %d holds from %s", errUsage, name, day, others[0].Version, others[0].From)
	}
	return a.finish(map[string]any{"as_of": day.String(), "rules": list, "other_versions": others}, func(w io.Writer) {
		for i, r := range list {
			if i > 0 {
				fmt.Fprintln(w)
			}
			r.print(w)
		}
		for _, r := range others {
			fmt.Fprintf(w, "另有%s %s 第 %d 版，%s（rules show %s --as-of %s）\n", evaluators.LabelOf(r.Kind), r.Name, r.Version, r.days(), r.Name, r.From)
		}
	})
}

func unknownRule(library *evaluators.Library, name string) error {
	var names []string
	for _, f := range library.Files() {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	fault := fmt.Errorf("%w: there is no rule %s; rongxin rules show lists them", errUsage, name)
	if near := contract.Nearest(name, slices.Compact(names)); len(near) > 0 {
		fault = fmt.Errorf("%w: did you mean %s?", fault, strings.Join(near, " or "))
	}
	return fault
}
