package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rongxin/pipelines/payload"
	"rongxin/pipelines/publish"
	"rongxin/warehouse/ops"
)

func (a *app) publishCmd() *cobra.Command {
	cmd := a.withDryRun(a.deliveryCmd(&cobra.Command{
		Use:   "publish",
		Short: "Send what a run has for its receivers, only what changed, and keep their receipts",
		Long: `Compares the run with what each receiver last acknowledged and sends only what
changed, in batches with an idempotency key, each with its receipt. What an
earlier call left unsent goes first; receipts and verdicts that came since are
taken in. Publishing again sends nothing. Records that a receiver would not take
end alone, as dead letters.

Exit code 0: done. 65: a receiver refused records, or holds something else than
it acknowledged. 75: a receiver did not answer to the point; the batches wait,
call again. 78: an address, key or right is wrong; the batches wait. Of several
receivers, the worst.`,
		Example: `  rongxin publish
  rongxin publish --to http://127.0.0.1:8085`,
	}, func(ctx context.Context, d *delivery, info publish.RunInfo) error {
		if err := a.register(ctx, "publish", d.run.ID, "", map[string]string{"receiver": d.receiver.Name}); err != nil {
			return err
		}
		summary, err := d.publisher.Publish(ctx, info, d.source)
		a.tellSending(ctx, d, summary, err)
		if err != nil {
			if summary.Attempts > 0 && !a.json {
				fmt.Fprintf(a.out, "%s: %d records acknowledged in %d handings-over before it gave up; rongxin publish show tells of each\n",
					summary.Receiver, summary.Accepted, summary.Attempts)
			}
			return err
		}
		result := sending{summary, heldBack(d.payloads.Counts())}
		if err := a.finish(result, func(w io.Writer) { printDelivery(w, summary) }); err != nil {
			return err
		}
		return unequal(summary)
	}))
	cmd.AddCommand(a.publishShowCmd(),
		a.publishDecideCmd("retry", ops.LetterRetry, "Have records that a receiver would not take sent again with the next publication", `The next publication sends them as the run then has them. Whoever decides is in
the journal with the reason.`),
		a.publishDecideCmd("skip", ops.LetterSkipped, "Leave records that a receiver would not take unsent, and no longer count them as a fault", `They are not sent again while their content is the same; reconcile tells them as
decided. Whoever decides is in the journal with the reason.`))
	return cmd
}

// unequal is an error when a receiver does not hold what the run has for it.
func unequal(s publish.Summary) error {
	hint := ""
	if s.Rejected > 0 && s.Accepted == 0 && s.Unchanged == 0 {
		hint = "; if it holds them already, because the operations store here is new or an older copy: rongxin reconcile --adopt --reason TEXT"
	}
	if r := s.Reconciliation; r != nil && r.Broken() {
		return fmt.Errorf("%s has answered everything and what it holds %w from it: rongxin reconcile names the keys%s", s.Receiver, errDiffers, hint)
	}
	if s.Rejected > 0 {
		return fmt.Errorf("%d records were refused by %s; what it accepted %w from the run%s", s.Rejected, s.Receiver, errDiffers, hint)
	}
	return nil
}

// sending is what publish prints: what became of the records, and of which
// tables some were held back, each with its reasons.
type sending struct {
	publish.Summary
	Held []payload.Count `json:"held"`
}

// heldBack are the tables of which something was held back, without examples.
func heldBack(counts []payload.Count) []payload.Count {
	held := []payload.Count{}
	for _, c := range counts {
		if c.HeldBack > 0 {
			c.Example = nil
			held = append(held, c)
		}
	}
	return held
}

func printDelivery(w io.Writer, s publish.Summary) {
	fmt.Fprintf(w, "%s: %d records of run %s: %d new, %d changed, %d withdrawn, %d as acknowledged before\n",
		s.Receiver, s.Published, s.Run, s.Inserted, s.Updated, s.Withdrawn, s.Unchanged)
	for _, l := range []struct {
		n    int
		what string
	}{
		{s.HeldBack, "held back by their mapping: rongxin publish --dry-run says why"},
		{s.Waiting, "wait until the receiver has answered for the enterprise"},
		{s.RefusedBefore, "refused before and not sent again: rongxin publish show --dead"},
		{s.Batches.HandedOver, "batches handed over, their receipts to come"},
		{s.Batches.Settled, "verdicts on batches of an earlier time"},
		{s.Reverted, "records accepted before and rejected since"},
		{s.StrangeNotices, "notices that no batch here is waiting for"},
	} {
		if l.n > 0 {
			fmt.Fprintf(w, "%d %s\n", l.n, l.what)
		}
	}
	fmt.Fprintf(w, "%d batches accepted in %d handings-over, %d records acknowledged\n", s.Batches.Accepted, s.Attempts, s.Accepted)
	switch r := s.Reconciliation; {
	case s.Unreconciled != "":
		fmt.Fprintf(w, "not reconciled: %s\n", s.Unreconciled)
	case r != nil && r.Equal:
		fmt.Fprintln(w, "reconciled: equal 对账一致")
	case r != nil && r.Open > 0 && !r.Broken():
		fmt.Fprintf(w, "not reconciled yet: answers to %d batches are to come 尚有 %d 个批次未获答复，收到后再核对\n", r.Open, r.Open)
	case r != nil:
		fmt.Fprintln(w, "reconciled: not equal; rongxin reconcile names the keys 对账不一致，用 rongxin reconcile 查明")
	}
	for _, r := range s.Rejections {
		fmt.Fprintf(w, "refused %s/%s: %s %s\n", r.Table, r.Key, r.Code, r.Message)
	}
	if n := s.Rejected - len(s.Rejections); n > 0 {
		fmt.Fprintf(w, "… %d more refused: rongxin publish show --dead --limit 0 --to %s\n", n, s.Receiver)
	}
}
