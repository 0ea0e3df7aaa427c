package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"rongxin/internal/airflow"
	"rongxin/internal/airflowapi"
	"rongxin/internal/credit"
)

// Moments are told in China's time, as schedules are.
func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(credit.ChinaTime).Format("2006-01-02 15:04:05")
}

type dagEntry struct {
	DAG      string `json:"dag"`
	Schedule string `json:"schedule"`
	Paused   bool   `json:"paused"`
	Next     string `json:"next_run,omitempty"`
}

type dagsReport struct {
	DAGs   []dagEntry        `json:"dags"`
	Faults map[string]string `json:"import_errors"`
}

func describeDAGs(dags []airflowapi.DAGResponse, faults map[string]string) dagsReport {
	r := dagsReport{DAGs: []dagEntry{}, Faults: faults}
	for _, d := range dags {
		e := dagEntry{DAG: d.DagId, Paused: d.IsPaused, Next: moment(d.NextDagrunRunAfter)}
		if d.TimetableSummary != nil {
			e.Schedule = *d.TimetableSummary
		}
		r.DAGs = append(r.DAGs, e)
	}
	return r
}

func (r dagsReport) print(w io.Writer) {
	rows := [][]string{{"DAG", "schedule", "paused", "next run"}}
	for _, d := range r.DAGs {
		rows = append(rows, []string{d.DAG, d.Schedule, yes(d.Paused), d.Next})
	}
	printAligned(w, rows)
	for file, fault := range r.Faults {
		fmt.Fprintf(w, "\n%s:\n%s\n", file, fault)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// dagRun is one run; its tasks are told where it is told alone.
type dagRun struct {
	DAG     string    `json:"dag"`
	RunID   string    `json:"run_id"`
	State   string    `json:"state"`
	Type    string    `json:"type"`
	Day     string    `json:"day,omitempty"` // that it works for
	Started string    `json:"started,omitempty"`
	Ended   string    `json:"ended,omitempty"`
	Tasks   []dagTask `json:"tasks,omitempty"`
}

type dagTask struct {
	Task     string  `json:"task"`
	MapIndex int     `json:"map_index"`
	Called   string  `json:"called,omitempty"` // of a mapped task: the name of this instance
	State    string  `json:"state"`
	Tries    int     `json:"tries"`
	Seconds  float32 `json:"seconds"`
	Result   any     `json:"result,omitempty"`
}

func runOf(r airflowapi.DAGRunResponse) dagRun {
	d := dagRun{DAG: r.DagId, RunID: r.DagRunId, State: string(r.State), Type: string(r.RunType), Started: moment(r.StartDate), Ended: moment(r.EndDate)}
	switch {
	case r.Conf != nil && (*r.Conf)["day"] != nil:
		d.Day = fmt.Sprint((*r.Conf)["day"])
	case r.PartitionKey != nil:
		d.Day = *r.PartitionKey
	case r.DataIntervalStart != nil:
		d.Day = credit.DateOf(*r.DataIntervalStart).String()
	}
	return d
}

// describeRunOf asks for the tasks of a run and what they handed on.
func describeRunOf(ctx context.Context, client *airflow.Client, r airflowapi.DAGRunResponse) (dagRun, error) {
	d := runOf(r)
	tasks, err := client.Tasks(ctx, r.DagId, r.DagRunId)
	if err != nil {
		return d, err
	}
	for _, t := range tasks {
		entry := dagTask{Task: t.TaskId, MapIndex: t.MapIndex, State: "none", Tries: t.TryNumber}
		if t.State != nil {
			entry.State = string(*t.State)
		}
		if t.RenderedMapIndex != nil {
			entry.Called = *t.RenderedMapIndex
		}
		if t.Duration != nil {
			entry.Seconds = *t.Duration
		}
		if entry.State == "success" || entry.State == "failed" {
			entry.Result, err = client.Result(ctx, airflow.Task{DAG: r.DagId, Run: r.DagRunId, Task: t.TaskId, MapIndex: t.MapIndex})
			if err != nil && !errors.Is(err, airflow.ErrNotFound) {
				return d, err
			}
		}
		d.Tasks = append(d.Tasks, entry)
	}
	return d, nil
}

func (d dagRun) print(w io.Writer) {
	fmt.Fprintf(w, "%s %s: %s", d.DAG, d.RunID, d.State)
	if d.Day != "" {
		fmt.Fprintf(w, ", for %s", d.Day)
	}
	fmt.Fprintln(w)
	rows := [][]string{{"task", "of", "state", "tries", "seconds"}}
	for _, t := range d.Tasks {
		of := t.Called
		if of == "" && t.MapIndex >= 0 {
			of = fmt.Sprint(t.MapIndex)
		}
		rows = append(rows, []string{t.Task, of, t.State, fmt.Sprint(t.Tries), fmt.Sprintf("%.1f", t.Seconds)})
	}
	printAligned(w, rows)
}

type dagRuns struct {
	DAG  string   `json:"dag"`
	Runs []dagRun `json:"runs"`
}

func describeRuns(dag string, runs []airflowapi.DAGRunResponse) dagRuns {
	r := dagRuns{DAG: dag, Runs: []dagRun{}}
	for _, run := range runs {
		r.Runs = append(r.Runs, runOf(run))
	}
	return r
}

func (r dagRuns) print(w io.Writer) {
	rows := [][]string{{"run", "day", "state", "started", "ended"}}
	for _, d := range r.Runs {
		rows = append(rows, []string{d.RunID, d.Day, d.State, d.Started, d.Ended})
	}
	printAligned(w, rows)
}

// backfillReport is a backfill that was begun, or what one would run.
type backfillReport struct {
	DAG       string   `json:"dag"`
	ID        int      `json:"backfill_id,omitempty"`
	From      string   `json:"from"`
	To        string   `json:"to"`
	Completed bool     `json:"completed"`
	Would     []string `json:"would_run,omitempty"` // with --dry-run: the days
}

func describeBackfill(b airflowapi.BackfillResponse) backfillReport {
	return backfillReport{DAG: b.DagId, ID: b.Id, From: credit.DateOf(b.FromDate).String(), To: credit.DateOf(b.ToDate).String(), Completed: b.CompletedAt != nil}
}

func describePreview(b airflow.Backfill, intervals []airflowapi.DryRunBackfillResponse) backfillReport {
	r := backfillReport{DAG: b.DAG, From: credit.DateOf(b.From).String(), To: credit.DateOf(b.To).String()}
	for _, i := range intervals {
		switch {
		case i.PartitionKey != nil:
			r.Would = append(r.Would, *i.PartitionKey)
		case i.LogicalDate != nil:
			r.Would = append(r.Would, credit.DateOf(*i.LogicalDate).String())
		}
	}
	return r
}

func (r backfillReport) print(w io.Writer) {
	switch {
	case r.ID == 0:
		fmt.Fprintf(w, "%s from %s to %s would run %d times\n", r.DAG, r.From, r.To, len(r.Would))
		for _, day := range r.Would {
			fmt.Fprintln(w, day)
		}
	case r.Completed:
		fmt.Fprintf(w, "backfill %d of %s from %s to %s is completed\n", r.ID, r.DAG, r.From, r.To)
	default:
		fmt.Fprintf(w, "backfill %d of %s from %s to %s has begun; rongxin dag status %s tells how far it is\n", r.ID, r.DAG, r.From, r.To, r.DAG)
	}
}
