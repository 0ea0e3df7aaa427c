package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"rongxin/internal/airflow"
	"rongxin/internal/airflowapi"
	"rongxin/internal/credit"
	"rongxin/warehouse/secret"
)

// errDAGRun is a run of the scheduler's that failed.
var errDAGRun = errors.New("failed")

// dagTag is on every DAG below dags/.
const dagTag = "rongxin"

func (a *app) dagCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dag",
		Short: "Ask the scheduler: list, start and watch its DAGs, read their logs, run past days again",
		Long: `Speaks with an Airflow 3 server over its REST API. airflow_url, airflow_user and
airflow_password_file name the server and who asks; dags/README.md says what each
DAG does.`,
	}
	cmd.AddCommand(a.dagListCmd(), a.dagTriggerCmd(), a.dagStatusCmd(), a.dagLogsCmd(), a.dagBackfillCmd(),
		a.dagPauseCmd("pause", true, "Keep a DAG from starting runs; what runs goes on"),
		a.dagPauseCmd("resume", false, "Let a paused DAG run again"))
	return cmd
}

// scheduler signs in where the settings say.
func (a *app) scheduler() (*airflow.Client, error) {
	if a.cfg.AirflowURL == "" || a.cfg.AirflowUser == "" || a.cfg.AirflowPasswordFile == "" {
		return nil, fmt.Errorf("%w: no scheduler: set airflow_url, airflow_user and airflow_password_file", errConfig)
	}
	password, err := secret.ReadFile(a.cfg.AirflowPasswordFile, 1024)
	if err != nil {
		return nil, fmt.Errorf("airflow_password_file: %w", err)
	}
	client, err := airflow.New(airflow.Config{URL: a.cfg.AirflowURL, User: a.cfg.AirflowUser, Password: string(password), Attempts: 5, Sleep: sleep})
	if err != nil {
		return nil, fmt.Errorf("%w: airflow_url: %w", errConfig, err)
	}
	return client, nil
}

func (a *app) dagListCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the DAGs with their schedules, and files that are no DAGs",
		Example: "  rongxin dag list",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.scheduler()
			if err != nil {
				return err
			}
			dags, err := client.DAGs(cmd.Context(), dagTag)
			if err != nil {
				return err
			}
			faults, err := client.ImportErrors(cmd.Context())
			if err != nil {
				return err
			}
			report := describeDAGs(dags, faults)
			if err := a.finish(report, report.print); err != nil {
				return err
			}
			if len(faults) > 0 {
				return fmt.Errorf("%d files of the scheduler cannot be read: %w", len(faults), errDAGRun)
			}
			return nil
		},
	}
}

func (a *app) dagTriggerCmd() *cobra.Command {
	var day string
	var wait time.Duration
	var resume bool
	cmd := &cobra.Command{
		Use:   "trigger DAG --day DATE [--wait DURATION]",
		Short: "Start a run of a DAG for a day, and wait for it if asked",
		Long: `Starts one run that works for the given day. With --wait it returns when the run
has ended: 0 when it succeeded, 65 when it failed, 75 when it was not over in time.
A paused DAG runs nothing; --resume lets it run again.`,
		Example: "  rongxin dag trigger evaluation --day 2026-06-30 --wait 2h",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, dag := cmd.Context(), args[0]
			if _, err := credit.ParseDate(day); err != nil {
				return fmt.Errorf("%w: --day: %w", errUsage, err)
			}
			client, err := a.scheduler()
			if err != nil {
				return err
			}
			if err := letRun(ctx, client, dag, resume); err != nil {
				return err
			}
			id := fmt.Sprintf("manual__%s__%s", day, a.now().UTC().Format("20060102T150405.000Z"))
			started, err := client.Trigger(ctx, dag, id, map[string]any{"day": day})
			if err != nil {
				return err
			}
			return a.followRun(ctx, client, started, wait)
		},
	}
	f := cmd.Flags()
	f.StringVar(&day, "day", "", "the day to work for")
	f.DurationVar(&wait, "wait", 0, "wait so long for the run to end (default: do not wait)")
	f.BoolVar(&resume, "resume", false, "let a paused DAG run again")
	must(cmd.MarkFlagRequired("day"))
	return cmd
}

