package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// A message is what the process that judges tells the one that landed: how far
// it is, and at last what it found. One JSON object a line.
type message struct {
	Rows, Bytes int64 // judged since the last message
	Outcome     *outcome
	Refusal     *Refusal
	Error       string // of this machine
}

// ServeChild does one task that another process hands over: it is the whole
// life of a process started as [Config.Child]. It reads the task from in, sets
// itself limits, and only then opens what a department sent. It ends with its
// parent: in is then closed. The error is of the exchange alone; everything else
// goes to out.
func ServeChild(in io.Reader, out io.Writer) error {
	dec := json.NewDecoder(in)
	var t task
	if err := dec.Decode(&t); err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ, syscall.SIGPIPE) // writes then fail, which is told
	if err := limitsOf(&t).impose(); err != nil {
		return err
	}
	go func() {
		io.Copy(io.Discard, in)
		os.Exit(1)
	}()
	enc, blocks := json.NewEncoder(out), 0
	found, err := t.do(context.Background(), func(rows, bytes int64) {
		if blocks++; blocks == startBlocks {
			debug.SetGCPercent(steadyGrowth)
		}
		if err := enc.Encode(message{Rows: rows, Bytes: bytes}); err != nil {
			os.Exit(1) // nobody listens
		}
	})
	last := message{Outcome: &found}
	switch {
	case err == nil || errors.As(err, &last.Refusal):
	case errors.Is(err, syscall.EFBIG):
		last.Refusal = t.refuse(stopped(LimitOutput))
	default:
		last.Error = err.Error()
	}
	return enc.Encode(last)
}
