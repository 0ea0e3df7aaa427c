package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"rongxin/evaluators/draw"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/store"
)

// drawReport is what anyone needs to draw again by hand.
type drawReport struct {
	RunID        string      `json:"run_id"`
	Department   string      `json:"department"`
	Scheme       string      `json:"scheme"`
	RosterDigest string      `json:"roster_digest"`
	Candidates   int         `json:"candidates"`
	Drawn        int         `json:"drawn"`
	File         string      `json:"file"`
	Result       draw.Result `json:"-"`
}

func (a *app) drawCmd() *cobra.Command {
	var runID, department, division, scheme, seed, dir string
	cmd := &cobra.Command{
		Use:   "draw --department NAME --seed TEXT",
		Short: "Draw subjects for inspection from a published list, so that anyone can draw them again",
		Long: `Takes the candidates of a department's list, sets quotas by supervision class and
division from the list's check ratios, and draws without replacement. The order
comes from SHA-256 over the seed, the digest of the roster and the code of each
subject: the same three give the same draw on any machine. Choose the seed where
others can see it (dice, a published index), never before the roster is fixed:
without --seed the verb only writes the roster and prints its digest, to be made
public first. A seed has at least 16 characters.`,
		Example: `  rongxin draw --department 市市场监督管理局
  rongxin draw --department 市市场监督管理局 --seed 2026-07-01-沪深300-3921.07`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := a.draw(cmd.Context(), runID, department, division, scheme, seed, dir)
			if err != nil {
				return err
			}
			return a.finish(report, report.print)
		},
	}
	f := cmd.Flags()
	f.StringVar(&runID, "run", "", "an earlier run (default: the published one)")
	f.StringVar(&department, "department", "", "whose list to draw from")
	f.StringVar(&division, "division", "", "only this division, such as 350102")
	f.StringVar(&scheme, "scheme", "", "only this scheme, where the department has several")
	f.StringVar(&seed, "seed", "", "the public seed; without it only the roster's digest is printed")
	f.StringVar(&dir, "out", "draws", "folder for the drawn list")
	must(cmd.MarkFlagRequired("department"))
	return cmd
}

func (a *app) draw(ctx context.Context, runID, department, division, scheme, seed, dir string) (drawReport, error) {
	report := drawReport{Department: department, Scheme: scheme}
	r, err := a.openRun(runID, "")
	if err != nil {
		return report, err
	}
	report.RunID = r.ID
	db, err := a.attach(ctx, r, "lists.supervision")
	if err != nil {
		return report, err
	}
	defer db.Close()
	candidates, err := candidates(ctx, db, department, division, scheme)
	if err != nil {
		return report, err
	}
	if len(candidates) == 0 {
		return report, fmt.Errorf("no candidates for %s %s %s in run %s: %w", department, scheme, division, r.ID, errNothing)
	}
	roster, err := draw.Plan(candidates)
	if err != nil {
		return report, err
	}
	report.RosterDigest, report.Candidates = roster.Digest(), len(candidates)
	base := filepath.Join(dir, report.RosterDigest[:12])
	report.File = base + ".roster.txt"
	if err := store.Write(report.File, 0o644, roster.WriteText); err != nil {
		return report, err
	}
	detail := map[string]string{"department": department, "division": division, "scheme": scheme, "roster": report.RosterDigest, "seed": seed}
	if seed == "" {
		return report, a.register(ctx, "draw.commit", r.ID, "", detail)
	}
	if report.Result, err = draw.Draw(roster, seed); err != nil {
		return report, fmt.Errorf("%w: %w", errUsage, err)
	}
	report.Drawn = len(report.Result.Drawn)
	if err := a.register(ctx, "draw", r.ID, "", detail); err != nil {
		return report, err
	}
	report.File = base + ".csv"
	if err := store.Write(base+".json", 0o644, func(w io.Writer) error { return json.NewEncoder(w).Encode(report.Result) }); err != nil {
		return report, err
	}
	return report, store.Write(report.File, 0o644, report.writeCSV)
}

func candidates(ctx context.Context, db *engine.DB, department, division, scheme string) ([]draw.Candidate, error) {
	rows, err := db.Query(ctx, `
		select subject_id, subject_name, division_code, supervision_class, check_ratio_bp, max_checks
		from lists.supervision
		where change <> 'left' and department = ? and (? = '' or division_code = ?) and (? = '' or scheme = ?)
		order by subject_id`, department, division, division, scheme, scheme)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []draw.Candidate
	for rows.Next() {
		var c draw.Candidate
		if err := rows.Scan(&c.SubjectID, &c.SubjectName, &c.DivisionCode, &c.Class, &c.RatioBP, &c.MaxChecks); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

func (r drawReport) writeCSV(w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // so that spreadsheets read it as UTF-8
		return err
	}
	out := csv.NewWriter(w)
	rows := [][]string{{"序号", "统一社会信用代码", "企业名称", "区划代码", "监管类别"}}
	for i, d := range r.Result.Drawn {
		rows = append(rows, []string{strconv.Itoa(i + 1), d.SubjectID, d.SubjectName, d.DivisionCode, strconv.Itoa(d.Class)})
	}
	return out.WriteAll(rows)
}

func (r drawReport) print(w io.Writer) {
	fmt.Fprintf(w, "run %s, %s: %d candidates\nroster digest %s\n", r.RunID, r.Department, r.Candidates, r.RosterDigest)
	if r.Drawn == 0 {
		fmt.Fprintf(w, "roster: %s\npublish both, let the seed come from outside, then draw with --seed\n", r.File)
		return
	}
	fmt.Fprintf(w, "%d drawn: %s\n", r.Drawn, r.File)
}