// letRun makes sure that what is started will run.
func letRun(ctx context.Context, client *airflow.Client, dag string, resume bool) error {
	d, err := client.DAG(ctx, dag)
	switch {
	case err != nil || !d.IsPaused:
		return err
	case resume:
		return client.Pause(ctx, dag, false)
	}
	return fmt.Errorf("%w: %s is paused and would run nothing: give --resume to let it run again", errUsage, dag)
}

func (a *app) dagPauseCmd(verb string, paused bool, short string) *cobra.Command {
	return &cobra.Command{
		Use:     verb + " DAG",
		Short:   short,
		Example: "  rongxin dag " + verb + " delivery",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := a.scheduler()
			if err != nil {
				return err
			}
			if err := client.Pause(cmd.Context(), args[0], paused); err != nil {
				return err
			}
			return a.finish(map[string]any{"dag": args[0], "paused": paused}, func(w io.Writer) { fmt.Fprintf(w, "%s: paused: %s\n", args[0], yes(paused)) })
		},
	}
}

// poll is how often the scheduler is asked for news.
const poll = 2 * time.Second

// followRun waits, when asked to, and tells what became of the run.
func (a *app) followRun(ctx context.Context, client *airflow.Client, run airflowapi.DAGRunResponse, wait time.Duration) error {
	if wait > 0 {
		waiting, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		var err error
		if run, err = client.Wait(waiting, run.DagId, run.DagRunId, poll); err != nil {
			return err
		}
	}
	return a.tellRun(ctx, client, run)
}

// tellRun prints a run with its tasks; a failed one is an error.
func (a *app) tellRun(ctx context.Context, client *airflow.Client, run airflowapi.DAGRunResponse) error {
	report, err := describeRunOf(ctx, client, run)
	if err != nil {
		return err
	}
	if err := a.finish(report, report.print); err != nil {
		return err
	}
	if run.State == airflowapi.DagRunStateFailed {
		return fmt.Errorf("%s %s %w: rongxin dag logs %s %s TASK tells why", run.DagId, run.DagRunId, errDAGRun, run.DagId, run.DagRunId)
	}
	return nil
}

func (a *app) dagStatusCmd() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "status DAG [RUN]",
		Short: "The newest runs of a DAG, or one run with its tasks and their results",
		Long: `Without RUN it lists the newest runs. RUN is the id of one, or last: then each of
its tasks is told with state, tries and, with --json, what it handed on.`,
		Example: "  rongxin dag status evaluation last",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, dag := cmd.Context(), args[0]
			client, err := a.scheduler()
			if err != nil {
				return err
			}
			if len(args) == 2 && args[1] != "last" {
				run, err := client.Run(ctx, dag, args[1])
				if err != nil {
					return err
				}
				return a.tellRun(ctx, client, run)
			}
			if len(args) == 2 {
				limit = 1
			}
			runs, err := client.Runs(ctx, dag, limit)
			switch {
			case err != nil:
				return err
			case len(runs) == 0:
				return fmt.Errorf("%s has never run: %w", dag, errNothing)
			case len(args) == 2:
				return a.tellRun(ctx, client, runs[0])
			}
			report := describeRuns(dag, runs)
			return a.finish(report, report.print)
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 10, "how many runs to list, up to 100")
	return cmd
}

func (a *app) dagLogsCmd() *cobra.Command {
	var try int
	task := airflow.Task{MapIndex: -1}
	cmd := &cobra.Command{
		Use:     "logs DAG RUN TASK [--map-index N] [--try N]",
		Short:   "What a task wrote while it ran",
		Example: "  rongxin dag logs landing last department.land --map-index 3",
		Args:    cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			client, err := a.scheduler()
			if err != nil {
				return err
			}
			task.DAG, task.Run, task.Task = args[0], args[1], args[2]
			if task.Run == "last" {
				runs, err := client.Runs(ctx, task.DAG, 1)
				if err == nil && len(runs) == 0 {
					err = fmt.Errorf("%s has never run: %w", task.DAG, errNothing)
				}
				if err != nil {
					return err
				}
				task.Run = runs[0].DagRunId
			}
			if try == 0 {
				if try, err = lastTry(ctx, client, task); err != nil {
					return err
				}
			}
			lines, err := client.Log(ctx, task, try)
			if err != nil {
				return err
			}
			report := map[string]any{"dag": task.DAG, "run_id": task.Run, "task": task.Task, "map_index": task.MapIndex, "try": try, "lines": lines}
			return a.finish(report, func(w io.Writer) {
				for _, line := range lines {
					fmt.Fprintln(w, line)
				}
			})
		},
	}
	f := cmd.Flags()
	f.IntVar(&task.MapIndex, "map-index", -1, "which of a mapped task's instances, as dag status tells")
	f.IntVar(&try, "try", 0, "which try (default: the last)")
	return cmd
}

