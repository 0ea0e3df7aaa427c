package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/pipelines/publish"
	"rongxin/warehouse/ops"
)

func (a *app) publishCmd() *cobra.Command {
	cmd := a.withDryRun(a.deliveryCmd(&cobra.Command{
		Use:   "publish --to URL",
		Short: "Send the supervision results of the published run to the platform, and keep its receipts",
		Long: `Compares the run with what the platform last acknowledged and sends only what
changed, in batches with an idempotency key, each with its receipt. What an
earlier call left unsent goes first. Publishing again sends nothing. When the
platform cannot be reached the exit code is 75 and nothing is lost.`,
		Example: "  rongxin publish --to http://127.0.0.1:8085",
	}, func(ctx context.Context, d *delivery, info publish.RunInfo) error {
		if err := a.register(ctx, "publish", d.run.ID, "", map[string]string{"receiver": a.cfg.PlatformName}); err != nil {
			return err
		}
		summary, err := d.publisher.Publish(ctx, info, d.source)
		if err != nil {
			return err
		}
		if err := a.finish(summary, func(w io.Writer) { printDelivery(w, summary) }); err != nil {
			return err
		}
		if r := summary.Reconciliation; r != nil && r.Broken() {
			return fmt.Errorf("%s has answered everything and what it holds %w from it: rongxin reconcile names the keys", summary.Receiver, errDiffers)
		}
		if summary.Rejected > 0 {
			return fmt.Errorf("%d records were refused by %s; what it accepted %w from the run", summary.Rejected, summary.Receiver, errDiffers)
		}
		return nil
	}))
	cmd.AddCommand(a.publishShowCmd(),
		a.publishDecideCmd("retry", ops.LetterRetry, "Have records that a receiver would not take sent again with the next publication", `The next publication sends them as the run then has them. Whoever decides is in
the journal with the reason.`),
		a.publishDecideCmd("skip", ops.LetterSkipped, "Leave records that a receiver would not take unsent, and no longer count them as a fault", `They are not sent again while their content is the same; reconcile tells them as
decided. Whoever decides is in the journal with the reason.`))
	return cmd
}

func printDelivery(w io.Writer, s publish.Summary) {
	fmt.Fprintf(w, "%s: %d results of run %s: %d new, %d changed, %d withdrawn, %d as acknowledged before\n",
		s.Receiver, s.Published, s.Run, s.Inserted, s.Updated, s.Withdrawn, s.Unchanged)
	fmt.Fprintf(w, "%d batches accepted in %d requests, %d records acknowledged\n", s.Batches.Accepted, s.Attempts, s.Accepted)
	switch r := s.Reconciliation; {
	case s.Unreconciled != "":
		fmt.Fprintf(w, "not reconciled: %s\n", s.Unreconciled)
	case r != nil && r.Equal:
		fmt.Fprintln(w, "reconciled: equal 对账一致")
	case r != nil:
		fmt.Fprintln(w, "reconciled: not equal; rongxin reconcile names the keys 对账不一致，用 rongxin reconcile 查明")
	}
	for _, r := range s.Rejections {
		fmt.Fprintf(w, "refused %s/%s: %s %s\n", r.Table, r.Key, r.Code, r.Message)
	}
}
