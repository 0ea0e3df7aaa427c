package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/warehouse/run"
)

// runsDiff is what two runs were made of and came to, where it differs.
type runsDiff struct {
	Before  side          `json:"before"`
	After   side          `json:"after"`
	Engine  [2]string     `json:"engine"`
	Rules   []partDiff    `json:"rules"`   // by file: version and digest
	Models  []partDiff    `json:"models"`  // by name: digest
	Batches []partDiff    `json:"batches"` // by dataset: how many only one of them has
	Tables  []tableDiff   `json:"tables"`  // of which the contents differ
	Checks  []partDiff    `json:"checks"`  // outcomes
	Classes []classChange `json:"classes"` // enterprises by class
}

type partDiff struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
}

type tableDiff struct {
	Name   string `json:"name"`
	Before int64  `json:"rows_before"` // -1: it has no such table
	After  int64  `json:"rows_after"`
}

type classChange struct {
	Class  string `json:"class"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
}

func (a *app) runsDiffCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "diff RUN RUN",
		Short: "What two runs were made of and came to, where it differs",
		Long: `Holds the manifests of two runs against each other: rules, models and batches that
only one of them used, tables of other contents, checks of another outcome, and how
many enterprises stand in each class. Which enterprises moved, and why, is told by
rongxin compare. RUN may be CURRENT.`,
		Example: "  rongxin runs diff 2026-05-31-0a1b2c3d CURRENT",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			before, err1 := a.anyRun(args[0])
			after, err2 := a.anyRun(args[1])
			if err := errors.Join(err1, err2); err != nil {
				return err
			}
			detail := map[string]string{"before": before.ID, "after": after.ID}
			if err := a.register(cmd.Context(), "runs.diff", after.ID, "", detail); err != nil {
				return err
			}
			diff := diffOf(before, after)
			var err error
			if diff.Classes, err = a.classesOf(cmd.Context(), before, after); err != nil {
				return err
			}
			return a.finish(diff, diff.print)
		},
	}
}

func diffOf(before, after *run.Run) runsDiff {
	was, is := &before.Manifest, &after.Manifest
	d := runsDiff{Before: sideOf(before), After: sideOf(after), Engine: [2]string{was.Engine, is.Engine}, Tables: []tableDiff{}}
	d.Rules = differing(was, is, func(m *run.Manifest, put func(name, value string)) {
		for _, s := range m.Sources {
			put(s.File, strings.TrimSpace(fmt.Sprintf("%s %.8s", versionOf(s), s.SHA256)))
		}
	})
	d.Models = differing(was, is, func(m *run.Manifest, put func(name, value string)) {
		for _, each := range m.Models {
			put(each.Name, each.SHA256[:8])
		}
	})
	d.Checks = differing(was, is, func(m *run.Manifest, put func(name, value string)) {
		for _, c := range m.Checks {
			outcome := "passed"
			if !c.OK {
				outcome = c.Detail
			}
			put(c.Table+": "+c.Check, outcome)
		}
	})
	d.Batches = batchesOf(was, is)
	rows := func(m *run.Manifest, name string) (int64, string) {
		if t, ok := m.Table(name); ok {
			return t.Rows, t.Content
		}
		return -1, ""
	}
	names := map[string]bool{}
	for _, t := range slices.Concat(was.Tables, is.Tables) {
		names[t.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		rowsBefore, before := rows(was, name)
		rowsAfter, after := rows(is, name)
		if before != after {
			d.Tables = append(d.Tables, tableDiff{name, rowsBefore, rowsAfter})
		}
	}
	return d
}

func versionOf(s run.Source) string {
	if s.Version == 0 {
		return ""
	}
	return fmt.Sprintf("第 %d 版", s.Version)
}

// differing are the named values of two manifests that are not the same.
func differing(was, is *run.Manifest, values func(m *run.Manifest, put func(name, value string))) []partDiff {
	of := func(m *run.Manifest) map[string]string {
		all := map[string]string{}
		values(m, func(name, value string) { all[name] = value })
		return all
	}
	before, after := of(was), of(is)
	names := maps.Clone(before)
	maps.Copy(names, after)
	list := []partDiff{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if before[name] != after[name] {
			list = append(list, partDiff{name, before[name], after[name]})
		}
	}
	return list
}

// batchesOf counts by dataset the batches that only one of the runs read.
func batchesOf(was, is *run.Manifest) []partDiff {
	only := map[string]*[2]int{}
	known := [2]map[string]bool{{}, {}}
	for i, m := range []*run.Manifest{was, is} {
		for _, b := range m.Batches {
			known[i][b.Dataset+" "+b.ID] = true
		}
	}
	for i := range known {
		for key := range known[i] {
			if dataset, _, _ := strings.Cut(key, " "); !known[1-i][key] {
				if only[dataset] == nil {
					only[dataset] = &[2]int{}
				}
				only[dataset][i]++
			}
		}
	}
	list := []partDiff{}
	for _, dataset := range slices.Sorted(maps.Keys(only)) {
		list = append(list, partDiff{dataset, fmt.Sprint(only[dataset][0]), fmt.Sprint(only[dataset][1])})
	}
	return list
}

// classesOf counts the enterprises of each class in both runs.
func (a *app) classesOf(ctx context.Context, before, after *run.Run) ([]classChange, error) {
	was, err := a.countClasses(ctx, before)
	if err != nil {
		return nil, err
	}
	is, err := a.countClasses(ctx, after)
	if err != nil {
		return nil, err
	}
	classes := maps.Clone(was)
	maps.Copy(classes, is)
	list := []classChange{}
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		list = append(list, classChange{class, was[class], is[class]})
	}
	return list, nil
}

func (a *app) countClasses(ctx context.Context, r *run.Run) (_ map[string]int64, err error) {
	db, err := a.attach(ctx, r, "overlay.subject_classes")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.Query(ctx, "select coalesce(cast(supervision_class as varchar), 'none'), count(*) from overlay.subject_classes group by 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts := map[string]int64{}
	for rows.Next() {
		var class string
		var n int64
		if err := rows.Scan(&class, &n); err != nil {
			return nil, err
		}
		counts[class] = n
	}
	return counts, rows.Err()
}

func (d runsDiff) print(w io.Writer) {
	fmt.Fprintf(w, "%s (rule set %s) → %s (rule set %s)\n", d.Before.RunID, d.Before.RuleSet, d.After.RunID, d.After.RuleSet)
	if d.Engine[0] != d.Engine[1] {
		fmt.Fprintf(w, "engine: %s → %s\n", d.Engine[0], d.Engine[1])
	}
	for _, part := range []struct {
		title string
		list  []partDiff
	}{{"rules", d.Rules}, {"models", d.Models}, {"batches only in one, by dataset", d.Batches}, {"checks", d.Checks}} {
		if len(part.list) > 0 {
			fmt.Fprintf(w, "%s: %d\n", part.title, len(part.list))
		}
		for _, p := range part.list {
			fmt.Fprintf(w, "  %s: %s → %s\n", p.Name, either(p.Before, "none"), either(p.After, "none"))
		}
	}
	fmt.Fprintf(w, "tables of other contents: %d\n", len(d.Tables))
	for _, t := range d.Tables {
		fmt.Fprintf(w, "  %-40s %d → %d rows\n", t.Name, t.Before, t.After)
	}
	fmt.Fprintln(w, "enterprises by class:")
	for _, c := range d.Classes {
		fmt.Fprintf(w, "  %-5s %d → %d\n", c.Class, c.Before, c.After)
	}
}
