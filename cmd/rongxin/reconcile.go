package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/pipelines/publish"
)

func (a *app) reconcileCmd() *cobra.Command {
	return a.deliveryCmd(&cobra.Command{
		Use:   "reconcile --to URL",
		Short: "Compare published, acknowledged and received, by count and digest, down to the differing keys",
		Long: `Holds three states against each other: the published run, what the platform gave
receipts for, and what it says it holds now. Where they differ, each differing
key is named with its cause, and the exit code is 65.`,
		Example: "  rongxin reconcile --to http://127.0.0.1:8085",
	}, func(ctx context.Context, d *delivery, info publish.RunInfo) error {
		report, err := d.publisher.Reconcile(ctx, info, d.source)
		if err != nil {
			return err
		}
		if err := a.finish(report, func(w io.Writer) { printReconciliation(w, report) }); err != nil {
			return err
		}
		if !report.Equal {
			return fmt.Errorf("%s: what it holds %w from the run at %d keys", report.Receiver, errDiffers, report.Differ)
		}
		return nil
	})
}

func printReconciliation(w io.Writer, r publish.Report) {
	for _, t := range r.Tables {
		fmt.Fprintf(w, "%-20s %9s  %s\n", t.Table, "records", "digest")
		fmt.Fprintf(w, "%-20s %9d  %.16s\n", "  published", t.Published.Count, t.Published.Digest)
		fmt.Fprintf(w, "%-20s %9d  %.16s\n", "  acknowledged", t.Acknowledged.Count, t.Acknowledged.Digest)
		fmt.Fprintf(w, "%-20s %9d  %.16s\n", "  received", t.Received.Count, t.Received.Digest)
	}
	if r.Equal {
		fmt.Fprintln(w, "equal")
		return
	}
	for cause, n := range r.Causes {
		fmt.Fprintf(w, "%s: %d\n", cause, n)
	}
	for _, b := range r.Breaks {
		fmt.Fprintf(w, "  %s/%s %s\n", b.Table, b.Key, b.Cause)
	}
}