// lastTry asks how often a task was tried.
func lastTry(ctx context.Context, client *airflow.Client, task airflow.Task) (int, error) {
	tasks, err := client.Tasks(ctx, task.DAG, task.Run)
	for _, t := range tasks {
		if t.TaskId == task.Task && t.MapIndex == task.MapIndex {
			return max(t.TryNumber, 1), err
		}
	}
	return 0, cmp.Or(err, fmt.Errorf("%w: the run %s of %s has no task %s with map index %d", errUsage, task.Run, task.DAG, task.Task, task.MapIndex))
}

func (a *app) dagBackfillCmd() *cobra.Command {
	var from, to, reprocess string
	var dry, resume bool
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "backfill DAG --from DATE --to DATE [--reprocess none|failed|completed] [--dry-run]",
		Short: "Run the intervals of past days again, one after the other",
		Long: `The scheduler runs each interval that begins between the two days, in order and
one at a time, once even after a restart of this program. --reprocess says what
happens to those that have run: none leaves them (default), failed runs the failed
ones again, completed all. With --dry-run it only lists them.`,
		Example: "  rongxin dag backfill evaluation --from 2026-06-25 --to 2026-06-30 --dry-run",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			plan, err := backfillOf(args[0], from, to, reprocess)
			if err != nil {
				return err
			}
			client, err := a.scheduler()
			if err != nil {
				return err
			}
			if dry {
				intervals, err := client.Preview(ctx, plan)
				if err != nil {
					return err
				}
				report := describePreview(plan, intervals)
				return a.finish(report, report.print)
			}
			if err := letRun(ctx, client, plan.DAG, resume); err != nil {
				return err
			}
			made, err := client.Backfill(ctx, plan)
			if err == nil && wait > 0 {
				waiting, cancel := context.WithTimeout(ctx, wait)
				defer cancel()
				made, err = client.WaitBackfill(waiting, made.Id, poll)
			}
			if err != nil {
				return err
			}
			report := describeBackfill(made)
			return a.finish(report, report.print)
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "the first day")
	f.StringVar(&to, "to", "", "the last day")
	f.StringVar(&reprocess, "reprocess", "none", "which intervals that have run are run again: none, failed or completed")
	f.BoolVar(&dry, "dry-run", false, "only list what would run")
	f.DurationVar(&wait, "wait", 0, "wait so long for all of it to end (default: do not wait)")
	f.BoolVar(&resume, "resume", false, "let a paused DAG run again")
	must(cmd.MarkFlagRequired("from"))
	must(cmd.MarkFlagRequired("to"))
	return cmd
}

// backfillOf reads the flags; days begin and end in China.
func backfillOf(dag, from, to, reprocess string) (airflow.Backfill, error) {
	plan := airflow.Backfill{DAG: dag, Reprocess: airflowapi.ReprocessBehavior(reprocess), MaxActive: 1}
	first, err1 := credit.ParseDate(from)
	last, err2 := credit.ParseDate(to)
	err := errors.Join(err1, err2)
	if err == nil && last < first {
		err = fmt.Errorf("--to %s is before --from %s", to, from)
	}
	if !plan.Reprocess.Valid() {
		err = errors.Join(err, fmt.Errorf("--reprocess: %q is none of none, failed, completed", reprocess))
	}
	if err != nil {
		return plan, fmt.Errorf("%w: %w", errUsage, err)
	}
	plan.From, plan.To = midnight(first), midnight(last.AddDays(1)).Add(-time.Second)
	return plan, nil
}

func midnight(d credit.Date) time.Time {
	y, m, day := d.YMD()
	return time.Date(y, time.Month(m), day, 0, 0, 0, 0, credit.ChinaTime)
}
