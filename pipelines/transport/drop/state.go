package drop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

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

// keysList is a text of lines ascending by key.
type keysList struct{ *io.SectionReader }

func (l keysList) check(want string) error {
	hash := sha256.New()
	if _, err := io.CopyBuffer(hash, io.NewSectionReader(l, 0, l.Size()), make([]byte, 1<<20)); err != nil {
		return err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != want {
		return fmt.Errorf("its SHA-256 is %s, its state says %s", got, want)
	}
	return nil
}

// page returns at most limit records with keys greater than after. Where they
// begin is found by halving.
func (l keysList) page(after string, limit int) (records []publish.HeldRecord, more bool, err error) {
	low, high := int64(0), l.Size() // the first record wanted begins in [low, high]
	for after != "" && high-low > 64*maxKeysLine {
		start, err := l.lineFrom(low + (high-low)/2)
		if err != nil {
			return nil, false, err
		}
		record, _, err := l.line(start)
		if err != nil {
			return nil, false, err
		}
		if record.Key > after {
			high = start
		} else {
			low = start
		}
	}
	lines := lineReader{list: l, at: low}
	last := ""
	for !lines.ended() {
		record, err := lines.next()
		if err != nil {
			return nil, false, err
		}
		if record.Key <= last {
			return nil, false, fmt.Errorf("cd_id %q follows %q: want ascending keys", record.Key, last)
		}
		last = record.Key
		if record.Key <= after {
			continue
		}
		if len(records) == limit {
			return records, true, nil
		}
		records = append(records, record)
	}
	return records, false, nil
}

// lineFrom is where the first line begins behind at.
func (l keysList) lineFrom(at int64) (int64, error) {
	piece := make([]byte, maxKeysLine)
	n, err := l.ReadAt(piece, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	end := bytes.IndexByte(piece[:n], '\n')
	if end < 0 {
		return 0, fmt.Errorf("byte %d: a line of more than %d bytes", at, maxKeysLine)
	}
	return at + int64(end) + 1, nil
}

// line reads the record that begins at a place, and tells its length there.
func (l keysList) line(at int64) (r publish.HeldRecord, length int, err error) {
	piece := make([]byte, maxKeysLine)
	n, err := l.ReadAt(piece, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return r, 0, err
	}
	return readLine(piece[:n], at)
}

var keysLine = regexp.MustCompile(`^([0-9a-f]{64}) ([^\x00-\x1f\x7f]{1,200})$`)

// readLine reads the record at the beginning of text.
func readLine(text []byte, at int64) (r publish.HeldRecord, length int, err error) {
	line, _, whole := bytes.Cut(text[:min(len(text), maxKeysLine)], []byte("\n"))
	found := keysLine.FindSubmatch(line)
	if !whole || found == nil || !utf8.Valid(line) {
		return r, 0, fmt.Errorf("byte %d: want a line of 64 hex digits, a blank and cd_id", at)
	}
	return publish.HeldRecord{Digest: string(found[1]), Key: string(found[2])}, len(line) + 1, nil
}

// lineReader reads line by line, a good piece at once.
type lineReader struct {
	list keysList
	at   int64 // of the next line
	text []byte
}

func (r *lineReader) ended() bool { return r.at >= r.list.Size() }

func (r *lineReader) next() (publish.HeldRecord, error) {
	if bytes.IndexByte(r.text, '\n') < 0 {
		piece := make([]byte, 256<<10)
		n, err := r.list.ReadAt(piece, r.at)
		if err != nil && !errors.Is(err, io.EOF) {
			return publish.HeldRecord{}, err
		}
		r.text = piece[:n]
	}
	record, length, err := readLine(r.text, r.at)
	r.text = r.text[min(length, len(r.text)):]
	r.at += int64(length)
	return record, err
}
