package workbook

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rongxin/internal/credit"
)

// WriteNotice writes the quarterly notice (通报) as a workbook: 说明, 部门排名,
// 重错码率, 双公示及时率, 迟报清单, 覆盖情况, 覆盖明细, 问题类型, 未挂接 and 整改反馈.
// meanings explains the codes of landing. The same notice gives the same bytes.
func WriteNotice(n *Notice, path string, meanings map[string]Meaning) error {
	day, err := credit.ParseDate(n.AsOf)
	if err != nil {
		return err
	}
	b, err := newBook("数据质量通报", day)
	if err != nil {
		return err
	}
	x := noticeExport{n: n, b: b, meanings: meanings, known: CrossChecks()}
	err = x.fill()
	if err == nil {
		err = b.save(path)
	}
	if err = errors.Join(err, b.close()); err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	return nil
}

type noticeExport struct {
	n               *Notice
	b               *book
	meanings, known map[string]Meaning
}

func (x noticeExport) fill() error {
	for _, sheet := range []func() error{x.note, x.ranking, x.codes, x.timeliness, x.late, x.coverage, x.deliveries,
		x.problems, x.unattached, x.answers} {
		if err := sheet(); err != nil {
			return err
		}
	}
	return nil
}

// sheet writes a table.
func (x noticeExport) sheet(name string, columns []column, frozen int, rows [][]any) error {
	t, err := x.b.table(name, columns, frozen)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := t.row(row...); err != nil {
			return err
		}
	}
	return t.close()
}

// share is a figure as it is printed, marked where it misses its goal.
func (x noticeExport) share(m Measure, f Figure) any {
	if f.Met != nil && !*f.Met {
		return alert(f.Text(m.Per()) + " ▼")
	}
	return f.Text(m.Per())
}

func (x noticeExport) ranking() error {
	columns := []column{{"名次", 6}, {"部门", 26}}
	for _, m := range x.n.Measures {
		if m.Name == goalsMissed {
			columns = append(columns, column{m.Title, 8})
			continue
		}
		columns = append(columns, column{m.Title, 11}, column{m.Numerator + "/" + m.Denominator, 16})
	}
	var rows [][]any
	for _, s := range x.n.Standings {
		row := []any{standingPlace(s.Rank), s.Department}
		for _, m := range x.n.Measures {
			f := s.Figures[m.Name]
			switch {
			case m.Name == goalsMissed:
				row = append(row, s.GoalsMissed)
			case f.Denominator == 0:
				row = append(row, f.Text(m.Per()), "")
			default:
				row = append(row, x.share(m, f), f.Parts())
			}
		}
		rows = append(rows, row)
	}
	return x.sheet("部门排名", columns, 2, rows)
}

func standingPlace(rank int) any {
	if rank == 0 {
		return "—"
	}
	return int64(rank)
}

func (x noticeExport) codes() error {
	columns := []column{{"区划代码", 10}, {"区划", 12}, {"存量代码", 10}, {"错码", 8}, {"重码", 8}, {"重错码", 8}, {"因代码退回", 11}, {"登记存量重错码率", 17},
		{"重错码行", 10}, {"报送行数", 10}, {"报送行重错码率", 15}}
	m := x.measure("code_faults")
	sum := DivisionCodes{Name: "合计"}
	var rows [][]any
	line := func(d DivisionCodes) []any {
		return []any{d.Code, d.Name, d.Live, d.Wrong, d.Duplicate, d.Faulty, d.Refused, x.share(m, m.judge(d.Register())),
			d.FaultRows, d.RowsRead, x.share(m, m.judge(d.Rows()))}
	}
	for _, d := range x.n.Divisions {
		sum.Live, sum.Wrong, sum.Duplicate, sum.Faulty, sum.Refused = sum.Live+d.Live, sum.Wrong+d.Wrong, sum.Duplicate+d.Duplicate, sum.Faulty+d.Faulty, sum.Refused+d.Refused
		sum.FaultRows, sum.RowsRead = sum.FaultRows+d.FaultRows, sum.RowsRead+d.RowsRead
		rows = append(rows, line(d))
	}
	return x.sheet("重错码率", columns, 2, append(rows, line(sum)))
}

func (x noticeExport) measure(name string) Measure {
	i := slices.IndexFunc(x.n.Measures, func(m Measure) bool { return m.Name == name })
	if i < 0 {
		return Measure{Name: name}
	}
	return x.n.Measures[i]
}

func (x noticeExport) timeliness() error {
	m := x.measure("timeliness")
	var rows [][]any
	for _, s := range x.n.Timeliness {
		rows = append(rows, []any{s.Department, s.Title, s.Numerator, s.Denominator - s.Numerator, s.Denominator, x.share(m, m.judge(s.Figure))})
	}
	return x.sheet("双公示及时率", []column{{"部门", 26}, {"数据集", 34}, {"及时", 10}, {"迟报", 10}, {"有时限的记录", 14}, {"及时率", 12}}, 0, rows)
}

