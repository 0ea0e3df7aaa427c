package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"rongxin/pipelines/payload"
)

// routesReport is what quality routes prints.
type routesReport struct {
	Run         string               `json:"run"`
	Counts      map[string]int       `json:"counts"` // by difference
	Differences []payload.Difference `json:"differences"`
}

// shownDifferences is how many a terminal shows; --csv and --json have all.
const shownDifferences = 30

func (a *app) qualityRoutesCmd() *cobra.Command {
	var runID, asOf, department, file string
	cmd := &cobra.Command{
		Use:   "routes",
		Short: "Penalties that 双公示 and 互联网+监管 tell differently: amount, unit, date, document number, authority",
		Long: `One penalty comes by two routes, and is one by enterprise, document number in
whatever spelling, and authority. This lists where the two differ, with both values
and what to do, and what came by one route alone although the authority reports by
both. Which of the two is right the decision says: nothing is changed here.`,
		Example: `  rongxin quality routes
  rongxin quality routes --csv 两个渠道差异.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.openRun(runID, asOf)
			if err != nil {
				return err
			}
			db, err := a.attach(cmd.Context(), r, payload.RoutesTable)
			if err != nil {
				return err
			}
			defer db.Close()
			all, err := payload.ReadDifferences(cmd.Context(), db)
			if err != nil {
				return err
			}
			report := routesReport{Run: r.ID, Counts: map[string]int{}, Differences: []payload.Difference{}}
			for _, d := range all {
				if department == "" || d.Authority == department {
					report.Counts[d.Kind]++
					report.Differences = append(report.Differences, d)
				}
			}
			if err := a.register(cmd.Context(), "quality", r.ID, "", map[string]string{"routes": fmt.Sprint(len(report.Differences))}); err != nil {
				return err
			}
			if file != "" {
				if err := writeDifferences(file, report.Differences); err != nil {
					return err
				}
			}
			return a.finish(report, report.print)
		},
	}
	f := cmd.Flags()
	f.StringVar(&runID, "run", "", "an earlier run (default: the published one)")
	f.StringVar(&asOf, "as-of", "", "the newest published run of this day or before")
	f.StringVar(&department, "department", "", "one authority only, as it signs its decisions")
	f.StringVar(&file, "csv", "", "write all of them to this new file")
	return cmd
}

func (r routesReport) print(w io.Writer) {
	fmt.Fprintf(w, "两个渠道的行政处罚  run %s\n\n", r.Run)
	counted := map[string]bool{}
	rows := [][]string{{"差异", "条数", "怎么办"}}
	for _, d := range r.Differences {
		if !counted[d.Kind] {
			counted[d.Kind] = true
			title, mend := d.Chinese()
			rows = append(rows, []string{title, fmt.Sprint(r.Counts[d.Kind]), mend})
		}
	}
	printAligned(w, rows)
	if len(r.Differences) == 0 {
		fmt.Fprintln(w, "（没有差异）")
		return
	}
	fmt.Fprintln(w)
	rows = [][]string{{"处罚机关", "文书号", "差异", "双公示", "互联网+监管", "主体"}}
	for i, d := range r.Differences {
		if i == shownDifferences {
			break
		}
		title, _ := d.Chinese()
		rows = append(rows, []string{d.Authority, d.DocumentNo, title, d.Publicity, d.Supervision, d.SubjectID + " " + d.SubjectName})
	}
	printAligned(w, rows)
	if more := len(r.Differences) - shownDifferences; more > 0 {
		fmt.Fprintf(w, "（另有 %d 条，--csv 写出全部）\n", more)
	}
}

func writeDifferences(file string, list []payload.Difference) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	rows := [][]string{{"处罚机关", "文书号", "差异", "双公示", "互联网+监管", "主体代码", "主体名称", "怎么办", "双公示记录", "互联网+监管记录"}}
	for _, d := range list {
		title, mend := d.Chinese()
		rows = append(rows, []string{d.Authority, d.DocumentNo, title, d.Publicity, d.Supervision, d.SubjectID, d.SubjectName, mend, d.RecordID, d.ActionID})
	}
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
