// Package shell is where analysts sit: it reads statements and commands line by
// line, from a terminal or a file, asks a session and puts the answers on the
// screen or into files.
package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/query"
	"rongxin/warehouse/run"
)

// Lines gives one line after another. The error is io.EOF at the end, and
// ErrAbandoned when the person gave up what was begun.
type Lines interface {
	Line(prompt string) (string, error)
}

// ErrAbandoned is returned for a line that was left with Ctrl-C.
var ErrAbandoned = errors.New("abandoned")

// A Shell answers what Lines ask. With Stop set the first mistake ends it: where
// nobody sits at it, what follows a mistake is not asked.
type Shell struct {
	*query.Session
	Out, Err io.Writer
	Format   string
	Width    func() int // of the terminal; 0 for none
	Stop     bool
	Now      func() time.Time
	Hooks

	timing  bool
	file    string // where the next answer goes; "" for Out
	pending string // what was read of a statement
}

// Hooks are what a shell asks of the program around it.
type Hooks struct {
	Register func(ctx context.Context, run, statement, file string) error                             // before each answer
	Open     func(ctx context.Context, name string) (*query.Session, error)                           // another run, by its name or a day
	Runs     func(w io.Writer) error                                                                  // prints the runs there are
	Sink     func(r *run.Run, format, statement string, out io.Writer, width int) (query.Sink, error) // of every form but Parquet
	File     func(path string, write func(io.Writer) error) error                                     // makes a file of an answer
	Progress func() (done func())                                                                     // while a statement runs; done may be called twice
	Cancel   func(context.Context) (context.Context, context.CancelFunc)                              // the context that a person ends; nil for none
	Keep     func(statement string)                                                                   // in the history
}

// Loop reads until the end, \q, or the first mistake where Stop is set.
func (s *Shell) Loop(ctx context.Context, lines Lines) error {
	for {
		prompt := "rongxin> "
		if s.pending != "" {
			prompt = "    ...> "
		}
		line, err := lines.Line(prompt)
		switch {
		case errors.Is(err, ErrAbandoned):
			s.pending = ""
			continue
		case errors.Is(err, io.EOF):
			if query.Blank(s.pending) {
				return nil
			}
			return s.answer(ctx, s.pending)
		case err != nil:
			return err
		}
		if command := strings.TrimSpace(line); s.pending == "" && strings.HasPrefix(command, `\`) {
			s.keep(command)
			if command == `\q` {
				return nil
			}
			if err := s.mistake(s.Command(ctx, command)); err != nil {
				return err
			}
			continue
		}
		for s.pending += line + "\n"; ; {
			statement, rest, whole := query.Next(s.pending)
			if !whole {
				break
			}
			s.pending = rest
			if query.Blank(statement) {
				continue
			}
			s.keep(query.OneLine(statement) + ";")
			if err := s.mistake(s.answer(ctx, statement)); err != nil {
				return err
			}
		}
		if query.Blank(s.pending) {
			s.pending = ""
		}
	}
}

func (s *Shell) keep(line string) {
	if s.Keep != nil {
		s.Keep(line)
	}
}

// mistake shows an error and goes on, or returns it where that ends the shell.
func (s *Shell) mistake(err error) error {
	if err != nil && !s.Stop {
		fmt.Fprintln(s.Err, err)
		return nil
	}
	return err
}

// answer is Answer that a person may cancel.
func (s *Shell) answer(ctx context.Context, statement string) error {
	if s.Cancel == nil {
		_, err := s.Answer(ctx, statement)
		return err
	}
	ctx, stop := s.Cancel(ctx)
	defer stop()
	_, err := s.Answer(ctx, statement)
	if err != nil && ctx.Err() != nil {
		return errors.New("cancelled")
	}
	return err
}

// Answer registers a statement, asks it and gives the answer out. It returns the
// number of rows.
func (s *Shell) Answer(ctx context.Context, statement string) (rows int64, err error) {
	file, format := s.file, s.Format
	s.file = ""
	if file != "" {
		format = FormatOf(file, format)
	}
	if err := s.Register(context.WithoutCancel(ctx), s.Run.ID, statement, file); err != nil {
		return 0, err
	}
	begun := s.Now()
	if file == "" {
		rows, err = s.write(ctx, statement, format, s.Out, s.Width())
	} else {
		err = s.File(file, func(out io.Writer) (err error) { rows, err = s.write(ctx, statement, format, out, 0); return err })
	}
	if err != nil {
		return rows, err
	}
	if file != "" {
		fmt.Fprintf(s.Err, "%s: %s, %d rows\n", file, format, rows)
	} else if format == query.Table || format == query.Records {
		fmt.Fprintf(s.Out, "(%d rows)\n", rows)
	}
	if s.timing {
		fmt.Fprintf(s.Err, "%.3f s\n", s.Now().Sub(begun).Seconds())
	}
	return rows, nil
}

func (s *Shell) write(ctx context.Context, statement, format string, out io.Writer, width int) (int64, error) {
	done := func() {}
	if s.Progress != nil {
		done = s.Progress()
		defer done()
	}
	if format == query.Parquet {
		return s.AskParquet(ctx, statement, out)
	}
	sink, err := s.Sink(s.Run, format, statement, out, width)
	if err != nil {
		return 0, err
	}
	if c, ok := sink.(io.Closer); ok {
		defer c.Close()
	}
	return s.Ask(ctx, statement, begins{sink, done})
}

// begins tells that there is an answer before it is shown.
type begins struct {
	query.Sink
	done func()
}

func (b begins) Begin(columns []landing.Column) error {
	b.done()
	return b.Sink.Begin(columns)
}
