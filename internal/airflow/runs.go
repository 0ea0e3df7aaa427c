package airflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"rongxin/internal/airflowapi"
)

// page is how many entries are asked for at once.
const page = 100

func get(query url.Values, parts ...string) request {
	return request{method: http.MethodGet, path: joined(parts), query: query, repeat: true}
}

// joined makes a path of names, each of which may hold any character.
func joined(parts []string) (path string) {
	for _, part := range parts {
		path += "/" + url.PathEscape(part)
	}
	return path
}

// every asks page by page until all entries are there. next decodes one page and
// returns how many entries it held and how many there are.
func (c *Client) every(ctx context.Context, query url.Values, next func(request) (n, total int, err error), parts ...string) error {
	for offset := 0; ; {
		query.Set("limit", strconv.Itoa(page))
		query.Set("offset", strconv.Itoa(offset))
		n, total, err := next(get(query, parts...))
		if offset += n; err != nil || n == 0 || offset >= total {
			return err
		}
	}
}

func number(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// Version is that of the server.
func (c *Client) Version(ctx context.Context) (string, error) {
	var v airflowapi.VersionInfo
	err := c.do(ctx, get(nil, "version"), &v)
	return v.Version, err
}

// DAGs lists those with all of the tags, by name, paused ones too.
func (c *Client) DAGs(ctx context.Context, tags ...string) ([]airflowapi.DAGResponse, error) {
	var list []airflowapi.DAGResponse
	query := url.Values{"tags": tags, "tags_match_mode": {"all"}, "order_by": {"dag_id"}}
	err := c.every(ctx, query, func(r request) (int, int, error) {
		var answer airflowapi.DAGCollectionResponse
		err := c.do(ctx, r, &answer)
		list = append(list, answer.Dags...)
		return len(answer.Dags), answer.TotalEntries, err
	}, "dags")
	return list, err
}

// Pause keeps a DAG from starting runs, or lets it run again. What is triggered of
// a paused one waits for ever.
func (c *Client) Pause(ctx context.Context, dag string, paused bool) error {
	r := request{method: http.MethodPatch, path: joined([]string{"dags", dag}), body: airflowapi.DAGPatchBody{IsPaused: paused}, repeat: true}
	return c.do(ctx, r, nil)
}

// DAG tells of one.
func (c *Client) DAG(ctx context.Context, dag string) (airflowapi.DAGResponse, error) {
	var d airflowapi.DAGResponse
	err := c.do(ctx, get(nil, "dags", dag), &d)
	return d, err
}

// Trigger starts a run of a DAG under an id of the caller's, so that a request
// that was taken and whose answer was lost can be repeated: there is one run.
func (c *Client) Trigger(ctx context.Context, dag, id string, conf map[string]any) (airflowapi.DAGRunResponse, error) {
	var run airflowapi.DAGRunResponse
	body := airflowapi.TriggerDAGRunPostBody{DagRunId: &id, Conf: &conf}
	r := request{method: http.MethodPost, path: joined([]string{"dags", dag, "dagRuns"}), body: body}
	err := c.do(ctx, r, &run)
	for attempt := 1; errors.Is(err, ErrTemporary) && attempt < c.cfg.Attempts && ctx.Err() == nil; attempt++ {
		if err = c.cfg.Sleep(ctx, time.Second); err != nil {
			return run, err
		}
		if err = c.do(ctx, r, &run); errors.Is(err, ErrConflict) { // the first was taken
			return c.Run(ctx, dag, id)
		}
	}
	return run, err
}

// Run tells of one run of a DAG.
func (c *Client) Run(ctx context.Context, dag, id string) (airflowapi.DAGRunResponse, error) {
	var run airflowapi.DAGRunResponse
	err := c.do(ctx, get(nil, "dags", dag, "dagRuns", id), &run)
	return run, err
}

// Runs lists the newest runs of a DAG, at most n, in one of the states when some are given.
func (c *Client) Runs(ctx context.Context, dag string, n int, states ...airflowapi.DagRunState) ([]airflowapi.DAGRunResponse, error) {
	query := url.Values{"limit": {strconv.Itoa(n)}, "order_by": {"-id"}}
	for _, state := range states {
		query.Add("state", string(state))
	}
	var answer airflowapi.DAGRunCollectionResponse
	err := c.do(ctx, get(query, "dags", dag, "dagRuns"), &answer)
	return answer.DagRuns, err
}

// Wait asks every poll until the run has ended, and returns it.
func (c *Client) Wait(ctx context.Context, dag, id string, poll time.Duration) (airflowapi.DAGRunResponse, error) {
	for {
		run, err := c.Run(ctx, dag, id)
		if err != nil || run.State == airflowapi.DagRunStateSuccess || run.State == airflowapi.DagRunStateFailed {
			return run, err
		}
		if err := c.cfg.Sleep(ctx, poll); err != nil {
			return run, fmt.Errorf("%s %s is still %s: %w", dag, id, run.State, err)
		}
	}
}

// Tasks lists the task instances of a run, one for each map index.
func (c *Client) Tasks(ctx context.Context, dag, id string) ([]airflowapi.TaskInstanceResponse, error) {
	var list []airflowapi.TaskInstanceResponse
	err := c.every(ctx, url.Values{}, func(r request) (int, int, error) {
		var answer airflowapi.TaskInstanceCollectionResponse
		err := c.do(ctx, r, &answer)
		list = append(list, answer.TaskInstances...)
		return len(answer.TaskInstances), number(answer.TotalEntries), err
	}, "dags", dag, "dagRuns", id, "taskInstances")
	return list, err
}

// A Task names one task instance; MapIndex is -1 of a task that is not mapped.
type Task struct {
	DAG, Run, Task string
	MapIndex       int
}

// Log returns what a try of a task wrote, a line an entry.
func (c *Client) Log(ctx context.Context, t Task, try int) ([]string, error) {
	query := url.Values{"full_content": {"true"}, "map_index": {strconv.Itoa(t.MapIndex)}}
	var answer airflowapi.TaskInstancesLogResponse
	if err := c.do(ctx, get(query, "dags", t.DAG, "dagRuns", t.Run, "taskInstances", t.Task, "logs", strconv.Itoa(try)), &answer); err != nil {
		return nil, err
	}
	messages, err := answer.Content.AsTaskInstancesLogResponseContent0()
	if err != nil {
		return answer.Content.AsTaskInstancesLogResponseContent1()
	}
	var lines []string
	for _, m := range messages {
		line := m.Event
		if m.Timestamp != nil {
			line = m.Timestamp.Format(time.RFC3339) + " " + line
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// Result is what a task handed on, its XCom; [ErrNotFound] when there is none.
func (c *Client) Result(ctx context.Context, t Task) (any, error) {
	query := url.Values{"map_index": {strconv.Itoa(t.MapIndex)}, "deserialize": {"false"}}
	var answer airflowapi.XComResponseNative
	if err := c.do(ctx, get(query, "dags", t.DAG, "dagRuns", t.Run, "taskInstances", t.Task, "xcomEntries", "return_value"), &answer); err != nil {
		return nil, err
	}
	// Airflow 3 keeps XComs as JSON; some answers carry that JSON as a text.
	if text, ok := answer.Value.(string); ok {
		var value any
		if json.Unmarshal([]byte(text), &value) == nil {
			return value, nil
		}
	}
	return answer.Value, nil
}

// ImportErrors lists the files that are no DAGs, with what is wrong with them.
func (c *Client) ImportErrors(ctx context.Context) (map[string]string, error) {
	faults := map[string]string{}
	err := c.every(ctx, url.Values{}, func(r request) (int, int, error) {
		var answer airflowapi.ImportErrorCollectionResponse
		err := c.do(ctx, r, &answer)
		for _, e := range answer.ImportErrors {
			faults[e.Filename] = e.StackTrace
		}
		return len(answer.ImportErrors), answer.TotalEntries, err
	}, "importErrors")
	return faults, err
}
