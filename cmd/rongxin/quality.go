package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/warehouse/run"
)

// datasetQuality is one line of marts.quality_summary.
type datasetQuality struct {
	Dataset        string `json:"dataset"`
	Department     string `json:"department"`
	Title          string `json:"title"`
	Batches        int64  `json:"batches"`
	Read           int64  `json:"rows_read"`
	Accepted       int64  `json:"rows_accepted"`
	Rejected       int64  `json:"rows_rejected"`
	WrongCodes     int64  `json:"wrong_code_rows"`
	DuplicateCodes int64  `json:"duplicate_code_rows"`
	Unattached     int64  `json:"unattached_rows"`
	Clocked        int64  `json:"clocked_rows"`
	Late           int64  `json:"late_rows"`
}

type qualityReport struct {
	RunID    string           `json:"run_id"`
	AsOf     string           `json:"as_of"`
	Datasets []datasetQuality `json:"datasets"`
	Total    datasetQuality   `json:"total"`
	Missing  []string         `json:"datasets_without_a_batch"`
}

func (a *app) qualityCmd() *cobra.Command {
	var runID, asOf string
	cmd := &cobra.Command{
		Use:   "quality [--as-of DATE]",
		Short: "How good each department's data is: rejects, wrong and duplicate codes, lateness, coverage",
		Long: `Prints numerators and denominators for each dataset from the run of the day:
rows read, accepted and rejected, rows with a wrong or a duplicate credit code
(the work plan asks for fewer than 1‰ together), rows that match no registered
subject, double-publicity rows that came after seven working days, and catalogue
datasets of which nothing has come.`,
		Example: "  rongxin quality --as-of 2026-06-30",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.openRun(runID, asOf)
			if err != nil {
				return err
			}
			report, err := a.quality(cmd.Context(), r)
			if err != nil {
				return err
			}
			return a.finish(report, report.print)
		},
	}
	cmd.Flags().StringVar(&runID, "run", "", "an earlier run (default: the published one)")
	cmd.Flags().StringVar(&asOf, "as-of", "", "the run that spoke for this day")
	return cmd
}

func (a *app) quality(ctx context.Context, r *run.Run) (qualityReport, error) {
	report := qualityReport{RunID: r.ID, AsOf: r.Manifest.AsOf, Missing: []string{}}
	db, err := a.attach(ctx, r, "marts.quality_summary")
	if err != nil {
		return report, err
	}
	defer db.Close()
	rows, err := db.Query(ctx, `select dataset, department, title, batches, rows_read, rows_accepted, rows_rejected,
		wrong_code_rows, duplicate_code_rows, unattached_rows, clocked_rows, late_rows
		from marts.quality_summary order by dataset`)
	if err != nil {
		return report, err
	}
	defer rows.Close()
	seen, t := map[string]bool{}, &report.Total
	for rows.Next() {
		var q datasetQuality
		if err := rows.Scan(&q.Dataset, &q.Department, &q.Title, &q.Batches, &q.Read, &q.Accepted, &q.Rejected,
			&q.WrongCodes, &q.DuplicateCodes, &q.Unattached, &q.Clocked, &q.Late); err != nil {
			return report, err
		}
		seen[q.Dataset] = true
		report.Datasets = append(report.Datasets, q)
		t.Batches, t.Read, t.Accepted, t.Rejected = t.Batches+q.Batches, t.Read+q.Read, t.Accepted+q.Accepted, t.Rejected+q.Rejected
		t.WrongCodes, t.DuplicateCodes = t.WrongCodes+q.WrongCodes, t.DuplicateCodes+q.DuplicateCodes
		t.Unattached, t.Clocked, t.Late = t.Unattached+q.Unattached, t.Clocked+q.Clocked, t.Late+q.Late
	}
	catalog, err := a.catalog()
	if err != nil {
		return report, err
	}
	for _, c := range catalog.All() {
		if !seen[c.Dataset] {
			report.Missing = append(report.Missing, c.Dataset)
		}
	}
	return report, rows.Err()
}

func (r qualityReport) print(w io.Writer) {
	fmt.Fprintf(w, "run %s, as of %s\n", r.RunID, r.AsOf)
	const line = "%-26s %9v %9v %8v %10v %10v %10v %7v\n"
	fmt.Fprintf(w, line, "dataset", "read", "accepted", "rejected", "wrong code", "duplicate", "unattached", "late")
	for _, q := range append(r.Datasets, r.Total) {
		name := q.Dataset
		if name == "" {
			name = "total"
		}
		fmt.Fprintf(w, line, name, q.Read, q.Accepted, q.Rejected, q.WrongCodes, q.DuplicateCodes, q.Unattached, q.Late)
	}
	t := r.Total
	fmt.Fprintf(w, "wrong and duplicate codes: %s of rows read (goal: below 1‰)\n", perMille(t.WrongCodes+t.DuplicateCodes, t.Read))
	fmt.Fprintf(w, "late: %s of the rows with a deadline (goal: none after 7 working days)\n", perMille(t.Late, t.Clocked))
	if len(r.Missing) > 0 {
		fmt.Fprintf(w, "nothing received of %d datasets of the catalogue; --json names them\n", len(r.Missing))
	}
}

// perMille writes a share in ‰ with two decimals, without floats.
func perMille(part, whole int64) string {
	if whole == 0 {
		return "0.00‰"
	}
	hundredths := (part*100_000 + whole/2) / whole
	return fmt.Sprintf("%d.%02d‰", hundredths/100, hundredths%100)
}
