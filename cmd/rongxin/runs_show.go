package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/warehouse/run"
)

// runStanding is what a run is made of.
type runStanding struct {
	runLine
	Engine      string           `json:"engine"`
	Batches     int              `json:"batches"`
	RowsRead    int64            `json:"rows_read"`
	Accepted    int64            `json:"rows_accepted"`
	Rejected    int64            `json:"rows_rejected"`
	Rows        int64            `json:"rows"` // of all tables
	Touched     int              `json:"tables_of_touched_subjects"`
	Files       int              `json:"files"`
	Checks      map[string]int   `json:"checks"` // passed, warnings
	Warnings    []run.CheckEntry `json:"warnings"`
	Rules       []run.Source     `json:"rules"`
	PublishedBy string           `json:"published_by,omitempty"`
	Entry       int64            `json:"journal_entry,omitempty"`
}

func (a *app) runsShowCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "show RUN",
		Short:   "What a run was made of, by which rules, what its checks found, and who published it",
		Example: "  rongxin runs show CURRENT",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := a.anyRun(args[0])
			if err != nil {
				return err
			}
			lines, err := a.runLines(cmd.Context(), credit.DateOf(a.now()))
			if err != nil {
				return err
			}
			all, err := a.publications(cmd.Context())
			if err != nil {
				return err
			}
			report := reportOf(r, all[r.ID])
			for _, l := range lines {
				if l.RunID == r.ID {
					report.runLine = l
				}
			}
			return a.finish(report, report.print)
		},
	}
}

func reportOf(r *run.Run, p publishing) runStanding {
	m := r.Manifest
	report := runStanding{Engine: m.Engine, Batches: len(m.Batches), Files: len(m.Files), Checks: map[string]int{"passed": 0, "warnings": 0},
		Warnings: []run.CheckEntry{}, Rules: []run.Source{}, PublishedBy: p.By, Entry: p.Seq}
	for _, b := range m.Batches {
		report.RowsRead += b.Rows.Read
		report.Accepted += b.Rows.Accepted
		report.Rejected += b.Rows.Rejected
	}
	for _, t := range m.Tables {
		report.Rows += t.Rows
		if t.Made.Touched != nil {
			report.Touched++
		}
	}
	for _, c := range m.Checks {
		if c.OK {
			report.Checks["passed"]++
			continue
		}
		report.Checks["warnings"]++ // a run with a failed check is never finished
		report.Warnings = append(report.Warnings, c)
	}
	for _, s := range m.Sources {
		if s.Rule != "" {
			report.Rules = append(report.Rules, s)
		}
	}
	return report
}

func (r runStanding) print(w io.Writer) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-16s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("run", "%s, for %s: %s", r.RunID, r.AsOf, r.State)
	line("made on", "%s by %s, rule set %s", r.MadeOn, r.Engine, r.RuleSet)
	if r.PublishedAt != "" {
		line("published", "%s by %s, journal entry %d", r.PublishedAt, r.PublishedBy, r.Entry)
	}
	line("run before", "%s", either(r.Previous, "none"))
	line("kept", "%s %s", either(r.KeptUntil, "always"), r.KeptBy)
	line("from", "%d batches: %d rows read, %d accepted, %d rejected", r.Batches, r.RowsRead, r.Accepted, r.Rejected)
	line("tables", "%d with %d rows, %d of them for touched subjects only; %.1f MB of its own", r.Tables, r.Rows, r.Touched, float64(r.OwnBytes)/1e6)
	line("files", "%d for people", r.Files)
	line("checks", "%d passed, %d warnings", r.Checks["passed"], r.Checks["warnings"])
	for _, c := range r.Warnings {
		line("", "%s: %s: %s", c.Table, c.Check, c.Detail)
	}
	for _, s := range r.Rules {
		line("rule", "%s 第 %d 版 %s", s.Title, s.Version, s.File)
	}
}
