package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/evaluators/effect"
	"rongxin/internal/credit"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// errTable is a table from outside that cannot be measured.
var errTable = errors.New("the table")

// effectReport is what the verb tells: the draws of a run, or an order from outside.
type effectReport struct {
	RunID  string         `json:"run_id,omitempty"`
	AsOf   string         `json:"as_of,omitempty"`
	Source string         `json:"source,omitempty"` // name of the outside table
	Draws  []effect.Tiers `json:"draws,omitempty"`
	Order  *effect.Order  `json:"order,omitempty"`
}

func (a *app) effectCmd() *cobra.Command {
	var runID, asOf, draw, table, page string
	cmd := &cobra.Command{
		Use:   "effect [--as-of DATE] [--draw ID] [--csv FILE] [--html FILE]",
		Short: "Does the tiering work? Hit rate, lift, gain and days sooner of past draws, or of any order",
		Long: `Measures the supervision classes by the results of past draws in a published run:
hit rate and lift of each class, and against the control share, which was drawn
from all alike, the area under the curve, the share of problems found in the
first half, and how many days sooner they are found than in an order by chance;
then industries and divisions against what their classes let expect. Every figure
has its interval of 95%. docs/effect.md says what each means.

With --csv it measures any other order, from a table with the columns order,
score, outcome (1 a problem, 0 none) and, where days are known, date. With --html
the report is written as a page with plots.`,
		Example: `  rongxin effect --as-of 2026-06-30 --html 分类监管成效.html
  rongxin effect --csv 历史检查.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var report effectReport
			var err error
			if table != "" {
				if runID+asOf+draw != "" {
					return fmt.Errorf("%w: --csv measures that table alone, without --run, --as-of and --draw", errUsage)
				}
				report, err = measureTable(table)
			} else {
				report, err = a.measureDraws(cmd.Context(), runID, asOf, draw)
			}
			if err != nil {
				return err
			}
			if page != "" {
				err := store.Write(page, 0o644, func(w io.Writer) error {
					return effect.WritePage(w, effect.Page{RunID: report.RunID, AsOf: report.AsOf, Source: report.Source, Draws: report.Draws, Order: report.Order})
				})
				if err != nil {
					return err
				}
			}
			return a.finish(report, report.print)
		},
	}
	f := cmd.Flags()
	f.StringVar(&runID, "run", "", "an earlier run (default: the published one)")
	f.StringVar(&asOf, "as-of", "", "the newest published run of this day or before")
	f.StringVar(&draw, "draw", "", "this draw only")
	f.StringVar(&table, "csv", "", "measure the order in this table instead")
	f.StringVar(&page, "html", "", "write the report to this file, with plots")
	return cmd
}

func measureTable(file string) (effectReport, error) {
	report := effectReport{Source: file}
	in, err := os.Open(file)
	if err != nil {
		return report, fmt.Errorf("%w: --csv: %w", errUsage, err)
	}
	defer in.Close()
	rows, err := effect.ReadCSV(in)
	if err != nil {
		return report, fmt.Errorf("%w: %s: %w", errTable, file, err)
	}
	order, err := effect.Measure("csv", rows)
	report.Order = &order
	return report, err
}

// measureDraws measures the draws of a run, in the order of their names.
func (a *app) measureDraws(ctx context.Context, runID, asOf, draw string) (effectReport, error) {
	r, err := a.openRun(runID, asOf)
	if err != nil {
		return effectReport{}, err
	}
	report := effectReport{RunID: r.ID, AsOf: r.Manifest.AsOf}
	outcomes, names, err := a.outcomes(ctx, r, draw)
	if err != nil {
		return report, err
	}
	for _, name := range names {
		tiers, err := effect.MeasureTiers(name, outcomes[name])
		if err != nil {
			return report, err
		}
		report.Draws = append(report.Draws, tiers)
	}
	if len(names) == 0 {
		return report, fmt.Errorf("no results of draws in run %s %s: %w", r.ID, draw, errNothing)
	}
	return report, nil
}

func (a *app) outcomes(ctx context.Context, r *run.Run, draw string) (outcomes map[string][]effect.Outcome, names []string, err error) {
	db, err := a.attach(ctx, r, "intermediate.inspection_results")
	if err != nil {
		return nil, nil, err
	}
	defer db.Close()
	rows, err := db.Query(ctx, `select draw_id, draw_part = 'control', draw_class, industry_section, division_code, is_problem,
			cast(inspected_on as varchar)
		from intermediate.inspection_results where draw_id is not null and (? = '' or draw_id = ?)
		order by draw_id, department, subject_id`, draw, draw)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	outcomes = map[string][]effect.Outcome{}
	for rows.Next() {
		var name, day string
		var o effect.Outcome
		if err := rows.Scan(&name, &o.Control, &o.Class, &o.Industry, &o.Division, &o.Found, &day); err != nil {
			return nil, nil, err
		}
		if o.Day, err = credit.ParseDate(day); err != nil {
			return nil, nil, fmt.Errorf("draw %s: %w", name, err)
		}
		if outcomes[name] == nil {
			names = append(names, name)
		}
		outcomes[name] = append(outcomes[name], o)
	}
	return outcomes, names, rows.Err()
}

func (r effectReport) print(w io.Writer) {
	if r.Order != nil {
		fmt.Fprintf(w, "%s\n", r.Source)
		printOrder(w, *r.Order)
	}
	for _, t := range r.Draws {
		fmt.Fprintf(w, "抽取 %s：检查 %d 户，发现问题 %d 户\n", t.Draw, t.All.Inspected, t.All.Found)
		rows := [][]string{{"监管类别", "检查", "发现问题", "问题发现率", "相对对照组"}}
		for _, c := range t.Classes {
			rows = append(rows, []string{fmt.Sprint(c.Class), fmt.Sprint(c.Inspected), fmt.Sprint(c.Found), c.Share.Percent(), c.Lift.Times()})
		}
		printAligned(w, rows)
		fmt.Fprintf(w, "对照组（不分类别随机抽取）\n")
		printOrder(w, t.Control)
		var off []string
		for _, list := range [][]effect.Calibration{t.Industries, t.Divisions} {
			for _, c := range list {
				if !c.Within {
					off = append(off, c.Name)
				}
			}
		}
		fmt.Fprintf(w, "  与类别预期不符的行业、区划：%s\n\n", either(strings.Join(off, "、"), "无"))
	}
}

func printOrder(w io.Writer, o effect.Order) {
	fmt.Fprintf(w, "  检查 %d，发现问题 %d，问题发现率 %s\n", o.Inspected, o.Found, o.Share.Percent())
	fmt.Fprintf(w, "  曲线下面积 %s\n", o.Area.Percent())
	fmt.Fprintf(w, "  前一半检查发现的问题 %s，原顺序 %s\n", o.HalfScored.Percent(), o.HalfPlain.Percent())
	fmt.Fprintf(w, "  平均提前 %s\n", o.Sooner.Days())
}

func either(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
