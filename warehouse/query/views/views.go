// Package views makes a small file that shows a run's tables to other tools of
// DuckDB: its shell, DBeaver, Python, R. It holds no row, only where the rows
// are; it stays with its one run whatever is published after it.
package views

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/run"
)

// storageVersion is the oldest layout of DuckDB's files that the engine writes:
// every release from 1.0 on opens it.
const storageVersion = "v1.0.0"

// Note is the view that says what the file shows.
const Note = "rongxin"

// WriteSQL writes the views as statements, for the start of a session.
func WriteSQL(out io.Writer, r *run.Run) error {
	list, err := statements(r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `-- 榕信: run %s, as of %s. These views stay with this run; make them again after the next is published.
-- What is asked through them stands in no register: whoever runs the queries keeps one.
%s%s`, r.ID, r.Manifest.AsOf, engine.Functions(), strings.Join(list, ""))
	return err
}

// WriteFile writes the views as a DuckDB file.
func WriteFile(ctx context.Context, out io.Writer, r *run.Run, cfg engine.Config) (err error) {
	list, err := statements(r)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "rongxin-views-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "views.duckdb")
	db, err := engine.Open(ctx, cfg)
	if err != nil {
		return err
	}
	attach := fmt.Sprintf("attach %s as made (storage_version %s); use made;\n", engine.Quote(path), engine.Quote(storageVersion))
	err = db.Exec(ctx, attach+engine.Functions()+strings.Join(list, "")+"use memory; detach made;")
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("views of run %s: %w", r.ID, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(out, f)
	return err
}

// statements make a view of each table, with what its model says of it, and the
// note.
func statements(r *run.Run) ([]string, error) {
	descriptions, err := r.Descriptions()
	if err != nil {
		return nil, err
	}
	place, err := filepath.Abs(r.Dir)
	if err != nil {
		return nil, err
	}
	at := &run.Run{ID: r.ID, Dir: place}
	var list []string
	for _, t := range r.Manifest.Tables {
		schema, _, _ := strings.Cut(t.Name, ".")
		list = append(list, fmt.Sprintf("create schema if not exists %s;\ncreate or replace view %s as %s;\n", engine.Ident(schema), engine.Table(t.Name), at.Query(t)))
		if d := descriptions[t.Name]; d != "" {
			list = append(list, fmt.Sprintf("comment on view %s is %s;\n", engine.Table(t.Name), engine.Quote(d)))
		}
	}
	return append(list, fmt.Sprintf("create or replace view main.%s as select %s as run_id, date %s as as_of, %s as rule_set, %s as engine, %s as note;\n", Note,
		engine.Quote(r.ID), engine.Quote(r.Manifest.AsOf), engine.Quote(r.Manifest.RuleSet), engine.Quote(r.Manifest.Engine),
		engine.Quote("the views stay with this run; what is asked through them stands in no register"))), nil
}
