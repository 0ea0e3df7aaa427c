package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/pipelines/payload"
	"rongxin/pipelines/publish"
)

func (a *app) reconcileCmd() *cobra.Command {
	var out string
	var adopt, history bool
	var shown int
	var reports []publish.Report // of each receiver
	cmd := a.deliveryCmd(&cobra.Command{
		Use:   "reconcile",
		Short: "Compare what was published, sent and acknowledged with what a receiver holds, down to the differing keys",
		Long: `Compares, table by table, the published run with what was sent, what the receiver
acknowledged and processed, and what it says it holds, by count and digest; of
the tables that differ, every key with its cause and its mend. --out writes the
break list for the receiver, as a workbook or CSV. What was found is kept:
--history tells what earlier reconciliations found.

--adopt believes the receiver: where the cause says so, what it holds counts as
acknowledged, batches without an answer are given up, and the next publication
puts it right. It is the way back after the operations store was lost or an older
copy of it was put in its place.

Exit code 0: equal, or different only where somebody decided so. 75: different
only where an answer is still to come. 65: different.`,
		Example: `  rongxin reconcile --to http://127.0.0.1:8085
  rongxin reconcile --out 差异清单.xlsx
  rongxin reconcile --adopt --reason 平台恢复了旧备份`,
	}, func(ctx context.Context, d *delivery, info publish.RunInfo) error {
		reconcile := d.publisher.Reconcile
		if adopt {
			if err := a.register(ctx, "reconcile.adopt", d.run.ID, "", map[string]string{"receiver": d.receiver.Name}); err != nil {
				return err
			}
			reconcile = d.publisher.Adopt
		}
		report, err := reconcile(ctx, info, d.source)
		if err != nil {
			return err
		}
		if report.Removals, err = d.removals(ctx); err != nil {
			return err
		}
		a.tellReconciliation(report)
		reports = append(reports, report)
		report.Breaks = report.Breaks[:min(len(report.Breaks), breaksPrinted)]
		if err := a.finish(report, func(w io.Writer) { printReconciliation(w, report, shown) }); err != nil {
			return err
		}
		return verdictOf(report)
	})
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "write the break list to this file, .xlsx or .csv")
	f.BoolVar(&adopt, "adopt", false, "believe what the receiver holds where the cause says so")
	f.StringVar(&a.purpose, "reason", "", "why, with --adopt; it stands in the journal")
	f.BoolVar(&history, "history", false, "tell what earlier reconciliations found")
	f.IntVar(&shown, "show", 20, "differing keys to print, or lines of the history")
	compare := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case adopt && a.purpose == "":
			return fmt.Errorf("%w: --adopt asks for --reason: who reads the journal wants to know why", errUsage)
		case a.purpose != "" && !adopt:
			return fmt.Errorf("%w: --reason goes with --adopt", errUsage)
		case history:
			return a.reconcileHistory(cmd.Context(), cmd.Flag("to").Value.String(), shown)
		}
		if err := checkBreaksFile(out); err != nil {
			return err
		}
		err := compare(cmd, args)
		if out != "" && len(reports) > 0 {
			err = errors.Join(err, writeBreaks(out, reports))
		}
		return err
	}
	return cmd
}

// Of the differing keys a file names so many, and the JSON line so many.
const breaksListed, breaksPrinted = 100_000, 1000

// removals measures how long the receiver went on holding what counts no more.
func (d *delivery) removals(ctx context.Context) (*publish.Removals, error) {
	if err := d.run.Attach(ctx, d.db, payload.StoppedTables()...); err != nil {
		return nil, err
	}
	return d.publisher.Removals(ctx, func(ctx context.Context, yield func(publish.Stop) error) error {
		return payload.ReadStopped(ctx, d.db, func(s payload.Stopped) error {
			return yield(publish.Stop{Key: s.Record, Since: max(s.Effective, s.Known)})
		})
	})
}

// verdictOf is the error of a reconciliation that is not equal.
func verdictOf(r publish.Report) error {
	left := r.Differ - r.Decided
	switch {
	case r.Equal || left == 0 && !r.Unexplained():
		return nil
	case left > 0 && left == r.Pending:
		return fmt.Errorf("%d keys of %s wait for an answer: %w", left, r.Receiver, publish.ErrTemporary)
	}
	return fmt.Errorf("what %s holds %w from the run at %d keys", r.Receiver, errDiffers, left)
}

func printReconciliation(w io.Writer, r publish.Report, shown int) {
	rows := [][]string{{"table", "published", "sent", "acknowledged", "processed", "received", ""}}
	for _, t := range r.Tables {
		verdict := "equal"
		if !t.Equal {
			verdict = fmt.Sprintf("%d keys differ", t.Differ)
		}
		if t.Unexplained {
			verdict = "the totals differ, no key does"
		}
		if t.ByFeedback {
			verdict += ", by feedback"
		}
		rows = append(rows, []string{t.Table, fmt.Sprint(t.Published.Count), fmt.Sprint(t.Sent.Count), fmt.Sprint(t.Acknowledged.Count),
			fmt.Sprint(t.Processed.Count), fmt.Sprint(t.Received.Count), verdict})
	}
	fmt.Fprintf(w, "%s, run %s\n", r.Receiver, r.Run)
	printAligned(w, rows)
	printRemovals(w, r.Removals)
	if r.Equal {
		fmt.Fprintln(w, "equal 一致")
		return
	}
	if r.GivenUp > 0 {
		fmt.Fprintf(w, "%d batches without an answer were given up 未获答复的 %d 个批次不再发送\n", r.GivenUp, r.GivenUp)
	}
	if r.Adopted > 0 {
		fmt.Fprintf(w, "%d keys count as the receiver holds them: publish again 已按接收方所持登记 %d 条，请再推送\n", r.Adopted, r.Adopted)
	}
	for _, cause := range causesInOrder(r.Causes) {
		m, _ := cause.Meaning()
		fmt.Fprintf(w, "%6d  %s %s: %s\n", r.Causes[cause], m.Title, cause, m.Explained)
	}
	for i, b := range r.Breaks {
		if i == shown {
			fmt.Fprintf(w, "  … %d more; --out writes all of them\n", r.Differ-shown)
			return
		}
		fmt.Fprintf(w, "  %s/%s %s: %s\n      %s\n", b.Table, b.Key, b.Title, b.Mend, b.MendEnglish)
	}
}

// printRemovals tells how long the receiver went on holding what counts no more.
func printRemovals(w io.Writer, r *publish.Removals) {
	switch {
	case r == nil:
	case r.Unknown != "":
		fmt.Fprintf(w, "removals: unknown: %s\n", r.Unknown)
	case r.Removed+r.Waiting > 0:
		fmt.Fprintf(w, "records that count no more 停止公示的记录: %d removed 已撤除, %d not yet 未撤除, %d late 超过一个工作日; hours on working days: median %.1f, longest %.1f\n",
			r.Removed, r.Waiting, r.Late, r.Median, r.Longest)
	}
}

// reconcileHistory tells what earlier reconciliations found, with one receiver or
// all.
func (a *app) reconcileHistory(ctx context.Context, to string, shown int) error {
	if strings.Contains(to, "://") {
		to = a.cfg.PlatformName
	}
	store, err := a.ops(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	found, err := store.Reconciliations(ctx, to, shown)
	if err != nil {
		return err
	}
	lines := make([]historyLine, len(found))
	for i, r := range found {
		lines[i] = historyOf(r)
	}
	return a.finish(map[string]any{"reconciliations": lines}, func(w io.Writer) { printHistory(w, lines) })
}
