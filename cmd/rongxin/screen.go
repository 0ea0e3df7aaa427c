package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/pipelines/ingest"
	"rongxin/pipelines/screening"
	"rongxin/pipelines/workbook"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/ops"
	"rongxin/warehouse/run"
	"rongxin/warehouse/secret"
	"rongxin/warehouse/store"
)

// screenReport is what the verb tells of a comparison.
type screenReport struct {
	No         string              `json:"screening_no"`
	RunID      string              `json:"run_id"`
	AsOf       string              `json:"as_of"`
	Department string              `json:"department"`
	Purpose    string              `json:"purpose"`
	Rows       landing.Rows        `json:"rows"` // accepted were compared
	Hits       []screening.Hit     `json:"hits"`
	Refused    []screening.Refused `json:"refused"`
	File       string              `json:"file,omitempty"`
	Note       string              `json:"note"`
}

func (a *app) screenCmd() *cobra.Command {
	var department, out string
	cmd := &cobra.Command{
		Use:   "screen FILE --department NAME --purpose WHY [--out FILE.xlsx]",
		Short: "Compare a department's list of parties with the severe lists in force: prompts, never refusals",
		Long: `FILE is the department's list, CSV or XLSX, with the columns 统一社会信用代码, 名称
and 业务. Each credit code is looked for on the lists of 严重失信主体 that the published
run has in force; a name never makes a hit. A hit is a prompt to the official in
charge: list, document, term, the law it rests on, and the measures of the catalogue
that may be considered. Nothing is refused by it, and the list is not kept.

--out writes a workbook with the hits, the sheet 比对反馈表 to be filled in, and the rows
that could not be compared; or the hits alone as CSV. Every comparison and every hit
is noted, with who asked, for which department and why.`,
		Example: `  rongxin screen 投标人名单.csv --department 市财政局 --purpose 政府采购资格审查 --out 比对结果.xlsx
  rongxin screen feedback 比对结果.xlsx
  rongxin screen ledger`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if ext := strings.ToLower(filepath.Ext(out)); out != "" && ext != ".xlsx" && ext != ".csv" {
				return fmt.Errorf("%w: --out: %s is neither .xlsx nor .csv", errUsage, out)
			}
			r, err := a.openRun("", "")
			if err != nil {
				return err
			}
			report, err := a.screen(cmd.Context(), r, args[0], department)
			if refusal := new(ingest.Refusal); errors.As(err, &refusal) {
				return a.finishLanding(cmd, []landed{describeLanded(args[0], ingest.Result{}, err)}, err)
			}
			if err != nil {
				return err
			}
			if out != "" {
				report.File = out
				if err := writeScreening(out, r, report); err != nil {
					return err
				}
			}
			return a.finish(report, report.print)
		},
	}
	f := cmd.Flags()
	f.StringVar(&department, "department", "", "the department that asks")
	f.StringVar(&out, "out", "", "write the hits to this file, .xlsx or .csv")
	a.purposeFlag(cmd)
	must(cmd.MarkFlagRequired("department"))
	must(cmd.MarkFlagRequired("purpose"))
	cmd.AddCommand(a.screenFeedbackCmd(), a.screenLedgerCmd())
	return cmd
}

// screen reads the list, compares it, and notes question and hits before it
// gives them out.
func (a *app) screen(ctx context.Context, r *run.Run, file, department string) (report screenReport, err error) {
	scratch, err := os.MkdirTemp("", "rongxin-screen-")
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	batch, dir, err := a.readParties(ctx, scratch, file)
	if err != nil {
		return report, err
	}
	db, err := a.attach(ctx, r, screening.Tables()...)
	if err != nil {
		return report, err
	}
	defer db.Close()
	q := screening.Question{Run: r.ID, AsOf: r.Manifest.AsOf, Department: department, Purpose: a.purpose, SHA256: batch.Extract.SHA256}
	report = screenReport{No: q.Number(), RunID: r.ID, AsOf: q.AsOf, Department: department, Purpose: a.purpose, Rows: batch.Rows, Note: workbook.ScreenPrompt}
	if report.Hits, err = screening.Match(ctx, db, dir, report.No); err != nil {
		return report, err
	}
	if report.Refused, err = screening.NotCompared(ctx, db, dir); err != nil {
		return report, err
	}
	detail := map[string]any{"screening_no": report.No, "department": department, "file_sha256": q.SHA256, "parties": batch.Rows.Accepted,
		"refused": batch.Rows.Rejected, "hits": len(report.Hits)}
	if err := a.register(ctx, "screen", r.ID, "", detail); err != nil {
		return report, err
	}
	return report, a.noteScreening(ctx, report, q)
}

