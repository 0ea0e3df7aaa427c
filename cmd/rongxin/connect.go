package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/warehouse/query/views"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

// Forms of what connect makes, by the ends of names.
const (
	endOfDuckDB = ".duckdb"
	endOfSQL    = ".sql"
)

func (a *app) connectCmd() *cobra.Command {
	var runID, asOf, out string
	var replace bool
	cmd := &cobra.Command{
		Use:   "connect",
		Short: "Make a small DuckDB file of views, so that other tools open a published run",
		Long: `Makes a DuckDB file, or a script of SQL for the start of a session, with a view
schema.table for each table of the run, the fx_ functions, and a view rongxin that
says which run it is. It holds no rows and is readable by its owner only. DuckDB's
shell, DBeaver, Python and R open it: the file with DuckDB 1.0 and newer, the script
with 1.2 and newer.

It stays with its run: after the next is published, make another. The files of the
run are held against their digests once, now. The making is registered; what is
asked through it is not, so whoever runs the queries keeps a register of them.`,
		Example: `  rongxin connect --out credit.duckdb --purpose 年度分析
  rongxin connect --out credit.sql --as-of 2026-06-30`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.outside(out); err != nil {
				return err
			}
			r, err := a.openRun(runID, asOf)
			if err != nil {
				return err
			}
			return a.connect(cmd.Context(), r, out, replace)
		},
	}
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "the file to make, which ends with .duckdb or .sql")
	f.BoolVar(&replace, "replace", false, "replace the file that stands there")
	f.StringVar(&runID, "run", "", "an earlier run (default: the published one)")
	f.StringVar(&asOf, "as-of", "", "the run that spoke for this day")
	_ = cmd.MarkFlagRequired("out")
	a.purposeFlag(cmd)
	return cmd
}

// connected is what connect made.
type connected struct {
	File   string `json:"file"`
	RunID  string `json:"run_id"`
	AsOf   string `json:"as_of"`
	Tables int    `json:"tables"`
}

func (a *app) connect(ctx context.Context, r *run.Run, out string, replace bool) error {
	var write func(io.Writer) error
	switch filepath.Ext(out) {
	case endOfDuckDB:
		if schema := strings.TrimSuffix(filepath.Base(out), endOfDuckDB); hasSchema(r, schema) {
			return fmt.Errorf("%w: --out %s: the file's name is that of the catalogue, and %s is a schema in it, so that %s.TABLE would say two things: take another name", errUsage, out, schema, schema)
		}
		write = func(w io.Writer) error { return views.WriteFile(ctx, w, r, a.cfg.engine()) }
	case endOfSQL:
		write = func(w io.Writer) error { return views.WriteSQL(w, r) }
	default:
		return fmt.Errorf("%w: --out %s: name a file that ends with %s or %s", errUsage, out, endOfDuckDB, endOfSQL)
	}
	if err := r.Check(); err != nil {
		return err
	}
	if err := a.register(ctx, "connect", r.ID, "", map[string]string{"file": out}); err != nil {
		return err
	}
	put := store.Create
	if replace {
		put = store.Write
	}
	if err := put(out, 0o600, write); errors.Is(err, store.ErrExists) {
		return fmt.Errorf("%w: %w: take another name, or --replace, which removes what you have added to it", errUsage, err)
	} else if err != nil {
		return err
	}
	made := connected{File: out, RunID: r.ID, AsOf: r.Manifest.AsOf, Tables: len(r.Manifest.Tables)}
	return a.finish(made, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %d views of run %s, as of %s; what is asked through them stands in no register here\n", out, made.Tables, made.RunID, made.AsOf)
	})
}

// hasSchema says whether a table of the run stands in a schema of this name, which
// to the engine is the same in capitals.
func hasSchema(r *run.Run, name string) bool {
	return slices.ContainsFunc(r.Manifest.Tables, func(t run.TableEntry) bool {
		schema, _, _ := strings.Cut(t.Name, ".")
		return strings.EqualFold(schema, name)
	})
}
