package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/dossier"
	"rongxin/internal/credit"
	"rongxin/pipelines/ingest"
	"rongxin/pipelines/workbook"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

func (a *app) drawFormCmd() *cobra.Command {
	var department, file string
	cmd := &cobra.Command{
		Use:   "form DIR --out FILE.xlsx",
		Short: "Write the workbook in which inspectors fill in what they found",
		Long: `Gives out who was drawn, locked and held by a row check, with result codes to
choose from. Filled in, also in part, it lands as inspection/returned_results: a
row that is not filled in waits, one whose locked cells changed is refused.`,
		Example: "  rongxin draw form draws/2026-06-30-0123456789ab --out 抽查结果回传表.xlsx",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := a.writeForm(cmd.Context(), args[0], department, file)
			if err != nil {
				return err
			}
			return a.finish(map[string]any{"file": file, "objects": n}, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %d objects to inspect; filled in: rongxin land inspection/returned_results %s\n", file, n, file)
			})
		},
	}
	cmd.Flags().StringVar(&department, "department", "", "who inspects, in a joint inspection (default: whose draw it is)")
	cmd.Flags().StringVar(&file, "out", "", "the workbook to write")
	must(cmd.MarkFlagRequired("out"))
	return cmd
}

func (a *app) writeForm(ctx context.Context, dir, department, file string) (int, error) {
	report, err := a.verifyDraw(ctx, dir, "", false)
	if err != nil {
		return 0, err
	}
	if report.Drawn == 0 {
		return 0, fmt.Errorf("draw %s: nothing is drawn yet: %w", report.DrawID, errNothing)
	}
	r, err := run.Open(a.cfg.Home, report.Plan.RunID)
	if err != nil {
		return 0, err
	}
	day, err := credit.ParseDate(report.Plan.AsOf)
	if err != nil {
		return 0, err
	}
	in, err := os.Open(filepath.Join(dir, dossier.DrawnFile))
	if err != nil {
		return 0, err
	}
	defer in.Close()
	parts := map[string]string{draw.ControlPart: "对照抽取", draw.StratumPart: "分类抽取"}
	var objects []workbook.DrawnObject
	for d, err := range draw.DrawnTable.Read(in) {
		if err != nil {
			return 0, err
		}
		objects = append(objects, workbook.DrawnObject{Part: parts[d.Part], ID: d.SubjectID, Name: d.SubjectName,
			Class: d.Class, Industry: d.Industry, DivisionID: d.Division})
	}
	db, err := a.attach(ctx, r, "rules.inspection_results")
	if err != nil {
		return 0, err
	}
	defer db.Close()
	return len(objects), workbook.WriteDrawForm(ctx, db, file, report.DrawID, either(department, report.Plan.Department), day, objects)
}

// publicationStates are those of marts.inspection_publication, as people read them.
var publicationStates = map[string]string{"open": "待公示", "overdue": "逾期未公示", "on_time": "按期公示", "late": "逾期公示", "unknown": "期限无法计算"}

// drawResult is one result with its clock.
type drawResult struct {
	Assignment  string  `json:"assignment_id"`
	Department  string  `json:"department"`
	SubjectID   string  `json:"subject_id"`
	SubjectName string  `json:"subject_name"`
	InspectedOn string  `json:"inspected_on"`
	ResultCodes string  `json:"result_codes"`
	Result      string  `json:"result"`
	DueOn       *string `json:"due_on"`
	PublishedOn *string `json:"published_on"`
	DaysLeft    *int64  `json:"days_left"` // working days; below 0: too late
	State       string  `json:"state"`
}

const publicationsDataset = "inspection/publications"

