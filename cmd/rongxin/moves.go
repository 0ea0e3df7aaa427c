package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"rongxin/evaluators/compare"
	"rongxin/internal/credit"
	"rongxin/pipelines/workbook"
)

// movesSheet names everybody who moved, with the causes.
func movesSheet(ctx context.Context, c *compare.Comparison) workbook.Sheet {
	return workbook.Sheet{Name: "变动主体", Frozen: 2,
		Columns: []workbook.Column{{Title: "统一社会信用代码", Width: 22}, {Title: "企业名称", Width: 34}, {Title: "区划", Width: 12},
			{Title: "行业门类", Width: 10}, {Title: "行业", Width: 24}, {Title: "原类别", Width: 9}, {Title: "现类别", Width: 9},
			{Title: "主要原因", Width: 14}, {Title: "全部原因", Width: 90}, {Title: "涉及规则", Width: 30}},
		Rows: func(yield func([]any, error) bool) {
			for m, err := range c.Moved(ctx, 0) {
				var row []any
				if err == nil {
					row = moveRow(m)
				}
				if !yield(row, err) {
					return
				}
			}
		}}
}

func moveRow(m compare.Move) []any {
	var texts, rules []string
	for _, cause := range m.Causes {
		texts = append(texts, cause.Text)
		if cause.Rule != "" {
			rules = append(rules, cause.Rule)
		}
	}
	return []any{m.SubjectID, m.SubjectName, m.Division, m.Section, m.Industry, compare.Class(m.From), compare.Class(m.To),
		compare.Kind(m.Causes[0].Kind), strings.Join(texts, "；"), strings.Join(rules, "、")}
}

// writeMoves writes the file of those who moved, by the ending of its name.
func writeMoves(ctx context.Context, file, title string, c *compare.Comparison, more ...workbook.Sheet) error {
	sheet := movesSheet(ctx, c)
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv":
		return workbook.WriteCSV(file, sheet)
	case ".xlsx":
		day, err := credit.ParseDate(c.After.Manifest.AsOf)
		if err != nil {
			return err
		}
		return workbook.WriteSheets(file, title, day, append(more, sheet)...)
	}
	return fmt.Errorf("%w: --out %s: wants .xlsx or .csv", errUsage, file)
}

func checkMovesFile(file string) error {
	switch strings.ToLower(filepath.Ext(file)) {
	case "", ".csv", ".xlsx":
		if file == "" || filepath.Ext(file) != "" {
			return nil
		}
	}
	return fmt.Errorf("%w: --out %s: wants .xlsx or .csv", errUsage, file)
}

// printMatrix writes who stood where and stands where, old classes down, new across.
func printMatrix(w io.Writer, cells []compare.Cell) {
	order := []int64{1, 2, 3, 4, compare.Out, compare.Absent}
	counts, used := map[[2]int64]int64{}, map[int64]bool{}
	for _, c := range cells {
		counts[[2]int64{c.From, c.To}] = c.Count
		used[c.From], used[c.To] = true, true
	}
	head := []string{"原＼现"}
	for _, to := range order {
		if used[to] {
			head = append(head, compare.Class(to))
		}
	}
	rows := [][]string{head}
	for _, from := range order {
		if !used[from] {
			continue
		}
		row := []string{compare.Class(from)}
		for _, to := range order {
			if used[to] {
				row = append(row, fmt.Sprint(counts[[2]int64{from, to}]))
			}
		}
		rows = append(rows, row)
	}
	printAligned(w, rows)
}

// printMoves names some of the moved subjects and says how many there are beside them.
func printMoves(w io.Writer, moves []compare.Move, moved int64) {
	for _, m := range moves {
		fmt.Fprintf(w, "  %s %s：%s → %s\n", m.SubjectID, m.SubjectName, compare.Class(m.From), compare.Class(m.To))
		said := ""
		for _, cause := range m.Causes { // two schemes may move by one rule, in the same words
			if line := compare.Kind(cause.Kind) + "：" + cause.Text; line != said {
				fmt.Fprintf(w, "      %s\n", line)
				said = line
			}
		}
	}
	if rest := moved - int64(len(moves)); rest > 0 {
		fmt.Fprintf(w, "  另有 %d 户未在屏幕上列出，用 --out 写出全部\n", rest)
	}
}

func countMoved(cells []compare.Cell) (moved, subjects int64) {
	for _, c := range cells {
		subjects += c.Count
		if c.From != c.To {
			moved += c.Count
		}
	}
	return moved, subjects
}