func (x noticeExport) late() error {
	var rows [][]any
	for _, l := range x.n.Late {
		rows = append(rows, []any{l.Department, l.Dataset, l.DocumentNo, l.DecidedOn, l.DeadlineOn, l.ReportedOn, l.WorkingDays, l.File, l.Line, l.BatchID})
	}
	return x.sheet("迟报清单", []column{{"部门", 26}, {"数据集", 20}, {"决定文书号", 28}, {"决定日期", 12}, {"报送期限", 12}, {"报送日期", 12},
		{"用时（工作日）", 13}, {"文件", 30}, {"行号", 8}, {"批次", 18}}, 0, rows)
}

var deliveryWords = map[string]string{"received": "已报", "late": "迟报", "empty": "零报告", "missing": "缺报", "not_due": "未到期"}

// periods are those of the notice in the order of their deadlines.
func (x noticeExport) periods() []string {
	due := map[string]string{}
	for _, d := range x.n.Coverage {
		due[d.Period] = max(due[d.Period], d.DueOn)
	}
	names := make([]string, 0, len(due))
	for name := range due {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(strings.Compare(due[a], due[b]), strings.Compare(a, b)) })
	return names
}

// coverage is departments by periods: how many deliveries came of those due.
func (x noticeExport) coverage() error {
	periods := x.periods()
	columns := []column{{"部门", 26}, {"已报/应报", 10}}
	for _, p := range periods {
		columns = append(columns, column{p, 9})
	}
	type cell struct{ came, due int64 }
	table := map[string]map[string]cell{}
	for _, d := range x.n.Coverage {
		if table[d.Department] == nil {
			table[d.Department] = map[string]cell{}
		}
		for _, at := range []string{"", d.Period} {
			c := table[d.Department][at]
			if d.State != "not_due" {
				c.due++
			}
			if d.State != "not_due" && d.State != "missing" {
				c.came++
			}
			table[d.Department][at] = c
		}
	}
	var rows [][]any
	for _, s := range x.n.Standings {
		cells, ok := table[s.Department]
		if !ok {
			continue
		}
		row := []any{s.Department}
		for _, p := range append([]string{""}, periods...) {
			c, expected := cells[p]
			switch text := fmt.Sprintf("%d/%d", c.came, c.due); {
			case !expected:
				row = append(row, "")
			case c.due == 0:
				row = append(row, "未到期")
			case c.came < c.due:
				row = append(row, alert(text+" ▼"))
			default:
				row = append(row, text)
			}
		}
		rows = append(rows, row)
	}
	return x.sheet("覆盖情况", columns, 2, rows)
}

// deliveries is datasets by periods: what became of each.
func (x noticeExport) deliveries() error {
	periods := x.periods()
	columns := []column{{"部门", 26}, {"数据集", 34}}
	for _, p := range periods {
		columns = append(columns, column{p, 9})
	}
	var rows [][]any
	last := ""
	for _, d := range x.n.Coverage {
		if d.Dataset != last {
			rows, last = append(rows, append([]any{d.Department, d.Title}, slices.Repeat([]any{""}, len(periods))...)), d.Dataset
		}
		var shown any = deliveryWords[d.State]
		if d.State == "missing" || d.State == "late" {
			shown = alert(deliveryWords[d.State])
		}
		rows[len(rows)-1][2+slices.Index(periods, d.Period)] = shown
	}
	return x.sheet("覆盖明细", columns, 2, rows)
}

func (x noticeExport) problems() error {
	titles := map[string]string{}
	for _, s := range sources() {
		titles[s.code] = s.title
	}
	var rows [][]any
	for _, p := range x.n.Problems {
		meaning, ok := x.meanings[p.Finding]
		if !ok {
			meaning, ok = x.known[p.Finding]
		}
		if !ok {
			return fmt.Errorf("finding %s has no meaning in Chinese", p.Finding)
		}
		rows = append(rows, []any{p.Department, p.Dataset, titles[p.Source], meaning.Title, p.Rows, p.Findings, p.Finding})
	}
	return x.sheet("问题类型", []column{{"部门", 26}, {"数据集", 24}, {"处理", 8}, {"问题", 46}, {"行数", 9}, {"问题数", 9}, {"问题代码", 28}}, 0, rows)
}

func (x noticeExport) unattached() error {
	m := x.measure("unattached")
	var rows [][]any
	for _, s := range x.n.Unattached {
		rows = append(rows, []any{s.Department, s.Title, s.Numerator, s.Denominator, x.share(m, s.Figure)})
	}
	return x.sheet("未挂接", []column{{"部门", 26}, {"数据集", 34}, {"未挂接", 10}, {"现行有代码的记录", 17}, {"未挂接率", 12}}, 0, rows)
}

func (x noticeExport) answers() error {
	m := x.measure("answered")
	var rows [][]any
	for _, s := range x.n.Standings {
		if f := s.Figures[m.Name]; f.Denominator > 0 {
			rows = append(rows, []any{s.Department, f.Denominator, f.Numerator, f.Denominator - f.Numerator, x.share(m, f)})
		}
	}
	return x.sheet("整改反馈", []column{{"部门", 26}, {"已告知", 10}, {"已答复", 10}, {"未答复", 10}, {"整改反馈率", 12}}, 0, rows)
}
