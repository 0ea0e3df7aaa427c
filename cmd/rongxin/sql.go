package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/run"
)

func (a *app) sqlCmd() *cobra.Command {
	var runID, asOf, format string
	cmd := &cobra.Command{
		Use:   "sql [QUERY]",
		Short: "Query a published run, once or interactively; read only",
		Long: `Opens a run's tables as views schema.table. Without QUERY it reads statements
from the terminal or from standard input, each ending with a semicolon. The run
never changes: a query cannot disturb a pipeline nor be disturbed by one.

--format json prints one object a row; --json adds one at the end with the count.

  \d         lists the tables    \d TABLE   lists its columns    \q   leaves

Each query is registered before its answer: who, when, which run, what for.`,
		Example: `  rongxin sql "select supervision_class, count(*) from overlay.subject_classes group by 1 order by 1"
  rongxin sql --format csv "select * from lists.supervision limit 10" > sample.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.json {
				format = "json"
			}
			if !strings.Contains(" table csv json ", " "+format+" ") {
				return fmt.Errorf("%w: --format is table, csv or json, not %q", errUsage, format)
			}
			s, err := a.openShell(cmd.Context(), runID, asOf, format)
			if err != nil {
				return err
			}
			defer s.db.Close()
			if len(args) == 0 {
				return s.interact(cmd.Context())
			}
			if strings.HasPrefix(args[0], `\`) {
				s.describe(args[0])
				return nil
			}
			return s.query(cmd.Context(), args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&runID, "run", "", "an earlier run (default: the published one)")
	f.StringVar(&asOf, "as-of", "", "the run that spoke for this day")
	f.StringVar(&format, "format", "table", "table, csv or json")
	a.purposeFlag(cmd)
	return cmd
}

// shell is one session on one run.
type shell struct {
	*app
	db     *engine.DB
	run    *run.Run
	format string
}

// openShell attaches the run and then locks the engine: no file can be read or
// written by a statement, and no setting changed.
func (a *app) openShell(ctx context.Context, runID, asOf, format string) (*shell, error) {
	r, err := a.openRun(runID, asOf)
	if err != nil {
		return nil, err
	}
	db, err := a.attach(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := db.Lock(ctx, r.Dir); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &shell{app: a, db: db, run: r, format: format}, nil
}

func (s *shell) query(ctx context.Context, text string) error {
	if err := s.register(ctx, "sql", s.run.ID, "", map[string]string{"query": text}); err != nil {
		return err
	}
	if err := s.readsOnly(ctx, text); err != nil {
		return err
	}
	rows, err := s.db.Query(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	write, flush := s.writer(columns)
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	n := 0
	for ; rows.Next(); n++ {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if err := write(values); err != nil {
			return err
		}
	}
	if err := flush(); err != nil {
		return err
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if s.json { // --json ends with one object of its own, also when there are no rows
		return json.NewEncoder(s.out).Encode(map[string]any{"run_id": s.run.ID, "rows": n})
	}
	if s.format == "table" {
		fmt.Fprintf(s.out, "(%d rows)\n", n)
	}
	return nil
}

// readsOnly refuses all but one reading statement: SELECT, VALUES, DESCRIBE,
// SHOW or SUMMARIZE. The lock of the engine keeps a statement off every file
// outside the run's directory; this keeps it from writing inside.
func (s *shell) readsOnly(ctx context.Context, text string) error {
	var fault, message string
	var statements int64
	err := s.db.QueryRow(ctx, `
		select coalesce(tree ->> 'error_type', ''), coalesce(tree ->> 'error_message', ''),
			coalesce(json_array_length(tree, '$.statements'), 0)
		from (select json_serialize_sql(cast(? as varchar)) as tree)`, text).Scan(&fault, &message, &statements)
	switch {
	case err != nil:
		return err
	case fault == "not implemented": // the engine can write down reading statements only
		return fmt.Errorf("%w: only SELECT, VALUES, DESCRIBE, SHOW and SUMMARIZE: a run never changes", errUsage)
	case fault != "":
		return fmt.Errorf("query: %s", message)
	case statements != 1:
		return fmt.Errorf("%w: %d statements at once: give one, or each on lines of its own to standard input", errUsage, statements)
	}
	return nil
}

// writer returns how a row is printed and how the output ends.
func (s *shell) writer(columns []string) (write func([]any) error, flush func() error) {
	switch s.format {
	case "json":
		enc := json.NewEncoder(s.out)
		enc.SetEscapeHTML(false)
		return func(values []any) error {
			object := make(map[string]any, len(columns))
			for i, c := range columns {
				object[c] = jsonValue(values[i])
			}
			return enc.Encode(object)
		}, func() error { return nil }
	case "csv":
		w := csv.NewWriter(s.out)
		return s.textRows(columns, w.Write), func() error { w.Flush(); return w.Error() }
	default:
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		line := func(cells []string) error {
			_, err := fmt.Fprintln(w, strings.Join(cells, "\t"))
			return err
		}
		return s.textRows(columns, line), w.Flush
	}
}

// textRows prints the header and then each row as text.
func (s *shell) textRows(columns []string, line func([]string) error) func([]any) error {
	headed := line(columns)
	return func(values []any) error {
		if headed != nil {
			return headed
		}
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = engine.Text(v)
		}
		return line(cells)
	}
}

// jsonValue keeps numbers and booleans and shows the rest as the engine does.
func jsonValue(v any) any {
	switch v := v.(type) {
	case nil, bool, int16, int32, int64, float64, string:
		return v
	default:
		return engine.Text(v)
	}
}

func (s *shell) interact(ctx context.Context) error {
	terminal := false
	if f, ok := s.in.(*os.File); ok {
		terminal = term.IsTerminal(int(f.Fd()))
	}
	prompt := func(text string) {
		if terminal {
			fmt.Fprint(s.out, text)
		}
	}
	if terminal {
		fmt.Fprintf(s.out, "run %s, as of %s; \\d lists tables, \\q leaves\n", s.run.ID, s.run.Manifest.AsOf)
	}
	prompt("rongxin> ")
	var pending strings.Builder
	lines := bufio.NewScanner(s.in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if pending.Len() == 0 && strings.HasPrefix(line, `\`) {
			if line == `\q` {
				return nil
			}
			s.describe(line)
			prompt("rongxin> ")
			continue
		}
		pending.WriteString(lines.Text() + "\n")
		if !strings.HasSuffix(line, ";") {
			if strings.TrimSpace(pending.String()) == "" {
				pending.Reset()
			}
			prompt("    ...> ")
			continue
		}
		if err := s.query(ctx, pending.String()); err != nil {
			if !terminal {
				return err
			}
			fmt.Fprintln(s.err, err)
		}
		pending.Reset()
		prompt("rongxin> ")
	}
	if strings.TrimSpace(pending.String()) != "" {
		return s.query(ctx, pending.String())
	}
	return lines.Err()
}

func (s *shell) describe(command string) {
	name, ok := strings.CutPrefix(command, `\d`)
	if !ok {
		fmt.Fprintln(s.err, `commands: \d, \d TABLE, \q`)
		return
	}
	if name = strings.TrimSpace(name); name == "" {
		for _, t := range s.run.Manifest.Tables {
			fmt.Fprintf(s.out, "%-40s %9d rows\n", t.Name, t.Rows)
		}
		return
	}
	entry, ok := s.run.Manifest.Table(name)
	if !ok {
		fmt.Fprintf(s.err, "no table %s; \\d lists them\n", name)
		return
	}
	for _, c := range entry.Columns {
		fmt.Fprintf(s.out, "%-30s %s\n", c.Name, c.Type)
	}
}
