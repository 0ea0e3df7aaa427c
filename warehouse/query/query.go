// Package query answers questions that analysts ask of a published run in SQL of
// their own. A session reads the run's files and nothing else, changes nothing,
// and holds no lock, so that it neither disturbs a pipeline nor is disturbed by
// one. Two things keep it so, each alone: the gate lets one reading statement
// through, and the engine is locked before the first one.
package query

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/run"
)

// A Session is one engine on one run. It is for one goroutine at a time.
type Session struct {
	Run     *run.Run
	db      *engine.DB
	staging string          // a folder of its own, for Parquet on its way out
	checked map[string]bool // tables whose files were held against their digests
}

// Open shows all tables of a run and locks the engine. The files of a table are
// held against their digests before it is first read.
func Open(ctx context.Context, r *run.Run, cfg engine.Config) (*Session, error) {
	db, err := engine.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s := &Session{Run: r, db: db, checked: map[string]bool{}}
	if s.staging, err = os.MkdirTemp("", "rongxin-query-"); err == nil {
		err = s.show(ctx)
	}
	if err == nil {
		err = db.Lock(ctx, r.Dir, s.staging)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// show makes the views. A table whose files are damaged has none: who asks for it
// is told of its digest, the others can be read.
func (s *Session) show(ctx context.Context) error {
	for _, t := range s.Run.Manifest.Tables {
		if err := s.Run.Show(ctx, s.db, t.Name); err != nil && s.Run.Check(t.Name) == nil {
			return err
		}
	}
	return nil
}

// Close ends the engine and removes what it left on its way out.
func (s *Session) Close() error {
	err := s.db.Close()
	if s.staging != "" {
		err = errors.Join(err, os.RemoveAll(s.staging))
	}
	return err
}

// A Sink takes an answer: its columns, each row, and the end. Values are as the
// driver gives them; engine.Text shows any.
type Sink interface {
	Begin(columns []landing.Column) error
	Row(values []any) error
	End() error
}

// Ask answers one reading statement and returns the number of rows. When the
// context ends, so does the statement.
func (s *Session) Ask(ctx context.Context, statement string, sink Sink) (n int64, err error) {
	statement, err = s.admit(ctx, statement)
	if err != nil {
		return 0, err
	}
	rows, err := s.db.Query(ctx, statement)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return 0, err
	}
	columns, values, targets := make([]landing.Column, len(types)), make([]any, len(types)), make([]any, len(types))
	for i, t := range types {
		columns[i] = landing.Column{Name: t.Name(), Type: t.DatabaseTypeName()}
		targets[i] = &values[i]
	}
	if err := sink.Begin(columns); err != nil {
		return 0, err
	}
	for ; rows.Next(); n++ {
		if err := rows.Scan(targets...); err != nil {
			return n, err
		}
		if err := sink.Row(values); err != nil {
			return n, err
		}
	}
	if err := rows.Err(); err != nil {
		return n, err
	}
	return n, sink.End()
}

// AskParquet writes the answer to one reading statement as a Parquet file, with
// the types it has.
func (s *Session) AskParquet(ctx context.Context, statement string, out io.Writer) (n int64, err error) {
	statement, err = s.admit(ctx, statement)
	if err != nil {
		return 0, err
	}
	path := filepath.Join(s.staging, "answer.parquet")
	defer os.Remove(path)
	if err := s.db.Export(ctx, "select * from ("+statement+"\n)", path); err != nil {
		return 0, err
	}
	if err := s.db.QueryRow(ctx, "select num_rows from parquet_file_metadata("+engine.Quote(path)+")").Scan(&n); err != nil {
		return 0, err
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	_, err = io.Copy(out, f)
	return n, err
}

// Describe returns a table of the run and what its model says of it.
func (s *Session) Describe(name string) (t run.TableEntry, description string, err error) {
	t, ok := s.Run.Manifest.Table(name)
	if !ok {
		return t, "", fmt.Errorf("no table %s; \\d lists them", name)
	}
	descriptions, err := s.Run.Descriptions()
	return t, descriptions[name], err
}
