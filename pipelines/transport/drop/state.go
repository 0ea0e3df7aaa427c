package drop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"rongxin/internal/credit"
	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/folder"
	"rongxin/pipelines/transport/note"
)

// state is what the receiver says it holds of a table.
type state struct {
	note.Head
	Table  string    `json:"table"`
	At     string    `json:"at"`
	Count  *int      `json:"count"`
	Digest string    `json:"state_digest"`
	Keys   *keysFile `json:"keys"`
}

// keysFile lists the records.
type keysFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

const (
	stateKind   = "state"
	stateEnd    = ".state.json"
	keysEnd     = ".keys"
	maxKeysFile = 8 << 30
	maxKeysLine = 1024
)

// Holdings reads the state of a table.
func (d *Drop) Holdings(ctx context.Context, table string) (publish.Holdings, error) {
	s, at, err := d.state(ctx, table)
	if err != nil {
		return publish.Holdings{}, err
	}
	return publish.Holdings{Count: *s.Count, Digest: s.Digest, At: at}, nil
}

func (d *Drop) state(ctx context.Context, table string) (s state, at time.Time, err error) {
	if !tableForm.MatchString(table) {
		return s, at, fmt.Errorf("%.80q is not the name of a table", table)
	}
	name := table + stateEnd
	text, err := folder.Read(ctx, d.Return, name, note.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return s, at, publish.ErrCannotAsk
	}
	if err == nil {
		s, at, err = readState(table, d.Receiver, text, d.verify)
	}
	if err != nil {
		return s, at, Sorted(fmt.Errorf("%s: %s: %w", d.Return, name, err))
	}
	return s, at, nil
}

func (d *Drop) verify(n note.Note) error { return n.Verify(d.Keys) }

func readState(table, receiver string, text []byte, verify func(note.Note) error) (s state, at time.Time, err error) {
	n, err := note.Decode(text, &s)
	if err == nil {
		err = verify(n)
	}
	if err == nil {
		err = s.Head.Check(stateKind, receiver)
	}
	if err != nil {
		return s, at, err
	}
	at, timeErr := time.ParseInLocation("2006-01-02 15:04:05", s.At, credit.ChinaTime)
	switch {
	case s.Table != table:
		return s, at, fmt.Errorf("table is %.80q, want %s", s.Table, table)
	case timeErr != nil:
		return s, at, fmt.Errorf("at is %.40q, want a time such as 2026-04-01 03:00:00", s.At)
	case s.Count == nil || *s.Count < 0:
		return s, at, errors.New("count is missing or negative")
	case !keyForm.MatchString(s.Digest):
		return s, at, errors.New("state_digest: want 64 hex digits")
	case s.Keys != nil && (!strings.HasSuffix(s.Keys.Name, keysEnd) || len(s.Keys.Name) > maxName || s.Keys.Bytes < 0 || s.Keys.Bytes > maxKeysFile || !keyForm.MatchString(s.Keys.SHA256)):
		return s, at, fmt.Errorf("keys: want a name that ends in %s, at most %d GB, and a SHA-256", keysEnd, int64(maxKeysFile)>>30)
	}
	return s, at, nil
}

// Held reads on in the list of keys of a table. The whole list is checked
// against its digest when it is begun.
func (d *Drop) Held(ctx context.Context, table, after string, limit int) (records []publish.HeldRecord, more bool, err error) {
	s, _, err := d.state(ctx, table)
	if err != nil {
		return nil, false, err
	}
	if s.Keys == nil {
		return nil, false, publish.ErrCannotAsk
	}
	err = d.Return.View(ctx, s.Keys.Name, func(f folder.File, content io.ReaderAt) error {
		if f.Size != s.Keys.Bytes {
			return fmt.Errorf("%d bytes, its state says %d", f.Size, s.Keys.Bytes)
		}
		list := keysList{io.NewSectionReader(content, 0, f.Size)}
		if after == "" {
			if err := list.check(s.Keys.SHA256); err != nil {
				return err
			}
		}
		records, more, err = list.page(after, limit)
		return err
	})
	if err != nil {
		return nil, false, Sorted(fmt.Errorf("%s: %s, which is named by the state of %s: %w", d.Return, s.Keys.Name, table, err))
	}
	return records, more, nil
}
