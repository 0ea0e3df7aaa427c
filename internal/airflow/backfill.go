package airflow

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"rongxin/internal/airflowapi"
)

// A Backfill asks for the runs of a DAG whose intervals begin between two moments.
type Backfill struct {
	DAG       string
	From, To  time.Time
	Reprocess airflowapi.ReprocessBehavior // what happens to intervals that have run: none, failed or completed
	MaxActive int                          // runs at once; 1 keeps the order of days
}

func (b Backfill) body() airflowapi.BackfillPostBody {
	return airflowapi.BackfillPostBody{DagId: b.DAG, FromDate: b.From, ToDate: b.To, ReprocessBehavior: &b.Reprocess, MaxActiveRuns: &b.MaxActive}
}

// Preview lists what a backfill would run.
func (c *Client) Preview(ctx context.Context, b Backfill) ([]airflowapi.DryRunBackfillResponse, error) {
	var answer airflowapi.DryRunBackfillCollectionResponse
	err := c.do(ctx, request{method: http.MethodPost, path: "/backfills/dry_run", body: b.body(), repeat: true}, &answer)
	return answer.Backfills, err
}

// Backfill starts one. It is not repeated by itself: where the answer was lost,
// [Client.Backfills] tells whether it was taken; a second for the same DAG is [ErrConflict].
func (c *Client) Backfill(ctx context.Context, b Backfill) (airflowapi.BackfillResponse, error) {
	var made airflowapi.BackfillResponse
	err := c.do(ctx, request{method: http.MethodPost, path: "/backfills", body: b.body()}, &made)
	return made, err
}

// Backfills lists those of a DAG, the newest first.
func (c *Client) Backfills(ctx context.Context, dag string) ([]airflowapi.BackfillResponse, error) {
	var list []airflowapi.BackfillResponse
	err := c.every(ctx, url.Values{"dag_id": {dag}, "order_by": {"-id"}}, func(r request) (int, int, error) {
		var answer airflowapi.BackfillCollectionResponse
		err := c.do(ctx, r, &answer)
		list = append(list, answer.Backfills...)
		return len(answer.Backfills), answer.TotalEntries, err
	}, "backfills")
	return list, err
}

// WaitBackfill asks every poll until all runs of a backfill have ended.
func (c *Client) WaitBackfill(ctx context.Context, id int, poll time.Duration) (airflowapi.BackfillResponse, error) {
	for {
		var b airflowapi.BackfillResponse
		if err := c.do(ctx, get(nil, "backfills", strconv.Itoa(id)), &b); err != nil || b.CompletedAt != nil {
			return b, err
		}
		if err := c.cfg.Sleep(ctx, poll); err != nil {
			return b, err
		}
	}
}
