package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/pipelines/workbook"
	"rongxin/warehouse/run"
)

func (a *app) qualityCmd() *cobra.Command {
	var runID, asOf, from, to, department, file string
	cmd := &cobra.Command{
		Use:   "quality [--as-of DATE] [--from MONTH] [--to MONTH] [--department NAME] [--xlsx FILE]",
		Short: "How good each department's data is: 重错码率, timeliness, coverage, rejects, ranked; the quarterly notice",
		Long: `Reads the figures of a published run and puts the departments in order: coverage
of the catalogue, wrong and duplicate credit codes (the work plan asks for fewer
than 1‰), 双公示 within seven working days, refused and unattached rows, findings
answered. The definitions are a dated rule, code_quality; the report names its
version. Every figure is two integers; of nothing there is no share: —.

With --as-of it is the newest published run of that day or before. --from and
--to choose months of receipt, and the deliveries that were due in them. With
--xlsx the whole is written as the workbook of the quarterly notice (通报).`,
		Example: `  rongxin quality --as-of 2026-06-30
  rongxin quality --from 2026-04 --to 2026-06 --xlsx 2026年二季度通报.xlsx`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			period, err := months(from, to)
			if err != nil {
				return err
			}
			r, err := a.openRun(runID, asOf)
			if err != nil {
				return err
			}
			n, err := a.notice(cmd.Context(), r, period, department)
			if err != nil {
				return err
			}
			if department == "" {
				a.tellQuality(n)
			}
			if file != "" {
				if err := a.register(cmd.Context(), "quality", r.ID, "", map[string]string{"period": period.String(), "digest": n.Digest}); err != nil {
					return err
				}
				if err := workbook.WriteNotice(n, file, meanings()); err != nil {
					return err
				}
			}
			return a.finish(n, func(w io.Writer) {
				printNotice(w, n)
				if file != "" {
					fmt.Fprintf(w, "\n通报已写入 %s\n", file)
				}
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&runID, "run", "", "an earlier run (default: the published one)")
	f.StringVar(&asOf, "as-of", "", "the newest published run of this day or before")
	f.StringVar(&from, "from", "", "first month, such as 2026-04 (default: all)")
	f.StringVar(&to, "to", "", "last month")
	f.StringVar(&department, "department", "", "one department only, as in its contracts")
	f.StringVar(&file, "xlsx", "", "write the quarterly notice to this file")
	cmd.AddCommand(a.qualityRoutesCmd())
	return cmd
}

// months reads a period of months.
func months(from, to string) (workbook.Period, error) {
	for name, month := range map[string]string{"--from": from, "--to": to} {
		day, err := credit.ParseDate(month + "-01")
		if month != "" && (err != nil || !strings.HasPrefix(day.String(), month+"-")) {
			return workbook.Period{}, fmt.Errorf("%w: %s: %q is not a month such as 2026-04", errUsage, name, month)
		}
	}
	if from != "" && to != "" && to < from {
		return workbook.Period{}, fmt.Errorf("%w: --to %s is before --from %s", errUsage, to, from)
	}
	return workbook.Period{From: from, To: to}, nil
}

func (a *app) notice(ctx context.Context, r *run.Run, period workbook.Period, department string) (*workbook.Notice, error) {
	db, err := a.attach(ctx, r, workbook.NoticeTables()...)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	n, err := workbook.ReadNotice(ctx, db, period, department)
	if errors.Is(err, workbook.ErrNoDepartment) {
		err = cmp.Or(a.checkDepartment(department), fmt.Errorf("%w: --department: %w", errUsage, err))
	}
	return n, err
}

// printNotice writes the notice for people: the ranking and what stands behind it.
func printNotice(w io.Writer, n *workbook.Notice) {
	d := n.Definition
	fmt.Fprintf(w, "数据质量  截至 %s  期间 %s  run %s\n", n.AsOf, n.Period, n.RunID)
	fmt.Fprintf(w, "口径：%s 第%d版，自%s\n\n", d.Title, d.Version, d.EffectiveFrom)
	head := []string{"名次", "部门"}
	for _, m := range n.Measures {
		head = append(head, m.Title)
	}
	rows, late, missing := [][]string{head}, int64(0), 0
	for _, s := range n.Standings {
		late += s.LateDelivered
		row := []string{"—", s.Department}
		if s.Rank > 0 {
			row[0] = fmt.Sprint(s.Rank)
		}
		for _, m := range n.Measures {
			row = append(row, figureText(s, m))
		}
		rows = append(rows, row)
	}
	for _, c := range n.Coverage {
		if c.State == "missing" {
			missing++
		}
	}
	printAligned(w, rows)
	t := n.Total
	fmt.Fprintf(w, "\n合计：读取 %d 行，接收 %d，退回 %d（其中已重新接收 %d）；错码 %d，重码 %d，未挂接 %d\n", t.Read, t.Accepted, t.Rejected, t.Mended, t.WrongCodes, t.DuplicateCodes, t.Unattached)
	stock := workbook.Figure{}
	for _, v := range n.Divisions {
		f := v.Register()
		stock.Numerator, stock.Denominator = stock.Numerator+f.Numerator, stock.Denominator+f.Denominator
	}
	fmt.Fprintf(w, "重错码率：登记存量 %s（%s），报送行 %s\n", stock.Text(1000), stock.Parts(),
		workbook.Figure{Numerator: t.CodeFaults, Denominator: t.Read}.Text(1000))
	fmt.Fprintf(w, "双公示迟报 %d 条；迟报 %d 期，缺报 %d 期；%d 个数据集从未收到（--json 列出）\n", len(n.Late), late, missing, len(n.Missing))
}

// figureText is a share and, in brackets, what it is of; ▼ misses the goal.
func figureText(s workbook.Standing, m workbook.Measure) string {
	f, ok := s.Figures[m.Name]
	switch {
	case !ok && m.Numerator == "":
		return fmt.Sprint(s.GoalsMissed)
	case f.Denominator == 0:
		return f.Text(m.Per())
	}
	text := f.Text(m.Per()) + " (" + f.Parts() + ")"
	if f.Met != nil && !*f.Met {
		text += "▼"
	}
	return text
}