func (a *app) drawResultsCmd() *cobra.Command {
	var draw, file, received string
	cmd := &cobra.Command{
		Use:   "results [--draw ID] [--publish FILE.csv]",
		Short: "What came back from draws and lists, and how long is left to publish it",
		Long: `Lists the results that the published run knows and that are not public yet, with
the last day of the working days that the inspection plan allows (20).

With --publish their public part is written as CSV for the website, with the day:
who, when, by whom, and the meaning of the result codes, no text of an inspector's.
The file is entered in the audit chain and landed as inspection/publications, so
that the next run knows them as published.`,
		Example: `  rongxin draw results
  rongxin draw results --publish 抽查结果公示.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			at, err := a.receivedAt(received)
			if err != nil {
				return err
			}
			r, err := a.openRun("", "")
			if err != nil {
				return err
			}
			list, err := a.unpublished(ctx, r, draw)
			if err != nil {
				return err
			}
			if file == "" {
				return a.finish(map[string]any{"run_id": r.ID, "results": list}, func(w io.Writer) { printResults(w, list) })
			}
			if len(list) == 0 {
				return fmt.Errorf("every result of run %s is published: %w", r.ID, errNothing)
			}
			day := credit.DateOf(at)
			if err := store.Write(file, 0o644, func(w io.Writer) error { return writePublication(w, list, day) }); err != nil {
				return err
			}
			if err := a.register(ctx, "draw.results.publish", r.ID, draw, map[string]any{"file": filepath.Base(file), "rows": len(list), "day": day}); err != nil {
				return err
			}
			return a.landDecisions(cmd, ingest.Request{Dataset: publicationsDataset, File: file, ReceivedAt: at})
		},
	}
	f := cmd.Flags()
	f.StringVar(&draw, "draw", "", "of this draw or list only")
	f.StringVar(&file, "publish", "", "write the public part to this file and land it as published")
	f.StringVar(&received, "received", "", "the day of publication (default: now)")
	return cmd
}

func (a *app) unpublished(ctx context.Context, r *run.Run, draw string) (list []drawResult, err error) {
	db, err := a.attach(ctx, r, "marts.inspection_publication", "rules.inspection_results")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.Query(ctx, `select p.assignment_id, p.department, p.subject_id, p.subject_name, cast(p.inspected_on as varchar), p.result_codes,
			(select string_agg(meaning, '；' order by length(result_code), result_code) from rules.inspection_results
				where position(';' || result_code || ';' in ';' || p.result_codes || ';') > 0),
			cast(p.due_on as varchar), cast(p.published_on as varchar), p.days_left, p.state
		from marts.inspection_publication as p where p.published_on is null and (? = '' or p.assignment_id = ?)
		order by p.due_on nulls last, p.assignment_id, p.department, p.subject_id`, draw, draw)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list = []drawResult{}
	for rows.Next() {
		var d drawResult
		if err := rows.Scan(&d.Assignment, &d.Department, &d.SubjectID, &d.SubjectName, &d.InspectedOn, &d.ResultCodes, &d.Result,
			&d.DueOn, &d.PublishedOn, &d.DaysLeft, &d.State); err != nil {
			return nil, err
		}
		if publicationStates[d.State] == "" {
			return nil, fmt.Errorf("marts.inspection_publication: state %q is not known", d.State)
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

func writePublication(w io.Writer, list []drawResult, day credit.Date) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	err := out.Write([]string{"抽取或名单编号", "检查部门", "统一社会信用代码", "企业名称", "检查日期", "检查结果", "公示日期"})
	for _, d := range list {
		err = errors.Join(err, out.Write([]string{d.Assignment, d.Department, d.SubjectID, workbook.Neutral(d.SubjectName), d.InspectedOn, d.Result, day.String()}))
	}
	out.Flush()
	return errors.Join(err, out.Error())
}

// printResults shows each result that waits, the most pressing first.
func printResults(w io.Writer, list []drawResult) {
	late := 0
	rows := [][]string{{"状态", "公示期限", "剩余工作日", "抽取或名单", "企业", "检查日期", "结果"}}
	for _, d := range list {
		due, left := "—", "—"
		if d.DueOn != nil {
			due, left = *d.DueOn, fmt.Sprint(*d.DaysLeft)
		}
		if d.State == "overdue" {
			late++
		}
		rows = append(rows, []string{publicationStates[d.State], due, left, d.Assignment, d.SubjectName, d.InspectedOn, strings.TrimSpace(d.Result)})
	}
	if len(list) > 0 {
		printAligned(w, rows)
	}
	fmt.Fprintf(w, "未公示 %d 条，其中逾期 %d 条\n", len(list), late)
}
