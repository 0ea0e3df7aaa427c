package main

import (
	"fmt"
	"io"
	"strings"

	"rongxin/evaluators/compare"
	"rongxin/evaluators/policy"
	"rongxin/pipelines/workbook"
)

// printImpact writes by whom, how stable, and at what cost: groups and scores that
// the change touches.
func printImpact(w io.Writer, i policy.Impact) {
	for _, part := range []struct {
		title string
		list  []compare.Group
	}{{"区划", i.Divisions}, {"行业门类", i.Industries}, {"规模", i.Sizes}} {
		rows := [][]string{{part.title, "户数", "变动", "占比", "趋严", "趋宽", "两类以上"}}
		for _, g := range part.list {
			if g.Moved > 0 {
				rows = append(rows, []string{g.Title, fmt.Sprint(g.Subjects), fmt.Sprint(g.Moved), policy.Percent(g.Moved, g.Subjects),
					fmt.Sprint(g.Count("stricter", 1)), fmt.Sprint(g.Count("milder", 1)), fmt.Sprint(g.Count("any", 2))})
			}
		}
		if len(rows) > 1 {
			fmt.Fprintln(w)
			printAligned(w, rows)
		}
	}
	rows := [][]string{{"评分、指标", "PSI"}}
	for _, s := range append(append([]compare.Stability{}, i.Scorecards...), i.Characteristics...) {
		if s.Index == nil || *s.Index != 0 {
			rows = append(rows, []string{s.Title, policy.Index(s.Index)})
		}
	}
	if len(rows) > 1 {
		fmt.Fprintln(w)
		printAligned(w, rows)
	}
	rows = [][]string{{"计划检查", "对象现在", "对象以后", "应抽现在", "应抽以后"}}
	for _, c := range i.Inspections.Classes {
		rows = append(rows, []string{compare.Class(c.Class), fmt.Sprint(c.CandidatesNow), fmt.Sprint(c.CandidatesThen), fmt.Sprint(c.Now), fmt.Sprint(c.Then)})
	}
	rows = append(rows, []string{"对照", "", "", fmt.Sprint(i.Inspections.ControlNow), fmt.Sprint(i.Inspections.ControlThen)},
		[]string{"合计", "", "", fmt.Sprint(i.Inspections.Now), fmt.Sprint(i.Inspections.Then)})
	fmt.Fprintln(w)
	printAligned(w, rows)
	fmt.Fprintln(w)
}

// impactSheets are the sheets of a plan's workbook before that of who moves.
func impactSheets(i policy.Impact) []workbook.Sheet {
	groups := func(name string, list []compare.Group) workbook.Sheet {
		var rows [][]any
		for _, g := range list {
			rows = append(rows, []any{g.Title, g.Subjects, g.Moved, policy.Percent(g.Moved, g.Subjects), g.Count("stricter", 1), g.Count("milder", 1), g.Count("stricter", 2), g.Count("milder", 2)})
		}
		return sheet("按"+name, []string{name, "户数", "变动", "占比", "趋严", "趋宽", "趋严两类以上", "趋宽两类以上"}, rows)
	}
	var findings, changes, matrix, stability, inspections [][]any
	for _, f := range i.Findings {
		level := "停止"
		if f.Level == policy.Warn {
			level = "预警"
		}
		findings = append(findings, []any{f.ID, level, f.Text, f.Where, f.Is, f.Bound, f.Basis})
	}
	for _, c := range i.Changes {
		changes = append(changes, []any{c.Title, c.File, c.Label, c.Key, c.With(c.Old), c.With(c.New)})
	}
	for _, c := range i.Matrix {
		matrix = append(matrix, []any{compare.Class(c.From), compare.Class(c.To), c.Count})
	}
	for _, s := range append(append([]compare.Stability{}, i.Scorecards...), i.Characteristics...) {
		stability = append(stability, []any{s.Title, policy.Index(s.Index)})
	}
	for _, c := range i.Inspections.Classes {
		inspections = append(inspections, []any{compare.Class(c.Class), c.CandidatesNow, c.CandidatesThen, c.Now, c.Then})
	}
	return []workbook.Sheet{
		sheet("限度", []string{"编号", "结论", "内容", "范围", "实际", "限度", "依据"}, findings),
		sheet("规则改动", []string{"规则", "文件", "条目", "键", "原值", "新值"}, changes),
		sheet("类别迁移", []string{"原类别", "现类别", "户数"}, matrix),
		groups("区划", i.Divisions), groups("行业门类", i.Industries), groups("规模", i.Sizes),
		sheet("稳定性", []string{"评分、指标", "PSI"}, stability),
		sheet("计划检查", []string{"监管类别", "对象现在", "对象以后", "应抽现在", "应抽以后"}, inspections),
	}
}

// sheet makes a sheet of rows at hand; a column is as wide as its widest text.
func sheet(name string, titles []string, rows [][]any) workbook.Sheet {
	s := workbook.Sheet{Name: name, Frozen: 1, Rows: func(yield func([]any, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}}
	for i, title := range titles {
		width := len([]rune(title))
		for _, row := range rows {
			width = max(width, len([]rune(fmt.Sprint(row[i]))))
		}
		s.Columns = append(s.Columns, workbook.Column{Title: strings.TrimSpace(title), Width: float64(min(2*width+4, 60))})
	}
	return s
}
