package shell

import (
	"errors"
	"io"

	"github.com/peterh/liner"
)

// A Terminal is the line editor on the terminal of this process. It must be
// closed, or the terminal stays as the editor needs it.
type Terminal struct {
	state   *liner.State
	history *History
	ended   <-chan struct{}
}

// NewTerminal opens the editor, with completion for s. What ends the channel
// ends the input.
func NewTerminal(s *Shell, h *History, ended <-chan struct{}) *Terminal {
	t := &Terminal{state: liner.NewLiner(), history: h, ended: ended}
	t.state.SetCtrlCAborts(true)
	t.state.SetMultiLineMode(true)
	t.state.SetTabCompletionStyle(liner.TabPrints)
	t.state.SetWordCompleter(s.complete)
	for _, line := range h.lines {
		t.state.AppendHistory(line)
	}
	return t
}

// Line reads one line. Ctrl-C gives up what was begun, Ctrl-D on an empty line
// is the end.
func (t *Terminal) Line(prompt string) (string, error) {
	type read struct {
		line string
		err  error
	}
	done := make(chan read, 1)
	go func() {
		line, err := t.state.Prompt(prompt)
		done <- read{line, err}
	}()
	select {
	case r := <-done:
		if errors.Is(r.err, liner.ErrPromptAborted) {
			return "", ErrAbandoned
		}
		return r.line, r.err
	case <-t.ended:
		return "", io.EOF
	}
}

// Keep adds a line to the history.
func (t *Terminal) Keep(line string) error {
	t.state.AppendHistory(line)
	return t.history.Add(line)
}

// Close gives the terminal back as it was.
func (t *Terminal) Close() error { return errors.Join(t.state.Close(), t.history.Close()) }
