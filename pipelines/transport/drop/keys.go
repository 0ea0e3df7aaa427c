package drop

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"

	"rongxin/pipelines/publish"
)

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
