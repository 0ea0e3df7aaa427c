package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rongxin/internal/credit"
	"rongxin/pipelines/workbook"
	"rongxin/warehouse/query"
	"rongxin/warehouse/query/shell"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// sqlRequest is what a call of sql asks for.
type sqlRequest struct{ runID, asOf, format, file, out string }

func (a *app) sqlCmd() *cobra.Command {
	var r sqlRequest
	cmd := &cobra.Command{
		Use:   "sql [QUERY]",
		Short: "Query a published run, once or interactively; read only",
		Long: `Opens a run's tables as views schema.table. Without QUERY it reads statements
from the terminal, standard input or --file, each ending with a semicolon. The run
never changes: a query cannot disturb a pipeline nor be disturbed by one.

On a terminal it is a shell: history, completion by Tab, \d for the tables, \? for
all commands; Ctrl-C ends a statement, Ctrl-D leaves.

--format is table, records (one value a line), csv, json (one array), ndjson (one
object a line), parquet or xlsx; --out names a file that only you can read, and the
end of its name then tells the form. --json is ndjson with one object at the end
that has the count.

Each query is registered before its answer: who, when, which run, what for.`,
		Example: `  rongxin sql "select supervision_class, count(*) from overlay.subject_classes group by 1 order by 1"
  rongxin sql --format csv "select * from lists.supervision limit 10" > sample.csv
  rongxin sql --out 名单.xlsx --purpose 月度通报 "select * from lists.supervision"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.json {
				r.format = query.NDJSON
			}
			if !query.IsFormat(r.format) {
				return fmt.Errorf("%w: --format is %s, not %q", errUsage, strings.Join(query.Formats(), ", "), r.format)
			}
			if len(args) > 0 && r.file != "" {
				return fmt.Errorf("%w: QUERY and --file exclude each other", errUsage)
			}
			return a.sql(cmd.Context(), r, args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&r.runID, "run", "", "an earlier run (default: the published one)")
	f.StringVar(&r.asOf, "as-of", "", "the run that spoke for this day")
	f.StringVar(&r.format, "format", query.Table, strings.Join(query.Formats(), ", "))
	f.StringVar(&r.file, "file", "", "read statements from this file")
	f.StringVar(&r.out, "out", "", "write the answer to this file, readable by you alone")
	a.purposeFlag(cmd)
	return cmd
}

func (a *app) sql(ctx context.Context, r sqlRequest, args []string) (err error) {
	found, err := a.openRun(r.runID, r.asOf)
	if err != nil {
		return err
	}
	session, err := query.Open(ctx, found, a.cfg.engine())
	if err != nil {
		return err
	}
	s := &shell.Shell{Session: session, Out: a.out, Err: masked{a.err}, Format: r.format, Width: a.width, Now: a.now, Stop: true, Hooks: a.sqlHooks()}
	defer func() { err = errors.Join(err, s.Close()) }()
	if r.out != "" {
		if err := s.Send(r.out); err != nil {
			return fmt.Errorf("%w: --out: %w", errUsage, err)
		}
	} else if shell.IsBinary(r.format) && isTerminal(a.out) {
		return fmt.Errorf("%w: %s is no form for a screen: name a file with --out", errUsage, r.format)
	}
	switch {
	case len(args) > 0 && strings.HasPrefix(args[0], `\`):
		return s.Command(ctx, args[0])
	case len(args) > 0:
		return a.once(ctx, s, args[0])
	case r.file != "":
		text, err := os.ReadFile(r.file)
		if err != nil {
			return fmt.Errorf("%w: --file: %w", errUsage, err)
		}
		return a.all(ctx, s, strings.NewReader(string(text)), r.out)
	case isTerminal(a.in) && isTerminal(a.out):
		return a.interact(ctx, s)
	}
	return a.all(ctx, s, a.in, r.out)
}

// once answers one statement; --json ends with one object of its own, also when
// there are no rows.
func (a *app) once(ctx context.Context, s *shell.Shell, statement string) error {
	n, err := s.Answer(ctx, statement)
	if err != nil || !a.json {
		return err
	}
	return a.finish(map[string]any{"run_id": s.Run.ID, "rows": n}, nil)
}

// all answers what a file or a pipe holds, up to the first mistake. Into one file
// goes one answer.
func (a *app) all(ctx context.Context, s *shell.Shell, in io.Reader, out string) error {
	if out == "" && !a.json {
		return s.Loop(ctx, shell.FromReader(in))
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	return a.once(ctx, s, string(text))
}

// sqlHooks are what the shell asks of the program.
func (a *app) sqlHooks() shell.Hooks {
	return shell.Hooks{
		Register: func(ctx context.Context, runID, statement, file string) error {
			detail := map[string]string{"query": statement}
			if file != "" {
				detail["file"] = file
			}
			return a.register(ctx, "sql", runID, "", detail)
		},
		Open: func(ctx context.Context, name string) (*query.Session, error) {
			runID, asOf := name, ""
			if _, err := credit.ParseDate(name); err == nil {
				runID, asOf = "", name
			}
			r, err := a.openRun(runID, asOf)
			if err != nil {
				return nil, err
			}
			return query.Open(ctx, r, a.cfg.engine())
		},
		Runs: a.printRuns,
		Sink: a.sqlSink,
		File: a.answerFile,

		Progress: a.elapsed,
	}
}

// sqlSink returns what takes an answer: the forms of text, or a workbook that
// also says what was asked.
func (a *app) sqlSink(r *run.Run, format, statement string, out io.Writer, width int) (query.Sink, error) {
	if format != query.XLSX {
		return query.Text(format, out, width), nil
	}
	day, err := credit.ParseDate(r.Manifest.AsOf)
	if err != nil {
		return nil, err
	}
	return workbook.NewAnswer(out, "查询结果", day, [][2]string{
		{"运行", r.ID}, {"数据日", r.Manifest.AsOf}, {"规则集", r.Manifest.RuleSet}, {"用途", a.purpose}, {"查询", statement},
	})
}

// answerFile makes a file of an answer: whole or not at all, for its owner only,
// and never in the warehouse. One that stands there is replaced.
func (a *app) answerFile(path string, write func(io.Writer) error) error {
	if err := a.outside(path); err != nil {
		return err
	}
	return store.Write(path, 0o600, write)
}

// outside refuses a place below the warehouse or its keys.
func (a *app) outside(path string) error {
	place, err := realPath(path)
	if err != nil {
		return err
	}
	for _, dir := range []string{a.cfg.Home, a.cfg.keysDir()} {
		home, err := realPath(dir)
		if err != nil {
			return err
		}
		if rel, err := filepath.Rel(home, place); err == nil && filepath.IsLocal(rel) {
			return fmt.Errorf("%w: %s lies in %s: name a place outside", errUsage, path, dir)
		}
	}
	return nil
}

// printRuns lists the runs that can be opened, by day.
func (a *app) printRuns(w io.Writer) error {
	lines, err := a.runLines(context.Background(), credit.DateOf(a.now()))
	if err != nil {
		return err
	}
	rows := [][]string{{"run", "as of", "state", "made on"}}
	for _, l := range lines {
		if !slices.Contains([]string{stateUnfinished, stateFaulty, "challenger"}, l.State) {
			rows = append(rows, []string{l.RunID, l.AsOf, l.State, l.MadeOn})
		}
	}
	printAligned(w, rows)
	return nil
}

// width is that of the terminal that is printed to, 0 for none.
func (a *app) width() int {
	if f, ok := a.out.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil {
			return n
		}
	}
	return 0
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
