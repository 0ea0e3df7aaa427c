package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
)

// replayed is what the verb tells of one batch that had refused rows.
type replayed struct {
	Dataset string `json:"dataset"`
	Parent  string `json:"parent"`
	BatchID string `json:"batch_id"`
	LetIn   int64  `json:"let_in"`
}

type replayReport struct {
	DryRun  bool       `json:"dry_run"`
	Batches []replayed `json:"batches"`
	LetIn   int64      `json:"let_in"`
}

func (a *app) replayCmd() *cobra.Command {
	var batch, received, contractFile string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "replay [DATASET…]",
		Short: "Judge refused rows again by today's contracts and corrections, and land those accepted now",
		Long: `Reads the kept extracts once more: nobody has to send anything again. Of each
batch only the rows are judged that it refused and no replay let in since; what is
accepted now lands as a batch of its own, with the parent's line numbers, as new
as its parent and known from today. Days of receipt and deadlines are those of
the parent. Rows still refused stay with the parent. The same replay again changes
nothing (exit code 99).

Records that were accepted under a wrong code need no replay: the next run puts
them under the right one.`,
		Example: `  rongxin replay --dry-run
  rongxin replay samr/penalties`,
		RunE: func(cmd *cobra.Command, datasets []string) error {
			ctx := cmd.Context()
			at, err := a.receivedAt(received)
			if err != nil {
				return err
			}
			lander, catalog, err := a.lander()
			if err != nil {
				return err
			}
			find := catalog.Find
			if contractFile != "" {
				own, err := readContract(contractFile, a.catalogs()...)
				if err != nil {
					return err
				}
				datasets = []string{own.Dataset}
				find = func(string) (*contract.Contract, error) { return own, nil }
			}
			requests, err := a.replays(ctx, find, at, datasets, batch)
			if err != nil {
				return err
			}
			if !dryRun {
				detail := map[string]any{"datasets": datasets, "batch": batch}
				if err := a.register(ctx, "replay", "", strings.Join(datasets, " "), detail); err != nil {
					return err
				}
			}
			report := replayReport{DryRun: dryRun, Batches: []replayed{}}
			for _, request := range requests {
				request.DryRun = dryRun
				result, err := lander.Replay(ctx, request)
				if err != nil {
					return err
				}
				if n := result.Batch.Rows.Accepted; n > 0 {
					report.LetIn += n
					report.Batches = append(report.Batches, replayed{request.Parent.Dataset, request.Parent.ID, result.Batch.ID, n})
				}
			}
			if err := a.finish(report, report.print); err != nil {
				return err
			}
			if report.LetIn == 0 {
				return fmt.Errorf("no refused row is accepted now: %w", errNothing)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&batch, "batch", "", "only this batch")
	f.BoolVar(&dryRun, "dry-run", false, "say what would be let in, land nothing")
	f.StringVar(&received, "received", "", "the day of the replay (default: now)")
	f.StringVar(&contractFile, "contract", "", "contract of the one dataset to replay, when it is not in the catalogue")
	return cmd
}

// replays is the work of one replay: every batch that refused rows, of the
// given datasets or of all in the catalogue.
func (a *app) replays(ctx context.Context, find func(string) (*contract.Contract, error), at time.Time, datasets []string, batch string) ([]ingest.ReplayRequest, error) {
	for _, name := range datasets {
		if _, err := find(name); err != nil {
			return nil, err
		}
	}
	batches, err := landing.List(a.cfg.Home)
	if err != nil {
		return nil, err
	}
	corrections, err := a.corrections(ctx, credit.DateOf(at))
	if err != nil {
		return nil, err
	}
	var requests []ingest.ReplayRequest
	for _, b := range batches {
		isWanted := (batch == "" || batch == b.ID) && (len(datasets) == 0 || slices.Contains(datasets, b.Dataset))
		c, err := find(b.Dataset)
		switch {
		case b.Parent != "":
			if i := len(requests) - 1; i >= 0 && requests[i].Parent.ID == b.Parent && requests[i].Parent.Dataset == b.Dataset {
				requests[i].Children = append(requests[i].Children, b)
			}
		case isWanted && err == nil && b.Rows.Rejected > 0 && !b.ReceivedAt.After(at):
			requests = append(requests, ingest.ReplayRequest{Parent: b, Contract: c, Corrections: corrections.of(b.Dataset), ReceivedAt: at})
		}
	}
	if batch != "" && len(requests) == 0 {
		return nil, fmt.Errorf("no batch %s refused a row: %w", batch, errNothing)
	}
	return requests, nil
}

func (r replayReport) print(w io.Writer) {
	for _, b := range r.Batches {
		fmt.Fprintf(w, "%-26s %-16s %6d rows of batch %s\n", b.Dataset, b.BatchID, b.LetIn, b.Parent)
	}
	done := "let in"
	if r.DryRun {
		done = "would be let in"
	}
	fmt.Fprintf(w, "%d refused rows %s\n", r.LetIn, done)
}
