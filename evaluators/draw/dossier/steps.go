package dossier

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"rongxin/warehouse/store"
)

// A Stamp says when and by whom a step was taken.
type Stamp struct {
	At string `json:"at"` // RFC 3339, UTC, to the second
	By string `json:"by"`
}

// NewStamp is the stamp of a moment.
func NewStamp(at time.Time, by string) Stamp { return Stamp{at.UTC().Format(time.RFC3339), by} }

// beijing is the time as officials read it.
func (s Stamp) beijing() string {
	at, err := time.Parse(time.RFC3339, s.At)
	if err != nil {
		return s.At
	}
	return at.In(time.FixedZone("", 8*60*60)).Format("2006年1月2日15:04:05（北京时间）")
}

func (s Stamp) check() error {
	at, err := time.Parse(time.RFC3339, s.At)
	if err != nil || NewStamp(at, "").At != s.At {
		return fmt.Errorf("at %q is no time such as 2026-06-30T01:02:03Z", s.At)
	}
	if s.By == "" {
		return errors.New("by is empty")
	}
	return nil
}

func inOrder(what string, before, after Stamp) error {
	if err := after.check(); err != nil {
		return fmt.Errorf("%s: %w: %w", what, ErrAltered, err)
	}
	if strings.Compare(before.At, after.At) > 0 {
		return fmt.Errorf("%s: %w: taken at %s, before the step before it at %s", what, ErrAltered, after.At, before.At)
	}
	return nil
}

// An Event is a step as it enters the audit chain.
type Event struct {
	DrawID, RunID string
	File, SHA256  string // what closes the step
}

// A Recorder enters a step into the audit chain. It is called before the file
// exists; without its entry there is no file.
type Recorder func(Event) error

func encode(step any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(step)
	return out.Bytes(), err
}

// create records a step of a plan and writes its file, which must not be there.
func (p Plan) create(dir, name string, step any, record Recorder) (digest string, err error) {
	data, err := encode(step)
	if err != nil {
		return "", err
	}
	digest = digestOf(data)
	if err := record(Event{p.DrawID, p.RunID, name, digest}); err != nil {
		return "", err
	}
	err = store.Create(filepath.Join(dir, name), 0o644, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if errors.Is(err, store.ErrExists) {
		err = fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return digest, err
}