// readParties lands the list by its contract in a home of its own, which goes
// away with the comparison.
func (a *app) readParties(ctx context.Context, scratch, file string) (landing.Batch, string, error) {
	c, err := screening.Parties(file)
	if err != nil {
		return landing.Batch{}, "", err
	}
	home := filepath.Join(scratch, "home")
	lander, _, err := a.landerOf(home, secret.NewRing(home+".keys"))
	if err != nil {
		return landing.Batch{}, "", err
	}
	result, err := lander.Land(ctx, ingest.Request{Contract: c, File: file, ReceivedAt: a.now()})
	return result.Batch, landing.Dir(home, result.Batch.Dataset, result.Batch.ID), err
}

func (a *app) noteScreening(ctx context.Context, report screenReport, q screening.Question) error {
	n := ops.Screening{No: report.No, At: a.now(), Actor: a.cfg.Actor, Department: credit.MaskPersonal(q.Department), Purpose: credit.MaskPersonal(q.Purpose),
		Run: q.Run, SHA256: q.SHA256, Parties: report.Rows.Accepted, Refused: report.Rows.Rejected}
	for _, h := range report.Hits {
		n.Hits = append(n.Hits, ops.ScreeningHit{No: h.No, SubjectID: h.SubjectID, List: h.List, DocumentNo: h.DocumentNo})
	}
	s, err := a.ops(ctx)
	if err != nil {
		return err
	}
	return errors.Join(s.AddScreening(ctx, n), s.Close())
}

func writeScreening(file string, r *run.Run, report screenReport) error {
	day, err := credit.ParseDate(report.AsOf)
	if err != nil {
		return err
	}
	s := workbook.Screening{No: report.No, Department: report.Department, Purpose: report.Purpose, Run: report.RunID, RuleSet: r.Manifest.RuleSet,
		AsOf: day, Parties: report.Rows.Accepted, Refused: report.Rows.Rejected}
	for _, h := range report.Hits {
		s.Hits = append(s.Hits, workbook.ScreenHit{No: h.No, Line: strconv.FormatInt(h.Line, 10), Business: h.Business, ID: h.SubjectID,
			Name: h.SubjectName, Registered: h.RegisteredName, List: h.List, DocumentNo: h.DocumentNo, Authority: h.Authority,
			From: h.ListedOn, To: h.Until, Basis: h.Basis, Objection: h.Objection, Measures: measureWords(h)})
	}
	for _, row := range report.Refused {
		s.Rows = append(s.Rows, workbook.ScreenRefused{Line: row.Line, Field: row.Field, Detail: row.Detail, Original: row.Original})
	}
	if strings.EqualFold(filepath.Ext(file), ".csv") {
		return store.Write(file, 0o644, func(w io.Writer) error { return workbook.WriteScreeningCSV(w, s) })
	}
	return workbook.WriteScreening(file, s)
}

func measureWords(h screening.Hit) (words []string) {
	for _, m := range h.Measures {
		words = append(words, fmt.Sprintf("%s %s（%s；%s）", m.ID, m.Title, m.By, m.Basis))
	}
	return words
}

func (r screenReport) print(w io.Writer) {
	for _, h := range r.Hits {
		until := "移出前"
		if h.Until != "" {
			until = h.Until
		}
		fmt.Fprintf(w, "第 %d 行 %s %s\n  在列 %s：%s（%s），%s 至 %s，依据 %s\n", h.Line, h.SubjectID, h.SubjectName, h.List, h.DocumentNo, h.Authority, h.ListedOn, until, h.Basis)
		if h.Objection != "" {
			fmt.Fprintf(w, "  异议处理中：%s\n", h.Objection)
		}
		for _, m := range measureWords(h) {
			fmt.Fprintf(w, "  可考虑 %s\n", m)
		}
	}
	for _, row := range r.Refused {
		fmt.Fprintf(w, "第 %d 行未比对：%s %s\n", row.Line, row.Field, row.Detail)
	}
	fmt.Fprintf(w, "比对 %s（数据截止 %s）：%d 行，比对 %d 行，未比对 %d 行，命中 %d 条\n%s\n",
		r.No, r.AsOf, r.Rows.Read, r.Rows.Accepted, r.Rows.Rejected, len(r.Hits), workbook.ScreenPrompt)
	if r.File != "" {
		fmt.Fprintf(w, "%s\n", r.File)
	}
}
